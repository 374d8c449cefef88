"""What the writer of a post may do with it: edit it, add to it, delete it.

By the post's public address, for the account or the browser that it belongs to; or under
/manage/, for whoever has typed its key there.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from discussion import threads
from discussion.authors import Speaker
from discussion.forms import RewriteForm
from discussion.models import Post
from discussion.moderation import Refused
from mfr_site.http import SeeOther
from mfr_site.limits import allow

from .finding import own_post, private

SAVED = 0
EDIT = "Edit your post"
UPDATE = "Add an update"
QUIETLY = (
    "For 15 minutes, and as long as nobody has answered, only the new text is kept."
)
WITH_VERSIONS = "Readers will be able to see the text as it was before."
BELOW = (
    "Your update stands below the post with the date of today. The post itself stays."
)
TOO_LATE = (
    "The 24 hours for changing this post have passed, so it was not changed. "
    "You can add your text below it instead."
)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def edit(request: HttpRequest, **which: Any) -> HttpResponse:
    post, speaker = own_post(request, **which)
    author = speaker.author_of(post)
    if not post.can_be_edited_by(author):
        return _too_late(request, post, speaker, which)
    form = _form(request, post, body=post.source)
    status = _save(form, speaker, lambda: post.edit(form.text, author))
    if status == SAVED:
        return SeeOther(_next(post, which, form))
    means = QUIETLY if post.changes_silently else WITH_VERSIONS
    page = {"title": EDIT, "means": means, "action": request.path}
    return _show(request, post, form, status, back=_after(post, which), **page)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def add_update(request: HttpRequest, **which: Any) -> HttpResponse:
    post, speaker = own_post(request, **which)
    if not post.can_be_updated_by(speaker.author_of(post)):
        raise PermissionDenied
    form = _form(request, post)
    status = _save(form, speaker, lambda: post.append_update(form.text))
    if status == SAVED:
        return SeeOther(_next(post, which, form))
    page = {"title": UPDATE, "means": BELOW, "action": request.path}
    return _show(request, post, form, status, back=_after(post, which), **page)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def delete(request: HttpRequest, **which: Any) -> HttpResponse:
    post, speaker = own_post(request, **which)
    if not post.can_be_deleted_by(speaker.author_of(post)):
        raise PermissionDenied
    if request.method != "POST":
        context = {"post": post, "article": post.article, "back": _after(post, which)}
        return render(request, "discussion/delete.html", context)
    post.delete_by_author()
    if "pk" in which or not post.number:
        return SeeOther(reverse("discussion:manage") + "?deleted=1")
    return SeeOther(threads.where(post))


def _form(request: HttpRequest, post: Post, body: str = "") -> RewriteForm:
    """The form of a new text; of what the post says already its writer was told."""
    sent = request.POST if request.method == "POST" else None
    return RewriteForm(sent, initial={"body": body, "seen": post.hints.signs})


def _save(form: RewriteForm, speaker: Speaker, save: Callable[[], object]) -> int:
    """Save what the form says. Answers SAVED, or the status with which it is shown."""
    if not form.is_bound:
        return 200
    if not form.is_valid():
        return 400
    if form.cleaned_data["preview"] or form.asks_first:
        return 200
    if refusal := allow("edit", speaker.names):
        form.add_error(None, refusal.sentence)
        return 429
    try:
        save()
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return 403
    return SAVED


def _too_late(
    request: HttpRequest, post: Post, speaker: Speaker, which: dict[str, Any]
) -> HttpResponse:
    """An edit after its time: its text becomes an update, if the writer wants that."""
    if not post.can_be_updated_by(speaker.author_of(post)):
        raise PermissionDenied
    update = _address("update", which)
    if request.method != "POST":
        return SeeOther(update)
    form = _form(request, post)
    form.add_error(None, TOO_LATE)
    page = {"title": UPDATE, "means": BELOW, "action": update}
    return _show(request, post, form, 403, back=_after(post, which), **page)


def _show(
    request: HttpRequest, post: Post, form: RewriteForm, status: int, **page: str
) -> HttpResponse:
    context = {"article": post.article, "form": form, **page}
    if status == 200 and form.is_bound:
        context |= {"hints": form.show(), "preview": form.preview_of(post)}
    return render(request, "discussion/edit.html", context, status=status)


def _address(name: str, which: dict[str, Any]) -> str:
    own = "own_" if "pk" in which else ""
    return reverse(f"discussion:{own}{name}", kwargs=which)


def _next(post: Post, which: dict[str, Any], form: RewriteForm) -> str:
    """Where a saved text leads: first to what its writer should know about it."""
    if form.has_news and "pk" not in which:
        return reverse("discussion:sent", args=[post.article.slug, post.pk])
    return _after(post, which)


def _after(post: Post, which: dict[str, Any]) -> str:
    """Where to go on: to the post as its writer sees it there."""
    if "pk" in which:
        return reverse("discussion:own_post", kwargs=which)
    return post.get_absolute_url()
