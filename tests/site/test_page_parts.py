"""Kept parts of pages: never older than the database, and the same for everybody."""

import time
from datetime import date
from functools import partial

import pytest
from django.test import RequestFactory

from articles.models import Review, Revision
from discussion.authors import Speaker
from discussion.models import Post
from discussion.quotes import NewAnchor
from discussion.submission import Submission
from mfr_site.models import PageVersion, ScheduledBump
from mfr_site.page_parts import MEMORY, Part, PartMemory, parts_of
from mfr_site.page_versions import Unreachable
from tests.make import make_article, make_author, make_post, make_quotation, revise

ADDRESS = "/articles/fascia/"


class Rows:
    """The versions as this test's transaction sees them."""

    reachable = True

    def current(self, tags):
        if not self.reachable:
            raise Unreachable
        rows = dict(PageVersion.objects.values_list("tag", "version"))
        return tuple(rows.get(tag, 0) for tag in tags)

    def next_bump(self, tags):
        coming = ScheduledBump.objects.filter(tag__in=tags).order_by("at").first()
        return coming and coming.at.timestamp()


class Fixed:
    versions = {"a": 1, "b": 1}
    bump_at = None

    def current(self, tags):
        return tuple(self.versions[tag] for tag in tags)

    def next_bump(self, tags):
        return self.bump_at


def memory_of(source, **given):
    return PartMemory(lambda environ, start_response: [], source, **given)


def ask(memory, *tags, page="/"):
    return parts_of(RequestFactory().get("/", **{MEMORY: memory}), page, *tags)


def test_a_part_is_rendered_once_until_its_tag_is_bumped():
    source = Fixed()
    source.versions = {"a": 1, "b": 1}
    memory = memory_of(source)
    assert ask(memory, "a").keep("part", lambda: "first") == "first"
    source.versions["b"] = 2
    assert ask(memory, "a").keep("part", lambda: "second") == "first"
    assert ask(memory, "a", page="/other/").keep("part", lambda: "other") == "other"
    assert ask(memory, "a").keep("another part", lambda: "another") == "another"
    source.versions["a"] = 2
    assert ask(memory, "a").keep("part", lambda: "third") == "third"


def test_a_part_without_tags_is_rendered_once():
    memory = memory_of(Fixed())
    assert ask(memory).keep("part", lambda: "first") == "first"
    assert ask(memory).keep("part", lambda: "second") == "first"
    assert ask(memory, page="/other/").keep("part", lambda: "other") == "other"


@pytest.mark.django_db
def test_a_row_is_read_once_and_everybody_gets_a_copy(django_assert_num_queries):
    make_article("fascia")
    source = Fixed()
    source.versions = {"a": 1}
    memory = memory_of(source)
    find = partial(Revision.objects.live_at, "fascia")
    first, was_kept = ask(memory, "a").row("revision", find)
    assert not was_kept
    with django_assert_num_queries(0):
        second, was_kept = ask(memory, "a").row("revision", find)
    assert was_kept
    assert second == first
    assert second is not first
    assert second.article is not first.article
    second.title = "Changed by one reader"
    assert ask(memory, "a").row("revision", find)[0].title == first.title
    source.versions["a"] = 2
    assert not ask(memory, "a").row("revision", find)[1]


def test_that_there_is_no_row_is_not_kept():
    memory = memory_of(Fixed())
    assert ask(memory).row("revision", lambda: None) == (None, False)
    assert not memory.parts


def test_a_change_while_a_part_is_rendered_is_not_missed():
    source = Fixed()
    source.versions = {"a": 1}
    memory = memory_of(source)
    asked_before = ask(memory, "a")
    source.versions["a"] = 2
    asked_before.keep("part", lambda: "old")
    assert ask(memory, "a").keep("part", lambda: "new") == "new"


def test_a_part_ends_at_the_hour_it_was_told():
    source = Fixed()
    source.bump_at = time.time() - 1
    memory = memory_of(source)
    assert ask(memory, "a").keep("part", lambda: "before") == "before"
    assert ask(memory, "a").keep("part", lambda: "after") == "after"


