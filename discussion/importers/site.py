"""A discussion from the file that `exporters.site` wrote: numbers, gaps and tree kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from articles.models import Article, Correction, Revision
from discussion import mentions
from discussion.exporters import site as exporter
from discussion.models import (
    Anchor,
    Author,
    CredentialType,
    Decision,
    Dispute,
    Outcome,
    Post,
    PostCredential,
    PostUpdate,
    PostVersion,
)
from discussion.publishing import follow_up
from mfr_site.export_folder import Folder, time, time_if_any

Row = Mapping[str, Any]


def write_posts(folder: Folder, article: Article, last_post_number: int) -> None:
    """Make the posts of an article that has none, in a transaction of the caller's."""
    discussion = _Discussion(article)
    for row in folder.lines(f"articles/{article.slug}/posts.jsonl"):
        discussion.add(row)
    # A number whose post is gone altogether is not given again either.
    Article.objects.filter(pk=article.pk).update(last_post_number=last_post_number)
    for revision in discussion.revisions.values():
        if revision.is_scheduled:
            follow_up.using(run_after=revision.go_live_at).enqueue(revision.pk)


class _Discussion:
    def __init__(self, article: Article) -> None:
        self.article = article
        self.revisions = {row.number: row for row in article.revisions.all()}
        self.corrections: list[Correction] = list(article.corrections.order_by("pk"))

    def add(self, row: Row) -> None:
        parent = row.get("parent")
        post = Post(
            article=self.article,
            parent=self.article.posts.get(number=parent) if parent else None,
            created_at=time(row["written"]),
            import_ref=row.get("ref"),
            is_sample=row.get("sample", False),
        )
        published = time(row["published"])
        if row["state"] == Post.State.PUBLISHED:
            self._say(post, row)
            post.publish(number=row["number"], at=published)
            self._attach(post, row)
        else:
            post.stand_removed(number=row["number"], at=published)
            Post.objects.filter(pk=post.pk).update(
                state=Post.State(row["state"]),
                removed_at=time_if_any(row.get("removed")),
                removed_by=row.get("removed_by", ""),
                removed_for=row.get("removed_for", ""),
            )
        for decision in row.get("decisions", []):
            Decision.objects.create(
                post=post,
                action=decision["action"],
                rule=decision["rule"],
                created_at=time(decision["at"]),
            )

    def _say(self, post: Post, row: Row) -> None:
        if name := row.get("author"):
            authors = Author.objects.get_or_create
            post.author = authors(article=self.article, label=name, user=None)[0]
        post.by_editor = row.get("by_editor", False)
        post.edited_at = time_if_any(row.get("edited"))
        post.write(row["text"])

    def _attach(self, post: Post, row: Row) -> None:
        for update in row.get("updates", []):
            PostUpdate.objects.create(
                post=post,
                source=update["text"],
                html=self._html(post, update["text"]),
                created_at=time(update["written"]),
            )
        for version in row.get("earlier", []):
            PostVersion.objects.create(
                post=post,
                source=version["text"],
                html=self._html(post, version["text"]),
                replaced_at=time(version["replaced"]),
            )
        if shown := row.get("profession"):
            PostCredential.objects.create(post=post, **shown)
        if quoted := row.get("quotes"):
            self._anchor(post, quoted)
        if disputed := row.get("disputes"):
            self._dispute(post, disputed)

    def _anchor(self, post: Post, row: Row) -> None:
        Anchor.objects.create(
            post=post,
            revision=self._revision(row["revision"]),
            passage=row["passage"],
            exact=row["exact"],
            prefix=row.get("prefix", ""),
            suffix=row.get("suffix", ""),
            state=row["state"],
            checked=self._revision(row["checked"]),
            current_passage=row.get("now_in", ""),
        )

    def _dispute(self, post: Post, row: Row) -> None:
        number, answer = row.get("correction"), row.get("answer", "")
        dispute = Dispute.objects.create(
            post=post,
            state=row["state"],
            opened_at=time(row["opened"]),
            due_on=date.fromisoformat(row["due"]),
            answer=answer,
            answer_html=self._html(post, answer) if answer else "",
            answered_at=time_if_any(row.get("answered")),
            correction=self.corrections[number - 1] if number else None,
        )
        for outcome in row.get("outcomes", []):
            Outcome.objects.create(
                dispute=dispute,
                revision=self._revision(outcome["revision"]),
                what=outcome["what"],
                created_at=time(outcome["at"]),
            )

    def _revision(self, number: int) -> Revision:
        return self.revisions[number]

    def _html(self, post: Post, text: str) -> str:
        return mentions.render(self.article, text, post.parent)


def register_here(name: str) -> dict[str, Any] | None:
    """The register of this name, as it would be exported."""
    register = CredentialType.objects.filter(name=name).first()
    return exporter.register_row(register) if register else None
