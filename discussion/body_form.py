"""The text of a post as a form takes it, and what its writer is shown of it first."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from mfr_site.markdown import clean_text

from .kindness import Hints
from .moderation import MAX_LENGTH


class TextField(forms.CharField):
    """A text of several lines, counted as its writer counts: a line break is one."""

    widget = forms.Textarea

    def __init__(self, max_length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = max_length

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "").strip()

    def validate(self, value: str) -> None:
        # Letters, numbers, punctuation, symbols: blanks and invisible signs are no text.
        is_visible = any(unicodedata.category(char)[0] in "LNPS" for char in value)
        super().validate(value if is_visible else "")
        if len(value) > self.longest:
            raise ValidationError(
                f"This has {len(value):,} characters, and {self.longest:,} fit. "
                "Please shorten it, or send it in two parts."
            )


class SeenField(forms.Field):
    """The signs of the hints that a writer was shown. The form alone remembers them."""

    widget = forms.HiddenInput

    def prepare_value(self, value: Any) -> Any:
        return " ".join(sorted(value)) if isinstance(value, set) else value

    def to_python(self, value: Any) -> set[str]:
        return set((value or "").split())


class BodyForm(forms.Form):
    """The text of a post: what the composer, an edit and an update ask for."""

    body = TextField(
        MAX_LENGTH,
        label="Your comment",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Please write something first."},
    )
    preview = forms.BooleanField(required=False)
    seen = SeenField(required=False)

    @property
    def text(self) -> str:
        return str(self.cleaned_data["body"])

    @property
    def hints(self) -> Hints:
        """What its writer may want to know of a valid text."""
        return Hints.of(self.text)

    @property
    def asks_first(self) -> bool:
        """Whether a valid text says who somebody is, and its writer was not told yet."""
        return self.hints.asks_first(self.cleaned_data["seen"])

    @property
    def has_news(self) -> bool:
        """Whether there are hints that the writer of a valid text was not shown yet."""
        return self.hints.has_news(self.cleaned_data["seen"])

    def show(self) -> Hints:
        """The hints that its writer is shown now; the form carries that along.

        Without what says who somebody is in its text, if the writer asked for that.
        """
        if self.data.get("preview") == "masked":
            self._change(body=self.hints.masked)
            self.full_clean()
        hints = self.hints
        self._change(seen=hints.signs | hints.notices)
        return hints

    def _change(self, **fields: Any) -> None:
        """Give the form back with other fields: without what it cannot be about, say."""
        self.data = {**dict(self.data.items()), **fields}
