"""Anchors: where quoted words stand, and where they stand after an edit."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.models import Passage
from discussion import quotes
from discussion.authors import Speaker
from discussion.models import Anchor, Post
from discussion.models.disputes import ANSWER_WITHIN
from discussion.quotes import NewAnchor, NotInPassage, locate, reanchor
from discussion.submission import Submission
from tests.make import make_article, revise

HOW = "Nobody knows for sure. Some say it stretches the tissue."


@dataclass
class Block:
    key: str
    text: str


def anchor(exact, passage="aaa", prefix="", suffix=""):
    return NewAnchor(None, passage, exact, prefix, suffix)


def where(exact, *texts, prefix="", suffix=""):
    """What became of words of passage "aaa" among blocks aaa, bbb, ccc…; None: gone."""
    keys = ("aaa", "bbb", "ccc", "ddd")
    blocks = [Block(k, t) for k, t in zip(keys, texts, strict=False) if t is not None]
    return tuple(locate(anchor(exact, prefix=prefix, suffix=suffix), blocks))


# --- The rule -------------------------------------------------------------------------


def test_the_same_words_in_the_same_passage_are_current():
    assert where("the words", "Here are the words.", "x") == ("current", "aaa")
    assert where("the words", "Now the words are here.", "the words") == (
        "current",
        "aaa",
    )


def test_the_same_words_once_elsewhere_among_the_same_words_have_moved():
    around = {"prefix": "Here are ", "suffix": " again."}

    assert where("the words", "Other.", "Here are the words again.", **around) == (
        "moved",
        "bbb",
    )
    assert where("the words", None, "x", "Here are the words again.", **around) == (
        "moved",
        "ccc",
    )


def test_a_whole_passage_that_stands_elsewhere_has_moved():
    assert where("All of it.", None, "x", "All of it.") == ("moved", "ccc")


def test_one_long_side_is_enough_when_a_passage_was_split():
    before = "x" * quotes.AROUND

    assert where(
        "the words", "Other.", before + "the words here.", prefix=before, suffix=" and"
    ) == ("moved", "bbb")


@pytest.mark.parametrize(
    "texts",
    [
        ("Other.", "Robin and the words went home."),  # other surroundings
        ("Other.", "Here are the words again.", "Here are the words again."),  # twice
        ("Other.", "Here are the words again. The words, the words"),  # twice in one
        ("Here are the  worts again.",),  # nearly
    ],
)
def test_nothing_is_guessed(texts):
    found = where("the words", *texts, prefix="Here are ", suffix=" again.")

    assert found == ("changed", "")


def test_words_whose_passage_is_gone_were_removed():
    assert where("the words", None, "Something else.") == ("removed", "")


def test_short_surroundings_alone_prove_nothing():
    """At the edge of a block one side is empty, and equal to that of any other block."""
    assert where("Robin", "Other.", "Robin sang.", suffix=" went home.") == (
        "changed",
        "",
    )


# --- It never lies --------------------------------------------------------------------

words = st.sampled_from(["fascia", "is", "thin", "tissue", "and", "slow"])
texts = st.lists(words, min_size=1, max_size=8).map(" ".join)
articles = st.lists(texts, min_size=1, max_size=5)


@given(before=articles, after=articles, data=st.data())
def test_an_anchor_is_only_shown_on_text_with_its_exact_words(before, after, data):
    keys = "abcdefgh"
    home = data.draw(st.integers(0, len(before) - 1))
    text = before[home]
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    if not text[start:end].strip():
        return
    exact = " ".join(text[start:end].split())
    mark = anchor(exact, keys[home], text[:start][-32:], text[end:][:32])
    kept = data.draw(st.permutations(keys[: len(after)]))
    blocks = [Block(k, t) for k, t in zip(kept, after, strict=False)]

    state, passage = locate(mark, blocks)

    shown = {block.key: block.text for block in blocks}.get(passage)
    if state in ("current", "moved"):
        assert exact in shown
    else:
        assert passage == ""
        assert exact not in {b.key: b.text for b in blocks}.get(mark.passage, "")
    if state == "moved":
        assert sum(block.text.count(exact) for block in blocks) == 1


# --- In an article --------------------------------------------------------------------


@pytest.fixture
def article(db):
    return make_article()


def passage_with(revision, words):
    return revision.passages.get(text__contains=words).key


def quoting(article, quote, *, disputes=False, body="I doubt it."):
    live = article.live
    mark = NewAnchor.in_revision(live, passage_with(live, quote), quote)
    speaker = Speaker(article)
    sent = Submission(article, speaker, body, anchor=mark, disputes=disputes)
    return Post.objects.submit(sent)


def test_a_post_points_at_the_exact_words(article):
    post = quoting(article, "Some say it stretches")

    assert post.anchor.exact == "Some say it stretches"
    assert post.anchor.prefix == "Nobody knows for sure. "
    assert post.anchor.suffix == " the tissue."
    assert post.anchor.state == "current"


def test_without_a_quote_the_whole_passage_is_meant(article):
    live = article.live
    key = passage_with(live, "Nobody knows")

    mark = NewAnchor.in_revision(live, key)

    assert (mark.exact, mark.prefix, mark.suffix) == (HOW, "", "")


def test_spaces_and_line_breaks_of_a_selection_do_not_matter(article):
    live = article.live
    key = passage_with(live, "Nobody knows")

    assert NewAnchor.in_revision(live, key, " for\n sure.  Some ").exact == (
        "for sure. Some"
    )


def test_words_that_do_not_stand_there_cannot_be_quoted(article):
    live = article.live
    key = passage_with(live, "Nobody knows")

    with pytest.raises(NotInPassage):
        NewAnchor.in_revision(live, key, "Everybody knows")
    with pytest.raises(Passage.DoesNotExist):
        NewAnchor.in_revision(live, "nokey", "Nobody")


def test_a_dispute_is_due_within_a_week(article):
    post = quoting(article, "Nobody knows for sure.", disputes=True)

    assert post.dispute.state == "open"
    assert post.dispute.due_on - post.created_at.date() == ANSWER_WITHIN


def test_a_new_revision_moves_every_anchor_to_what_became_of_its_words(article):
    kept = quoting(article, "Nobody knows for sure.")
    changed = quoting(article, "it stretches the tissue", body="Really?")
    gone = quoting(article, "Soreness is common.", body="Not for me.")
    old = article.live

    new = revise(
        article,
        body=(
            "Fascia is thin tissue. It wraps every muscle.\n\n## How it works\n\n"
            "Nobody knows for sure. Some say it warms the tissue.\n\n"
            "- Pressure is slow.\n"
        ),
        based_on=old,
    ).article.live
    touched = reanchor(article, new)

    states = {a.post_id: (a.state, a.checked_id) for a in Anchor.objects.all()}
    assert states == {
        kept.pk: ("current", new.pk),
        changed.pk: ("changed", new.pk),
        gone.pk: ("removed", new.pk),
    }
    assert {anchor.post_id for anchor in touched} == {changed.pk, gone.pk}


def test_words_that_come_back_are_current_again(article):
    post = quoting(article, "Soreness is common.")
    first = article.live
    without = first.body.replace("- Soreness is common.\n", "")

    reanchor(article, revise(article, body=without, based_on=first))
    post.anchor.refresh_from_db()
    assert post.anchor.state == "removed"

    reanchor(article, first)
    post.anchor.refresh_from_db()
    assert (post.anchor.state, post.anchor.current_passage) == (
        "current",
        post.anchor.passage,
    )
