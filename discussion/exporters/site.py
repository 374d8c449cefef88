"""Discussions as JSON Lines: what `importers.site` reads.

Only what has a number: what waits or was refused is nobody's to read. A tombstone has
its place, its date and its reason, never its text, its author or what it quoted.
"""

from collections.abc import Iterator
from itertools import chain, count
from typing import Any

from django.db.models import Prefetch

from articles.models import Article
from discussion.models import Anchor, CredentialType, Decision, Dispute, Post
from mfr_site.export_folder import Part, as_lines, as_yaml, moment, without_empty

BATCH = 500


def registers() -> Part:
    rows = CredentialType.objects.all()
    return "registers.yaml", as_yaml([register_row(row) for row in rows])


def register_row(register: CredentialType) -> dict[str, Any]:
    return {
        "name": register.name,
        "register_url": register.register_url,
        "is_reserved": register.is_reserved,
    }


def posts(article: Article) -> Part:
    """Every numbered post of a discussion, in order."""
    return f"articles/{article.slug}/posts.jsonl", as_lines(_rows(article))


def _rows(article: Article) -> Iterator[dict[str, Any]]:
    revisions = dict(article.revisions.values_list("pk", "number"))
    corrections = article.corrections.order_by("pk").values_list("pk", flat=True)
    writer = _Writer(revisions, list(corrections))
    found = article.posts.in_thread().order_by("number")
    found = found.select_related("author__user", "anchor", "dispute", "credential")
    decisions = Prefetch("decisions", queryset=Decision.objects.for_outsiders())
    found = found.prefetch_related(
        "updates", "versions", decisions, "dispute__outcomes"
    )
    for post in found.iterator(BATCH):
        yield writer.row(post)


class _Writer:
    """Writes the posts of one discussion. People are told apart by name alone, so two of
    one name get numbers."""

    def __init__(self, revisions: dict[int, int], corrections: list[int]) -> None:
        self.revisions = revisions
        self.corrections = corrections
        self.names: dict[int, str] = {}
        self.taken: set[str] = set()

    def row(self, post: Post) -> dict[str, Any]:
        decisions = sorted(post.decisions.all(), key=lambda decision: decision.pk)
        row: dict[str, Any] = {
            "number": post.number,
            "parent": post.parent_number,
            "state": post.state,
            "written": moment(post.created_at),
            "published": moment(post.published_at),
            "ref": post.import_ref,
            "sample": post.is_sample,
        }
        row |= self._said(post) if post.is_published else self._gone(post)
        row["decisions"] = [
            {"action": d.action, "rule": d.rule, "at": moment(d.created_at)}
            for d in decisions
        ]
        return row

    def _gone(self, post: Post) -> dict[str, Any]:
        return {
            "removed": moment(post.removed_at),
            "removed_by": post.removed_by,
            "removed_for": post.removed_for,
        }

    def _said(self, post: Post) -> dict[str, Any]:
        shown = getattr(post, "credential", None)
        versions = sorted(post.versions.all(), key=lambda version: version.pk)
        return {
            "author": self._name(post),
            "by_editor": post.by_editor,
            "profession": shown and {"state": shown.state, "text": shown.text},
            "edited": moment(post.edited_at),
            "text": post.source,
            "updates": [
                {"written": moment(update.created_at), "text": update.source}
                for update in post.updates.all()
            ],
            "earlier": [
                {"replaced": moment(version.replaced_at), "text": version.source}
                for version in versions
                if version.is_public
            ],
            "quotes": self._anchor(getattr(post, "anchor", None)),
            "disputes": self._dispute(getattr(post, "dispute", None)),
        }

    def _name(self, post: Post) -> str:
        author = post.author
        if author is None:
            return ""
        if author.pk not in self.names:
            turns = (f"{author.name} {turn}" for turn in count(2))
            names = chain([author.name], turns)
            free = next(name for name in names if name not in self.taken)
            self.taken.add(free)
            self.names[author.pk] = free
        return self.names[author.pk]

    def _anchor(self, anchor: Anchor | None) -> dict[str, Any]:
        if anchor is None:
            return {}
        return without_empty(
            {
                "revision": self.revisions[anchor.revision_id],
                "passage": anchor.passage,
                "exact": anchor.exact,
                "prefix": anchor.prefix,
                "suffix": anchor.suffix,
                "state": anchor.state,
                "checked": self.revisions[anchor.checked_id],
                "now_in": anchor.current_passage,
            }
        )

    def _dispute(self, dispute: Dispute | None) -> dict[str, Any]:
        if dispute is None:
            return {}
        correction = dispute.correction_id
        return without_empty(
            {
                "state": dispute.state,
                "opened": moment(dispute.opened_at),
                "due": str(dispute.due_on),
                "answer": dispute.answer,
                "answered": moment(dispute.answered_at),
                # The place of the correction among those of the article, from 1.
                "correction": correction and self.corrections.index(correction) + 1,
                "outcomes": [
                    {
                        "revision": self.revisions[outcome.revision_id],
                        "what": outcome.what,
                        "at": moment(outcome.created_at),
                    }
                    for outcome in sorted(dispute.outcomes.all(), key=lambda o: o.pk)
                ],
            }
        )