def test_the_memory_is_bounded():
    memory = memory_of(Fixed(), max_characters=100)
    for name in range(20):
        memory.put(str(name), Part("x" * 30, (1,), float("inf")))
    assert list(memory.parts) == ["17", "18", "19"]
    memory.put("19", Part("y" * 40, (1,), float("inf")))
    assert memory.characters == 100


def test_a_database_that_does_not_answer_keeps_nothing():
    source = Rows()
    source.reachable = False
    assert ask(memory_of(source), "a") is None
    assert parts_of(RequestFactory().get("/"), "/", "a") is None


def acts_in_the_discussion(article, maya, edda):
    """One after the other, what posts and moderators change on an article's page."""
    yield make_post(article)
    first = make_post(article, author=make_author(article, maya))
    yield
    yield make_post(article, parent=first)
    quoting = make_quotation(article, "Fascia is thin tissue")
    yield
    disputing = make_quotation(article, "Nobody knows", disputes=True)
    yield
    key = article.live.passages.get(text__contains="Pressure is slow").key
    anchor = NewAnchor.in_revision(article.live, key)
    sent = Submission(article, Speaker(article), "Slow is a word.", anchor=anchor)
    yield Post.objects.submit(sent)
    yield disputing.dispute.answer_with("Because nobody does.", edda)
    yield first.edit_out("Without the name.", edda)
    yield first.append_update("It went on well.")
    yield quoting.edit_out("Softer words.", edda)
    yield quoting.hide("spam")
    yield quoting.restore(edda)
    yield quoting.hide("spam")
    yield quoting.remove(edda, "spam")
    yield first.hide("spam")
    yield first.delete_by_author()


def acts_around_the_article(article, maya, edda):
    """And what editors and members do."""
    make_post(article, author=make_author(article, maya))
    old = article.live
    changed = revise(
        article, body="Fascia is a tissue.\n\nNobody knows.", summary="New"
    )
    yield
    yield changed.correct(old, "It is not thin.", edda)
    maya.display_name = "Maya Renamed"
    yield maya.save()
    review = Review(revision=changed, kind="clinical", on=date(2026, 1, 1))
    review.reviewer_name = "Rosa Example"
    yield article.record_review(review)
    other = make_article("other")
    other.related_links.model.objects.pick(article, [other])
    yield
    yield revise(other, title="Another name")
    article.discussion_open = False
    article.save()
    yield article.note_arrangement()


@pytest.mark.django_db
@pytest.mark.parametrize("acts", [acts_in_the_discussion, acts_around_the_article])
def test_whatever_happens_is_on_the_page_at_once(
    acts, client, client_of_sam, maya, edda
):
    """A page from kept parts is, after every act, the page that is rendered whole."""
    article = make_article("fascia")
    memory = memory_of(Rows())
    client_of_sam.force_login(edda)
    for _ in acts(article, maya, edda):
        for order in "newest", "passages", "disputes":
            # A member first, lest anything of theirs be kept.
            member = client_of_sam.get(ADDRESS, {"order": order}, **{MEMORY: memory})
            assert edda.public_name in member.content.decode()
            kept = client.get(ADDRESS, {"order": order}, **{MEMORY: memory})
            whole = client.get(ADDRESS, {"order": order})
            assert kept.content == whole.content
            posts = whole.content.partition(b'class="sort"')[2]
            assert posts.partition(b"</section>")[0] in member.content
        article.refresh_from_db()
        article.__dict__.pop("live", None)


@pytest.mark.django_db
def test_a_new_post_renders_no_article(client, django_assert_num_queries):
    article = make_article("fascia")
    memory = memory_of(Fixed())
    memory.source.versions = {f"{kind}:fascia": 1 for kind in ("article", "posts")}
    memory.source.versions["names"] = 1
    client.get(ADDRESS, **{MEMORY: memory})
    post = make_post(article)
    with django_assert_num_queries(2):  # the article, and its posts
        page = client.get(ADDRESS, **{MEMORY: memory})
    assert f'id="post-{post.number}"' in page.content.decode()
