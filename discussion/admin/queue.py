"""The moderators' queue on one screen, and the same screen for one post."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from articles.admin.acts import editor_of
from discussion import queue, standing
from discussion.kindness import Hints
from discussion.models import Author, Post

# As many as somebody reads at a sitting; the rest moves up.
LENGTH = 30
# Lately silenced people, for whom the step can be undone here.
SILENCED_LENGTH = 10


class ChoiceForm(forms.Form):
    """One act, for one post ("approve 12") or for those that are ticked ("approve")."""

    act = forms.RegexField(rf"^(?:{'|'.join(queue.ACTS)})(?: \d{{1,18}})?$")
    post = forms.TypedMultipleChoiceField(coerce=int, required=False)
    reason = forms.ChoiceField(choices=Post.Reason.choices)
    note = forms.CharField(max_length=600, required=False)
    text = forms.CharField(required=False, strip=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.name, _, self.only = str(data.get("act", "")).partition(" ")
        ticked = [(pk, pk) for pk in data.getlist("post") if pk.isdecimal()]
        self.fields["post"].choices = ticked  # type: ignore[attr-defined]

    def add_prefix(self, field_name: str) -> str:
        """Each post has its own reason and note; `reason` and `note` are for the ticked."""
        own = {"reason", "note", "text"}
        return (
            f"{field_name}-{self.only}"
            if self.only and field_name in own
            else field_name
        )

    @property
    def pks(self) -> list[int]:
        return [int(self.only)] if self.only else self.cleaned_data["post"]

    @property
    def updates(self) -> dict[int, str]:
        """New texts of what was added to the post, from fields named "update-7"."""
        named = (name.partition("update-") for name in self.data)
        ids = [pk for before, _, pk in named if not before and pk.isdecimal()]
        return {int(pk): self.data[f"update-{pk}"] for pk in ids}

    def choice(self, request: HttpRequest) -> queue.Choice:
        said = self.cleaned_data
        return queue.Choice(
            editor_of(request), said["reason"], said["note"], said["text"], self.updates
        )


_for_moderators = permission_required("discussion.change_post", raise_exception=True)


def show(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _act(request)
    waiting = Post.objects.waiting()
    context = {
        "title": "Posts that wait",
        "waiting": queue.gather(waiting[:LENGTH]),
        "count": waiting.count(),
        "silenced": standing.silenced()[:SILENCED_LENGTH],
    }
    return _render(request, "queue", context)


def show_one(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        return _act(request)
    found = queue.gather(Post.objects.filter(pk=pk))
    if not found:
        return redirect("admin:discussion_post_changelist")
    (item,) = found
    context = {"title": str(item.post), "waiting": found}
    if item.person and getattr(item.person, "silenced_at", None):
        context["silenced"] = [item.post.author]
    return _render(request, "queue", context)


def edit_out(request: HttpRequest, pk: int) -> HttpResponse:
    """The texts in fields, to take out what says who somebody is."""
    found = queue.gather(Post.objects.filter(pk=pk))
    if not found:
        raise Http404("no such post")
    (item,) = found
    texts = {f"text-{pk}": ("Its text", item.post.source)} | {
        f"update-{update.pk}": (
            "What was added; empty it to take it away",
            update.source,
        )
        for update in item.post.updates.all()
    }
    hints = {name: Hints.of(text) for name, (_, text) in texts.items()}
    is_masked = "masked" in request.GET
    context = {
        "title": "Take personal data out",
        "item": item,
        "post": item.post,
        "texts": [
            (name, label, hints[name].masked if is_masked else text)
            for name, (label, text) in texts.items()
        ],
        "found": dict.fromkeys(kind for one in hints.values() for kind in one.personal),
        "is_masked": is_masked,
    }
    return _render(request, "edit_out", context)


@require_POST
def let_speak(request: HttpRequest, pk: int) -> HttpResponse:
    author = get_object_or_404(Author, pk=pk)
    shown = standing.let_speak(author, editor_of(request))
    messages.success(request, f"{author} may speak again; {shown} posts show again.")
    return redirect("admin:discussion_post_changelist")


def _act(request: HttpRequest) -> HttpResponse:
    form = ChoiceForm(request.POST)
    back = redirect(request.get_full_path())
    if not form.is_valid():
        messages.error(request, "That was not understood; nothing was done.")
        return back
    if not form.pks:
        messages.warning(request, "Tick the posts first.")
    for pk in form.pks:
        seen = request.POST.get(f"seen-{pk}", "")
        try:
            done = queue.decide(pk, seen, form.name, form.choice(request))
        except (queue.Changed, queue.Impossible) as problem:
            messages.warning(request, str(problem))
        except Post.DoesNotExist:
            messages.warning(request, "One of them is not there any more.")
        else:
            again = reverse("admin:discussion_post_change", args=[pk])
            link = format_html('<a href="{}">Look at it again</a>', again)
            messages.success(request, format_html("{} {}", done, link))
    return back


def _render(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    context |= admin.site.each_context(request) | {"title": context["title"]}
    context["reasons"] = [
        choice for choice in Post.Reason.choices if choice[0] != Post.Reason.OWN_WISH
    ]
    return render(request, f"admin/discussion/post/{name}.html", context)


@admin.register(Post)
class PostAdmin(admin.ModelAdmin[Post]):
    """The queue in place of a list of rows, and one post on the same screen."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Post | None = None
    ) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        pages: list[tuple[str, Callable[..., HttpResponse], str]] = [
            ("", show, "changelist"),
            ("<int:pk>/change/", show_one, "change"),
            ("<int:pk>/text/", edit_out, "edit_out"),
            ("silenced/<int:pk>/", let_speak, "let_speak"),
        ]
        return [
            path(
                route,
                self.admin_site.admin_view(_for_moderators(view)),
                name=f"discussion_post_{name}",
            )
            for route, view, name in pages
        ]
