"""What moderators decided moves texts like it to the queue, and nothing else."""

import pytest

from discussion import learning, queue
from discussion.authors import Speaker
from discussion.models import LearnedWord, Post
from discussion.submission import Submission
from tests.make import make_article, make_post

pytestmark = pytest.mark.django_db
SPAM = "Buy cheap pills online now, best casino offer number {}"
KIND = "Slow pressure helped my shoulder after week {}"


def teach(times=learning.ENOUGH):
    for number in range(times):
        learning.learn(SPAM.format(number), was_removed=True)
        learning.learn(KIND.format(number), was_removed=False)


def test_little_is_known_from_few():
    teach(learning.ENOUGH - 1)
    assert learning.score(SPAM) == 0


def test_it_tells_what_was_removed_from_what_was_kept():
    teach()
    assert learning.score("cheap casino pills offer") > 0.98
    assert learning.score("my shoulder after slow pressure") < 0.02
    assert 0.3 < learning.score("something never seen") < 0.7


def test_a_text_like_it_waits_and_is_never_refused():
    teach()
    article = make_article("fascia")
    sent = Submission(
        article, Speaker(article), "Best online casino: buy cheap pills now"
    )
    post = Post.objects.submit(sent)
    assert (post.state, post.decisions.get().rule) == ("held", "score")
    kind = Submission(article, Speaker(article), "My shoulder likes slow pressure.")
    assert Post.objects.submit(kind).is_published


@pytest.mark.parametrize(
    ("act", "reason", "counts"),
    [
        ("approve", "other", (1, 0)),
        ("remove", "spam", (0, 1)),
        ("remove", "legal", None),
        ("remove", "own-wish", None),
    ],
)
def test_decisions_teach(edda, act, reason, counts):
    post = make_post(make_article("fascia"), "Casino.")
    choice = queue.Choice(edda, reason)
    queue.decide(post.pk, queue.stamp(post), act, choice)
    row = LearnedWord.objects.filter(digest=learning.TEXTS).first()
    assert (row and (row.kept, row.removed)) == counts


def test_the_table_tells_nobody_what_was_said():
    learning.learn("Casino Royale", was_removed=True)
    kept = str(list(LearnedWord.objects.values()))
    assert "casino" not in kept.lower()
    assert "royale" not in kept.lower()
