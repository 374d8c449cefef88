"""What becomes of a post: published, edited, hidden, removed, restored, erased."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from discussion import placing
from discussion.authors import Speaker
from discussion.models import ErasedText, Post, PostKey
from discussion.moderation import Refused
from mfr_site.models import SearchEntry
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db

NOON = "2026-03-02T12:00:00Z"
MINUTES = timedelta(minutes=1)


@pytest.fixture
def article():
    return make_article()


def held(article, **given):
    post = Post(article=article, author=make_author(article), **given)
    post.write("Please look at this.")
    post.save()
    return post


def found(post):
    return SearchEntry.objects.filter(kind="post", object_id=post.pk).exists()


# --- Publishing -----------------------------------------------------------------------


def test_numbers_rise_from_one_in_each_article(article):
    other = make_article()

    assert [make_post(article).number for _ in range(3)] == [1, 2, 3]
    assert make_post(other).number == 1


def test_a_held_post_takes_no_number_until_it_is_published(article, edda):
    waiting = held(article)
    first = make_post(article)

    waiting.publish(by=edda)

    assert (first.number, waiting.number) == (1, 2)
    assert waiting.decisions.get().by == edda


def test_the_number_of_a_removed_post_is_not_given_again(article, edda):
    make_post(article).remove(edda, Post.Reason.SPAM)

    assert make_post(article).number == 2


def test_an_import_may_bring_numbers_and_later_posts_go_on_after_them(article):
    when = timezone.now() - timedelta(days=900)
    old = make_post(article, number=7, at=when)

    assert (old.number, old.published_at) == (7, when)
    assert make_post(article).number == 8
    assert make_post(article, number=3).number == 3
    assert make_post(article).number == 9


def test_a_reply_stands_below_what_it_answers(article):
    first = make_post(article)
    reply = make_post(article, parent=first)
    deeper = make_post(article, parent=reply)

    assert (deeper.root, deeper.parent_number, deeper.depth) == (1, 2, 2)
    assert placing.numbers(deeper.path) == [1, 2, 3]
    first.refresh_from_db()
    assert first.descendants == 2


def test_a_long_thread_folds_its_later_posts(article, monkeypatch):
    monkeypatch.setattr(placing, "FOLD_AFTER", 3)
    first = make_post(article)

    replies = [make_post(article, parent=first) for _ in range(4)]

    assert [reply.folded for reply in replies] == [False, False, True, True]


def test_the_article_knows_how_many_posts_stand_and_when_the_last_came(article, edda):
    posts = [make_post(article) for _ in range(3)]
    posts[2].remove(edda, Post.Reason.ABUSE)
    article.refresh_from_db()

    assert article.post_count == 2
    assert article.last_post_at == posts[1].published_at

    posts[2].restore(edda)
    article.refresh_from_db()
    assert article.post_count == 3
    assert article.last_post_at == posts[2].published_at


# --- Editing --------------------------------------------------------------------------


def test_a_slip_is_mended_silently_for_a_quarter_of_an_hour(article, maya):
    with time_machine.travel(NOON, tick=False) as clock:
        post = make_post(article, author=make_author(article, maya))
        clock.shift(14 * MINUTES)
        post.edit("Better said.", post.author)

    post.refresh_from_db()
    assert post.source == "Better said."
    assert post.html == "<p>Better said.</p>\n"
    assert post.edited_at is None
    assert not post.versions.exists()


def test_later_an_edit_leaves_the_former_text_for_all_to_see(article, maya):
    with time_machine.travel(NOON, tick=False) as clock:
        post = make_post(article, "First.", author=make_author(article, maya))
        clock.shift(16 * MINUTES)
        post.edit("Second.", post.author)

    version = post.versions.get()
    assert (version.source, version.is_public) == ("First.", True)
    assert post.edited_at is not None


def test_what_was_answered_is_not_changed_silently(article, maya):
    post = make_post(article, author=make_author(article, maya))
    make_post(article, parent=post)

    post.edit("Never said that.", post.author)

    assert post.versions.exists()


def test_after_a_day_a_post_takes_updates_but_no_edits(article, maya):
    with time_machine.travel(NOON, tick=False) as clock:
        post = make_post(article, author=make_author(article, maya))
        assert post.can_be_edited_by(post.author)
        assert not post.can_be_updated_by(post.author)
        clock.shift(timedelta(hours=25))
        assert not post.can_be_edited_by(post.author)
        assert post.can_be_updated_by(post.author)
        with pytest.raises(Refused):
            post.edit("Too late.", post.author)
        post.append_update("It got **better**.")

    assert post.updates.get().html == "<p>It got <strong>better</strong>.</p>\n"
    assert post.source == "What helped me was time."


def test_only_its_author_may_change_a_post(article, maya, sam):
    post = make_post(article, author=make_author(article, maya))
    stranger = make_author(article, sam)

    for author in (None, stranger):
        assert not post.can_be_edited_by(author)
        assert not post.can_be_updated_by(author)
        assert not post.can_be_deleted_by(author)
    with pytest.raises(Refused):
        post.edit("Mine now.", stranger)


def test_what_a_moderator_took_away_is_not_edited(article, maya, edda):
    post = make_post(article, author=make_author(article, maya))
    post.remove(edda, Post.Reason.SPAM)

    assert not post.can_be_edited_by(post.author)
    assert post.can_be_deleted_by(post.author)


def test_an_edit_that_a_rule_doubts_takes_the_post_out_of_sight(article, maya):
    post = make_post(article, author=make_author(article, maya))

    post.edit("https://a.example https://b.example https://c.example", post.author)

    post.refresh_from_db()
    assert post.state == Post.State.HIDDEN
    assert post.decisions.get().rule == "links"
    assert not found(post)


def test_an_edit_that_is_no_post_is_refused_and_changes_nothing(article, maya):
    post = make_post(article, "Mine.", author=make_author(article, maya))

    for text in (" ", "x" * 10_001):
        with pytest.raises(Refused):
            post.edit(text, post.author)

    post.refresh_from_db()
    assert post.source == "Mine."


def test_a_moderator_takes_personal_data_out_and_nobody_reads_it_again(article, edda):
    post = make_post(article, "Call me: 555 0100")

    post.edit_out("Call me: [number taken out]", edda, "a telephone number")

    assert post.edited_at is not None
    assert post.versions.get().is_public is False
    assert post.decisions.get().action == "edit-out"
    assert "555" not in SearchEntry.objects.get(object_id=post.pk, kind="post").body


# --- Out of sight, and back -----------------------------------------------------------


def test_a_removed_post_leaves_its_number_and_is_found_no_more(article, edda):
    post = make_post(article)
    reply = make_post(article, parent=post)

    post.remove(edda, Post.Reason.ABUSE, "Called somebody names.")

    assert list(article.posts.in_thread().order_by("number")) == [post, reply]
    assert list(article.posts.published()) == [reply]
    assert not found(post)
    assert found(reply)
    decision = post.decisions.get()
    assert (decision.rule, decision.by) == ("abuse", edda)


def test_a_hidden_post_can_be_shown_again(article, edda):
    post = make_post(article)
    post.hide("reports", "Three reports within a day.")
    assert not article.posts.published().exists()

    post.restore(edda)

    assert article.posts.published().get() == post
    assert found(post)
    assert [d.action for d in post.decisions.all()] == ["restore", "hide"]


def test_a_refused_post_never_had_a_number(article, edda):
    post = held(article)

    post.refuse(edda, Post.Reason.SPAM)

    assert (post.state, post.number) == ("refused", None)
    assert make_post(article).number == 1


def test_a_post_cannot_be_answered_once_it_is_gone_or_the_discussion_closed(
    article, edda
):
    post = make_post(article)
    assert post.can_be_answered
    post.hide("reports")
    assert not post.can_be_answered
    post.restore(edda)
    article.discussion_open = False
    post.article = article
    assert not post.can_be_answered


def test_who_is_second_changes_nothing(article, edda):
    """Two moderators press the same button, each with a page of their own."""
    waiting = held(article)
    for change, undone in (
        (lambda post: post.publish(by=edda), "published"),
        (lambda post: post.remove(edda, Post.Reason.SPAM), "removed"),
        (lambda post: post.restore(edda), "published"),
        (lambda post: post.hide("reports"), "hidden"),
        (lambda post: post.refuse(edda, Post.Reason.SPAM), "hidden"),
        (lambda post: post.publish(by=edda), "hidden"),
    ):
        pages = [Post.objects.get(pk=waiting.pk) for _ in range(2)]
        for post in pages:
            change(post)
        waiting.refresh_from_db()
        assert waiting.state == undone

    article.refresh_from_db()
    assert (article.post_count, article.last_post_number) == (0, 1)
    actions = [decision.action for decision in waiting.decisions.order_by("pk")]
    assert actions == ["publish", "remove", "restore", "hide"]


# --- Erased by its author -------------------------------------------------------------


def test_deleting_erases_everything_but_the_place(article, edda):
    with time_machine.travel(NOON, tick=False) as clock:
        post = make_post(article, "A secret of mine.")
        key = post.author.key
        reply = make_post(article, parent=post)
        clock.shift(20 * MINUTES)
        post.edit("A secret, reworded.", post.author)
        post.append_update("And another secret.")
        post.reports.create(reason="spam", note="She writes of a secret.")
        post.delete_by_author()

    post.refresh_from_db()
    assert (post.number, post.state, post.removed_by) == (1, "removed", "author")
    assert post.author is None
    assert post.source == post.html == ""
    assert not post.versions.exists()
    assert not post.updates.exists()
    assert not PostKey.objects.filter(pk=key.pk).exists()
    assert list(article.posts.in_thread().order_by("number")) == [post, reply]
    assert "secret" not in everything_in_the_database()


def everything_in_the_database():
    tables = connection.introspection.table_names()
    words = []
    with connection.cursor() as cursor:
        for table in tables:
            if not table.startswith("search_"):  # of SQLite's index, in its own form
                cursor.execute(f'SELECT * FROM "{table}"')
                words += [str(row) for row in cursor.fetchall()]
    return "\n".join(words)


def test_nobody_brings_an_erased_text_back(article, edda):
    post = make_post(article)
    post.delete_by_author()

    with pytest.raises(ErasedText):
        post.restore(edda)
    assert not article.posts.published().exists()


def test_a_removed_text_is_gone_for_good_once_erased(article, edda):
    post = make_post(article)
    post.remove(edda, Post.Reason.SPAM)
    post.erase_text()

    with pytest.raises(ErasedText):
        post.restore(edda)


def test_a_key_stays_while_it_owns_another_post(article):
    author = make_author(article)
    post, other = make_post(article, author=author), make_post(article, author=author)

    post.delete_by_author()

    other.refresh_from_db()
    assert Speaker(article, key=author.key).owns(other)


def test_a_label_once_given_is_nobody_else_s(article):
    post = make_post(article)
    label = post.author.label
    post.delete_by_author()

    assert article.authors.get(label=label).key is None


def test_taking_back_a_held_post_leaves_no_gap(article, edda):
    post = held(article)
    post.delete_by_author()
    post.publish(by=edda)

    assert (post.state, post.number) == ("removed", None)
    assert not article.posts.in_thread().exists()
    assert make_post(article).number == 1


def test_deleting_takes_what_a_moderator_hid_as_well(article):
    post = make_post(article)
    post.hide("reports")

    assert post.can_be_deleted_by(post.author)
    post.delete_by_author()

    article.refresh_from_db()
    assert (post.source, article.post_count) == ("", 0)


def test_forms_are_forgotten_after_two_days(article):
    with time_machine.travel(NOON, tick=False) as clock:
        post = make_post(article, submission="0" * 64)
        clock.shift(timedelta(hours=47))
        assert Post.objects.forget_forms() == 0
        clock.shift(timedelta(hours=2))
        assert Post.objects.forget_forms() == 1

    post.refresh_from_db()
    assert post.submission is None
