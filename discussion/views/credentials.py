"""What somebody shows beside their posts, and what a reader finds behind it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.models import User
from articles.models import Article
from discussion import authors
from discussion.forms import CredentialForm
from discussion.models import Credential, Post, PostKey
from mfr_site.http import SeeOther
from mfr_site.limits import allow

from .finding import private, with_article


@require_safe
@with_article
def post_credential(
    request: HttpRequest, article: Article, number: int
) -> HttpResponse:
    """What held when a post was written, and what holds today.

    Under the post, and not at an address of the credential: else two posts that a key
    wrote in two discussions would lead to one page (TRUST §4.1).
    """
    posts = Post.objects.published().for_reading().filter(credential__isnull=False)
    post = get_object_or_404(posts, article=article, number=number)
    then = post.credential
    now = then.credential
    context = {
        "article": article,
        "post": post,
        "then": then,
        "now": now if now and not now.ended_at else None,
    }
    return render(request, "discussion/post_credential.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@private
@login_required
def of_account(request: HttpRequest) -> HttpResponse:
    return _own(request, _member(request), reverse("discussion:credential"))


@require_http_methods(["GET", "HEAD", "POST"])
@private
def of_key(request: HttpRequest) -> HttpResponse:
    """The same for the key that was entered at /manage/."""
    key = authors.key_at_manage(request)
    if key is None:
        return SeeOther(reverse("discussion:manage"))
    return _own(request, key, reverse("discussion:key_credential"))


@require_POST
@private
@login_required
def take_off_account(request: HttpRequest) -> HttpResponse:
    return _take_off(_member(request), reverse("discussion:credential"))


@require_POST
@private
def take_off_key(request: HttpRequest) -> HttpResponse:
    key = authors.key_at_manage(request)
    return _take_off(key, reverse("discussion:key_credential"))


def _member(request: HttpRequest) -> User:
    member = authors.member(request)
    assert member  # noqa: S101 - login_required
    return member


def _own(request: HttpRequest, holder: User | PostKey, here: str) -> HttpResponse:
    held = Credential.objects.held_by(holder)
    initial = {"title": held.title, "type": held.type} if held else None
    form = CredentialForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        refusal = allow("credential", [f"{type(holder).__name__}:{holder.pk}"])
        if refusal is None:
            Credential.objects.show(holder, **form.cleaned_data)
            return SeeOther(here)
        form.add_error(None, refusal.sentence)
    context = {"form": form, "held": held, "is_key": isinstance(holder, PostKey)}
    return render(request, "discussion/credential.html", context)


def _take_off(holder: User | PostKey | None, here: str) -> HttpResponse:
    if holder and (held := Credential.objects.held_by(holder)):
        held.take_off()
    return SeeOther(here)
