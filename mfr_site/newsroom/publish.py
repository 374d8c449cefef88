"""The last look at a text before readers see it, and what becomes of what it touches."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format

from articles.admin.acts import editor_of
from articles.checks import check
from articles.comparison import compare
from articles.models import Revision
from discussion import publishing
from discussion.models import Dispute, Outcome
from discussion.publishing import Waiting

CORRECTION_LENGTH = 600


@dataclass(frozen=True)
class Question:
    """What the editor is asked about one dispute."""

    waiting: Waiting
    field: BoundField


class PublishForm(forms.Form):
    """When it goes live, that somebody has looked, and what it means to each dispute."""

    NOW, AT = "now", "at"

    when = forms.ChoiceField(
        choices=[(NOW, "Now"), (AT, "At a time")],
        initial=NOW,
        widget=forms.RadioSelect,
    )
    at = forms.DateTimeField(
        label="The time (UTC)",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="Nothing has to run then: readers see it from that time on.",
    )
    correction = forms.CharField(
        label="Correction for readers",
        required=False,
        max_length=CORRECTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="What was wrong, and what the article says now, in one or two "
        "sentences. Shown on the article, among all corrections and in their feed.",
    )
    looked = forms.BooleanField(
        label="I have looked at what is to be put right, and publish it all the same.",
    )

    def __init__(
        self,
        *args: Any,
        revision: Revision,
        waiting: list[Waiting],
        has_faults: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.revision, self.waiting = revision, waiting
        if not has_faults:
            del self.fields["looked"]
        if revision.article.live is None:
            del self.fields["correction"]
        for one in waiting:
            # Whoever touches a disputed passage decides; the others stay as they are.
            choices = Outcome.What.choices
            self.fields[self._name(one.dispute)] = forms.ChoiceField(
                label=f"{one.dispute.post}, “{one.dispute.post.anchor.exact}”",
                choices=choices,
                initial=None if one.is_touched else Outcome.What.STILL_OPEN,
                widget=forms.RadioSelect,
                error_messages={"required": "Say what this text means to the dispute."},
            )

    @staticmethod
    def _name(dispute: Dispute) -> str:
        return f"dispute-{dispute.pk}"

    @property
    def questions(self) -> Iterator[Question]:
        for waiting in self.waiting:
            yield Question(waiting, self[self._name(waiting.dispute)])

    @property
    def plain_fields(self) -> Iterator[BoundField]:
        asked = {self._name(waiting.dispute) for waiting in self.waiting}
        return (field for field in self if field.name not in asked)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("when") == self.AT and "at" not in self.errors:
            if not cleaned.get("at"):
                self.add_error("at", "Give the day and the time.")
            elif cleaned["at"] <= timezone.now():
                self.add_error("at", "This time has passed already.")
        if self._needs_correction and not cleaned.get("correction"):
            self.add_error("correction", "Tell readers what was wrong.")
        return cleaned

    @property
    def _needs_correction(self) -> bool:
        if "correction" not in self.fields:
            return False
        marked = self.revision.significance == Revision.Significance.CORRECTION
        return marked or Outcome.What.CORRECTED in self.outcomes.values()

    @property
    def outcomes(self) -> dict[Dispute, str]:
        given = (
            (waiting.dispute, self.cleaned_data.get(self._name(waiting.dispute)))
            for waiting in self.waiting
        )
        return {dispute: what for dispute, what in given if what}

    @property
    def go_live_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        return at if self.cleaned_data["when"] == self.AT else None


@permission_required("articles.change_article", raise_exception=True)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    revisions = Revision.objects.select_related("article", "author")
    revision = get_object_or_404(revisions, pk=pk)
    findings = check(revision)
    form = PublishForm(
        request.POST or None,
        revision=revision,
        waiting=publishing.waiting_on(revision),
        has_faults=any(finding.is_fault for finding in findings),
    )
    may = revision.can_be_approved_by(editor_of(request))
    if may and form.is_valid() and _published(request, revision, form):
        return redirect("admin:articles_article_change", revision.article_id)
    live = revision.article.live
    context = {
        **admin.site.each_context(request),
        "title": f"Publish “{revision.title}”",
        "article": revision.article,
        "revision": revision,
        "comparison": compare(live, revision) if live else None,
        "findings": findings,
        "scheduled": revision.article.revisions.scheduled().exclude(pk=pk),
        "may_publish": may,
        "form": form,
    }
    return render(request, "admin/publish.html", context)


def _published(request: HttpRequest, revision: Revision, form: PublishForm) -> bool:
    try:
        publishing.publish(
            revision,
            editor_of(request),
            go_live_at=form.go_live_at,
            correction=form.cleaned_data.get("correction", ""),
            outcomes=form.outcomes,
        )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    told = f"Readers see revision {revision.number} now."
    if revision.is_scheduled and revision.go_live_at:
        at = date_format(revision.go_live_at, "j F Y, H:i")
        told = f"Readers will see revision {revision.number} from {at} UTC."
    messages.success(request, told)
    return True
