"""One's own data: taking it away, and leaving. It takes what every app knows of a member."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts import my_data as account
from accounts.models import ExportTicket, User
from discussion import my_data as discussion
from discussion.forms import LeavingForm
from discussion.models import Mailbox, Post, PostKey

from . import erasures
from .http import SeeOther
from .limits import allow
from .takeout import ONE_A_DAY, archive

private = cache_control(private=True, no_store=True)
View = Callable[..., HttpResponse]
Row = TypeVar("Row", bound=Model)


class MemberRequest(HttpRequest):
    """What `login_required` lets through."""

    user: User


def sure_who_it_is(view: View) -> View:
    """For members who have just shown again that it is them (TRUST §2.30)."""
    guarded: View = private(login_required(reauthentication_required(view)))
    return guarded


@require_safe
@sure_who_it_is
def overview(request: MemberRequest) -> HttpResponse:
    return render(request, "my_data/overview.html")


@require_http_methods(["GET", "HEAD", "POST"])
@sure_who_it_is
def export(request: MemberRequest) -> HttpResponse:
    """Make the link; by GET, on the way back from showing who one is, nothing."""
    if request.method != "POST":
        return redirect("accounts:data")
    if refusal := allow("export", [f"user:{request.user.pk}"]):
        messages.warning(request, replace(refusal, said=ONE_A_DAY).sentence)
        return SeeOther(reverse("accounts:data"))
    token = ExportTicket.objects.issue(request.user)
    return SeeOther(reverse("accounts:data_download", args=[token]))


@require_http_methods(["GET", "HEAD", "POST"])
@private
@login_required
def download(request: MemberRequest, token: str) -> HttpResponse:
    """GET shows the button, POST hands out the file and ends the link."""
    tickets = ExportTicket.objects
    if request.method == "POST" and tickets.redeem(request.user, token):
        return archive(everything_about(request.user))
    is_good = tickets.good(request.user, token).exists()
    context, status = {"is_good": is_good}, 200 if is_good else 404
    return render(request, "my_data/download.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@sure_who_it_is
def delete(request: MemberRequest) -> HttpResponse:
    form = LeavingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        request.user.leave(erase=form.cleaned_data["texts"] == "erase")
        logout(request)
        return SeeOther(reverse("accounts:data_leaving"))
    return render(request, "my_data/delete.html", {"form": form})


@require_safe
@private
def leaving(request: HttpRequest) -> HttpResponse:
    """What happens now, told to somebody who is logged out."""
    return render(request, "my_data/leaving.html")


@require_POST
@private
@login_required
def stay(request: MemberRequest) -> HttpResponse:
    request.user.stay()
    messages.success(request, "Your account stays.")
    return SeeOther(reverse("accounts:data"))


def everything_about(member: User) -> dict[str, Any]:
    """All rows that are a member's own, from every app, in words."""
    written = member.revisions.select_related("article").order_by("pk")
    return {
        "account": account.about(member),
        **discussion.said_by(member),
        "revisions of articles": [
            {
                "article": revision.article.slug,
                "number": revision.number,
                "written": revision.created_at,
                "what changed": revision.summary,
            }
            for revision in written
        ],
    }


def part_with(member: User) -> None:
    """Delete an account whose time to change its mind is over."""
    with transaction.atomic():
        discussion.leave(member, erase=member.erase_texts)
        erasures.note(erasures.ACCOUNT, member.pk)
        member.vanish()


def part_with_key(key: PostKey) -> None:
    """The same for a post key: it opens nothing any more."""
    with transaction.atomic():
        discussion.leave(key, erase=key.erase_texts)
        erasures.note(erasures.KEY, key.pk)
        PostKey.objects.filter(pk=key.pk).delete()


def delete_again(erased: Iterable[tuple[str, int]]) -> int:
    """After a restore: delete what was deleted since the backup. Answers how many."""
    how: dict[str, Callable[[int], None]] = {
        erasures.ACCOUNT: lambda pk: _again(User.objects.filter(pk=pk), part_with),
        erasures.KEY: lambda pk: _again(PostKey.objects.filter(pk=pk), part_with_key),
        erasures.POST: lambda pk: _again(
            Post.objects.filter(pk=pk), Post.delete_by_author
        ),
        erasures.MAILBOX: lambda pk: _again(
            Mailbox.objects.filter(pk=pk), Mailbox.erase
        ),
        erasures.TEXT: lambda pk: _again(Post.objects.filter(pk=pk), Post.erase_text),
    }
    return erasures.replay(erased, how)


def _again(rows: QuerySet[Row], delete: Callable[[Row], None]) -> None:
    for row in rows:
        delete(row)


pages = [
    path("accounts/data/", overview, name="data"),
    path("accounts/data/export/", export, name="data_export"),
    path("accounts/data/export/<str:token>/", download, name="data_download"),
    path("accounts/data/delete/", delete, name="data_delete"),
    path("accounts/data/leaving/", leaving, name="data_leaving"),
    path("accounts/data/stay/", stay, name="data_stay"),
]
