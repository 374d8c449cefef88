"""Somebody's own posts, by account or by post key, and what was decided about them."""

from collections.abc import Iterable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.models import User
from discussion import authors
from discussion.forms import AppealForm, KeyForm
from discussion.models import Post, PostKey
from discussion.moderation import CRISIS
from mfr_site.http import SeeOther
from mfr_site.limits import allow
from mfr_site.network import net

from .finding import own_post, private, rights

# More is found through search, the profile and the discussions themselves.
LENGTH = 200
UNKNOWN = "We know no such post key. Please look at each word again."


@require_http_methods(["GET", "HEAD", "POST"])
@private
@sensitive_post_parameters("key")
def manage(request: HttpRequest) -> HttpResponse:
    """The list; or, without an account and a key, the form that asks for the key."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        return _open(request, form)
    return _show(request, form)


@require_POST
@private
def close(request: HttpRequest) -> HttpResponse:
    """Close what a typed key opened before the hour is over: others may use the device."""
    response = SeeOther(f"{reverse('discussion:manage')}?closed")
    authors.forget_at_manage(response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@private
@login_required
def claim(request: HttpRequest) -> HttpResponse:
    """Put the posts of a key under the account that is logged in."""
    key, member = authors.key_at_manage(request), authors.member(request)
    if key is None or member is None:
        return SeeOther(reverse("discussion:manage"))
    if request.method != "POST":
        posts = Post.objects.written_by(key).in_lists()
        context = {"posts": posts, "member": member}
        return render(request, "discussion/claim.html", context)
    key.hand_over(member)
    response = SeeOther(reverse("discussion:manage"))
    authors.forget_at_manage(response)
    return response


@require_safe
@private
def own_post_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _show_post(request, pk, AppealForm())


@require_POST
@private
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the last decision about a post, once (PEERS D8)."""
    post, _ = own_post(request, pk=pk)
    form = AppealForm(request.POST)
    decision = post.decisions.first()
    if decision is None or not decision.can_be_appealed:
        raise Http404("nothing to answer")
    if not form.is_valid():
        return _show_post(request, pk, form, status=400)
    decision.appeal_with(form.cleaned_data["appeal"])
    return SeeOther(reverse("discussion:own_post", args=[pk]))


def _open(request: HttpRequest, form: KeyForm) -> HttpResponse:
    if not form.is_valid():
        return _show(request, form, status=400)
    if refusal := allow("post key", net(request, "post key").names):
        form.add_error(None, refusal.sentence)
        response = _show(request, form, status=429)
        response["Retry-After"] = str(refusal.retry_after)
        return response
    key = authors.find_key(form.cleaned_data["key"])
    if key is None:
        form.add_error("key", UNKNOWN)
        return _show(request, form, status=400)
    response = SeeOther(reverse("discussion:manage"))
    authors.remember_at_manage(response, key)
    return response


def _show(request: HttpRequest, form: KeyForm, *, status: int = 200) -> HttpResponse:
    key = authors.key_at_manage(request)
    member = authors.member(request)
    context = {
        "form": form,
        "deleted": "deleted" in request.GET,
        "closed": "closed" in request.GET,
        "key": key,
        "key_posts": _written_by(key),
        "member": member,
        "member_posts": _written_by(member),
    }
    return render(request, "discussion/manage.html", context, status=status)


def _written_by(owner: PostKey | User | None) -> Iterable[Post]:
    return Post.objects.written_by(owner).in_lists()[:LENGTH] if owner else ()


def _show_post(
    request: HttpRequest, pk: int, form: AppealForm, *, status: int = 200
) -> HttpResponse:
    post, speaker = own_post(request, pk=pk)
    decisions = list(post.decisions.exclude(rule=CRISIS))
    context = {
        "post": post,
        "title": str(post) if post.number else "A post without a number",
        "decisions": decisions,
        "hints": post.hints,
        "may": rights(post, speaker),
        "appeal": form if decisions and decisions[0].can_be_appealed else None,
    }
    return render(request, "discussion/own_post.html", context, status=status)
