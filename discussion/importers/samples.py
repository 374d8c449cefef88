"""The sample discussions that come with the site, and their invented people."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from discussion.authors import Speaker
from discussion.models import Author, Credential, Dispute, Post, PostCredential
from discussion.quotes import NewAnchor
from mfr_site.content_files import ContentError, Loading, read_yaml

from .posts import OldPost, bring_in

# Two posts of one day come in the order of their numbers.
APART = timedelta(minutes=13)


def load_samples(folder: Path, loading: Loading) -> None:
    """Load the discussions of a folder, each once. Raises ContentError."""
    if not folder.exists():
        return
    for person in read_yaml(folder / "people.yaml"):
        _load_person(person, loading)
    for path in sorted(folder.glob("*.yaml")):
        if path.stem != "people":
            _load_discussion(path, loading)


def _load_person(person: Mapping[str, Any], loading: Loading) -> None:
    username = person["username"]
    fields = {"display_name": person["name"], "bio": person.get("bio", "")}
    user = User.objects.filter(username=username).first()
    if user and not user.is_sample:
        raise ContentError(f"A real member has the name {username}.")
    current = {name: getattr(user, name) for name in fields} if user else None
    with transaction.atomic():
        if loading.may_write("person", username, current, fields):
            user = user or User(username=username, is_sample=True)
            user.display_name, user.bio = fields["display_name"], fields["bio"]
            user.set_unusable_password()
            user.full_clean(exclude=["email", "password"])
            user.save()


def _load_discussion(path: Path, loading: Loading) -> None:
    article = Article.objects.filter(import_ref=f"content/{path.stem}").first()
    if article is None:
        raise ContentError(f"{path}: there is no such article")
    with transaction.atomic():
        is_free = article.last_post_number == 0
        if loading.may_write_once("discussion", path.stem, is_free=is_free):
            _Discussion(path, article).load(read_yaml(path)["posts"])


class _Discussion:
    """One discussion while it is loaded."""

    def __init__(self, path: Path, article: Article) -> None:
        self.path = path
        self.article = article
        self.now = timezone.now()
        self.posts: dict[int, Post] = {}
        self.anonymous: dict[str, Author] = {}

    def load(self, entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            still_to_come = len(entries) - len(self.posts)
            ago = timedelta(days=entry["days_ago"]) + still_to_come * APART
            self.posts[entry["number"]] = self._add(entry, self.now - ago)
        # Last, because an answer may name any of the posts.
        for entry in entries:
            if "answered" in entry:
                self._answer(self.posts[entry["number"]], entry["answered"])

    def _add(self, entry: dict[str, Any], at: datetime) -> Post:
        said = entry.get("author", {})
        post = bring_in(
            self.article,
            OldPost(
                ref=f"{self.article.import_ref}#{entry['number']}",
                number=entry["number"],
                text=entry.get("body", ""),
                at=at,
            ),
            self._author(said) if said else None,
            parent=self.posts[entry["reply_to"]] if "reply_to" in entry else None,
            by_editor=said.get("editor", False),
            is_sample=True,
        )
        author = post.author
        if author and author.user and "credential" in said:
            Credential.objects.show(author.user, said["credential"])
            PostCredential.take(post)
        if "removed" in entry:
            self._remove(post, entry["removed"], at)
        if "quote" in entry:
            self._anchor(entry["quote"]).attach(
                post, disputes=entry.get("disputes", False)
            )
        return post

    def _author(self, said: Mapping[str, Any]) -> Author:
        """A person by name, or somebody without one, told apart by a letter."""
        if "anonymous" in said:
            letter = said["anonymous"]
            if letter not in self.anonymous:
                self.anonymous[letter] = Speaker(self.article).author()
            return self.anonymous[letter]
        return Speaker(self.article, user=self._member(said["name"])).author()

    def _member(self, name: str) -> User:
        user = User.objects.filter(is_sample=True, display_name=name).first()
        if user is None:
            raise ContentError(f"{self.path}: {name} is not in people.yaml")
        return user

    def _answer(self, post: Post, said: Mapping[str, Any]) -> None:
        post.dispute.answer_with(said["text"], self._member(said["by"]))
        at = self.now - timedelta(days=said["days_ago"])
        Dispute.objects.filter(post=post).update(answered_at=at)

    def _remove(self, post: Post, how: Mapping[str, str], at: datetime) -> None:
        if how["by"] == "author":
            post.delete_by_author()
        else:
            post.remove(None, how["reason"])
        Post.objects.filter(pk=post.pk).update(removed_at=at)
        post.decisions.update(created_at=at)

    def _anchor(self, quote: str) -> NewAnchor:
        """The one passage that has these words."""
        live = self.article.live
        found = list(live.passages.filter(text__contains=quote)) if live else []
        if live is None or len(found) != 1:
            raise ContentError(f"{self.path}: not in exactly one passage: {quote}")
        return NewAnchor.in_revision(live, found[0].key, quote)
