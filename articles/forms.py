"""The form an editor writes an article in: every rule of an article's fields."""

from functools import cached_property
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.utils.text import slugify

from mfr_site.markdown import clean_text

from .models import Article, Revision, RevisionText
from .models.revision_text import TEXT_FIELDS

# Ten times the longest article we would want, and little enough that a request can hold
# it in any script: this limit is hit before Django's own, which loses the text (TRUST D7).
BODY_LENGTH = 60_000
LINE = forms.TextInput(attrs={"class": "vLargeTextField"})


def of_revision(name: str, **changes: Any) -> forms.Field:
    """The form field of one of a revision's fields, with the model's own limits."""
    field = cast(models.Field[Any, Any], Revision._meta.get_field(name))
    return cast(forms.Field, field.formfield(**changes))


class WritingForm(forms.ModelForm[Article]):
    """An article and the next revision of its text, on one screen.

    `based_on` is the number of the revision that the writer began with. When another
    has been saved since, nothing is saved, `conflict` holds that other one, and the form
    comes back based on it: saving again puts this text on top of it, knowingly.

    To be cleaned inside the transaction that saves it.
    """

    title = of_revision("title", widget=LINE)
    standfirst = of_revision("standfirst", widget=forms.Textarea(attrs={"rows": 2}))
    description = of_revision("description", widget=LINE)
    byline = of_revision("byline", initial="The editors")
    body = forms.CharField(
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 30}),
        help_text="Markdown. Cite a source with [^key]; show a picture with "
        '![what it shows](image:name "Caption."); begin a note with !!! key "Title".',
    )
    summary = of_revision(
        "summary", widget=LINE, help_text="For readers, in the history of the article."
    )
    significance = of_revision("significance", label="Kind of change")
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)

    conflict: Revision | None = None

    class Meta:
        model = Article
        fields = ["slug", "topics", "featured", "review_months", "discussion_open"]
        widgets = {"topics": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.latest = self.instance.latest if self.instance.pk else None
        if self.latest:
            texts = {**self.latest.texts, "based_on": self.latest.number}
            self.initial = {**texts, **self.initial}
        else:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Made from the title if left empty."
            del self.fields["summary"], self.fields["significance"]

    def is_multipart(self) -> bool:
        # So that a long text is not made three times as long by URL encoding.
        return True

    def clean_slug(self) -> str:
        title = self.cleaned_data.get("title", "")
        slug = self.cleaned_data["slug"] or slugify(title)[:100]
        if not slug:
            raise ValidationError("Give the article an address.", code="required")
        Article.objects.refuse_taken(slug)
        return str(slug)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.latest:
            # Read again under the lock: somebody may be saving at this moment.
            self.latest = self.instance.locked().latest
            if cleaned.get("based_on") != self.latest.number:
                self._give_back_on(self.latest)
            if self._needs_summary and not cleaned.get("summary"):
                self.add_error("summary", "Say in one sentence what changed.")
        return cleaned

    def _give_back_on(self, latest: Revision) -> None:
        self.conflict = latest
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix("based_on")] = str(latest.number)
        self.data = data
        raise ValidationError(
            "%(who)s saved revision %(number)s while you were writing. Nothing is lost: "
            "your text is in the form, and above it stands how it differs from theirs. "
            "Saving puts your text on top.",
            code="conflict",
            params={"who": latest.author or "Somebody", "number": latest.number},
        )

    @property
    def _needs_summary(self) -> bool:
        """Readers of a published article are told of every change but a typo."""
        return (
            self.text_changed
            and self.instance.first_published_at is not None
            and self.cleaned_data.get("significance") != Revision.Significance.TYPO
        )

    @property
    def text_changed(self) -> bool:
        """Whether there is a new revision to save, or only the article's own fields."""
        if self.latest is None:
            return True
        former = self.latest.texts.items()
        return self.texts != {name: str(text).strip() for name, text in former}

    @property
    def texts(self) -> RevisionText:
        given = {name: self.cleaned_data.get(name, "") for name in TEXT_FIELDS}
        cleaned = {name: clean_text(text) for name, text in given.items()}
        return cast(RevisionText, cleaned)

    @cached_property
    def as_unsaved(self) -> Revision:
        """The text in the form as a revision to look at."""
        return Revision.unsaved(self.instance, self.latest, **self.texts)

    @property
    def article_fields(self) -> list[str]:
        """The columns of the article that this form sets."""
        columns = {field.name for field in Article._meta.concrete_fields}
        return [name for name in self.cleaned_data if name in columns]
