"""Two revisions side by side: for the history that readers see, and for editors."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from .differences import Difference, between, words
from .models import Revision

TOLD = {"title": "Title", "standfirst": "Introduction", "byline": "Byline"}


@dataclass(frozen=True)
class Comparison:
    """What changed from `before` to `after`.

    `fields` are the labels and differences of title, introduction and byline where they
    changed; `source` is the difference of the Markdown, which also shows what a reader
    of the words does not see: links, pictures, sources.
    """

    before: Revision
    after: Revision
    fields: list[tuple[str, SafeString]]
    passages: list[Difference]

    @property
    def words_changed(self) -> bool:
        return bool(self.fields) or any(d.what != "same" for d in self.passages)

    @property
    def is_empty(self) -> bool:
        return not self.words_changed and self.before.body == self.after.body

    @property
    def source(self) -> SafeString:
        return words(self.before.body, self.after.body)


def compare(before: Revision, after: Revision) -> Comparison:
    changed = [
        (label, words(getattr(before, name), getattr(after, name)))
        for name, label in TOLD.items()
        if getattr(before, name) != getattr(after, name)
    ]
    passages = between(before.blocks, after.blocks)
    return Comparison(before, after, changed, passages)
