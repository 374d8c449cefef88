"""Many at once: nothing is lost, doubled or numbered twice (TRUST R11, R12, A33)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from discussion import placing, queue
from discussion.authors import Speaker
from discussion.models import Decision, Post, PostKey, Report
from discussion.submission import Submission, answer_doubt
from mfr_site.models import SearchEntry
from mfr_site.network import Net
from tests.make import make_article, make_author, make_post
from tests.people import make_editor, make_member

pytestmark = pytest.mark.django_db(transaction=True)

POSTERS = 50
EACH = 4


def all_at_once(count, act):
    """Run `act(0)`, `act(1)`… in as many threads; what they gave, or raise what they did."""
    gate, results, failures = threading.Barrier(count), [None] * count, []

    def run(place):
        try:
            gate.wait()
            results[place] = act(place)
        except Exception as failure:  # noqa: BLE001 - raised again below
            failures.append(failure)
        finally:
            connection.close()

    running = [threading.Thread(target=run, args=[place]) for place in range(count)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if failures:
        raise failures[0]
    return results


def send(article, net, body, **more):
    speaker = Speaker(article, net=Net(net, f"{net} yesterday"))
    return Post.objects.submit(Submission(article, speaker, body, **more)), speaker


def test_fifty_people_at_once_lose_nothing():
    article = make_article()
    first = make_post(article)

    def post(place):
        parents = [None, first] * (EACH // 2)
        return [
            send(article, f"net {place}", f"{place}.{turn}", parent=parent)[0].number
            for turn, parent in enumerate(parents)
        ]

    numbers = all_at_once(POSTERS, post)

    sent = POSTERS * EACH
    assert sorted(sum(numbers, [first.number])) == list(range(1, sent + 2))
    assert all(mine == sorted(mine) for mine in numbers)
    article.refresh_from_db()
    assert (article.post_count, article.last_post_number) == (sent + 1, sent + 1)
    latest = article.posts.order_by("-number").first()
    assert article.last_post_at == latest.published_at
    assert SearchEntry.objects.filter(kind="post").count() == sent + 1
    recount_places(article)


def recount_places(article):
    posts = list(article.posts.all())
    assert len({post.path for post in posts}) == len(posts)
    for post in posts:
        below = [other for other in posts if other.path.startswith(post.path)]
        assert post.descendants == len(below) - 1
    threads = article.posts.values("root", "folded").annotate(size=Count("pk"))
    assert all(
        thread["size"] <= placing.FOLD_AFTER
        for thread in threads
        if not thread["folded"]
    )
    assert not article.authors.values("label").annotate(n=Count("pk")).filter(n__gt=1)


@pytest.mark.parametrize("token", ["", "a-form-of-its-own"])
def test_a_form_sent_many_times_at_once_is_one_post(token):
    article = make_article()

    results = all_at_once(
        20, lambda _: send(article, "home", "I pressed twice.", token=token)
    )

    assert article.posts.count() == PostKey.objects.count() == 1
    assert {post.pk for post, _ in results} == {article.posts.get().pk}
    assert len({speaker.words for _, speaker in results}) == 1


def test_one_token_in_two_hands_is_two_posts():
    article = make_article()

    results = all_at_once(
        2, lambda place: send(article, f"net {place}", "Hello.", token="one-form")
    )

    assert len({post.pk for post, _ in results}) == 2


def test_a_post_approved_twice_at_once_has_one_number():
    article, editor = make_article(), make_editor("edda")
    links = "https://a.example https://b.example https://c.example"
    waiting, _ = send(article, "home", links)

    all_at_once(5, lambda _: Post.objects.get(pk=waiting.pk).publish(by=editor))

    article.refresh_from_db()
    assert (article.post_count, article.last_post_number) == (1, 1)
    assert [d.action for d in waiting.decisions.order_by("pk")] == ["hold", "publish"]


def test_people_who_come_at_once_get_labels_of_their_own():
    article = make_article()

    results = all_at_once(20, lambda place: send(article, f"net {place}", f"{place}"))

    assert len({post.author.label for post, _ in results}) == 20


# --- Moderation ---------------------------------------------------------------------------


def test_one_of_several_moderators_decides_and_the_others_are_told():
    article, editor = make_article(), make_editor("edda")
    waiting, _ = send(article, "home", "https://a.example " * 3)
    seen = queue.stamp(waiting)

    def decide(place):
        act = ["approve", "remove"][place % 2]
        try:
            return queue.decide(waiting.pk, seen, act, queue.Choice(editor))
        except queue.Changed as told:
            return told

    results = all_at_once(6, decide)

    assert sum(isinstance(result, queue.Changed) for result in results) == 5
    assert waiting.decisions.count() == 2


def test_a_person_who_presses_twice_is_published_once():
    article = make_article()
    waiting, _ = send(article, "home", "https://a.example " * 3)

    all_at_once(5, lambda _: answer_doubt(Post.objects.get(pk=waiting.pk)))

    assert [d.action for d in waiting.decisions.order_by("pk")] == ["hold", "publish"]
    article.refresh_from_db()
    assert (article.post_count, article.last_post_number) == (1, 1)


def test_reports_that_come_at_once_are_added_up():
    article = make_article()
    post = make_post(article)
    month = timezone.now() - timedelta(days=30)
    members = [make_member(f"member{n}", date_joined=month) for n in range(3)]
    for member in members:
        make_post(article, author=make_author(article, member))

    all_at_once(3, lambda place: report(post, by=members[place]))

    post.refresh_from_db()
    assert post.state == "hidden"
    assert post.decisions.count() == 1


def report(post, by):
    return Report.objects.take(Post.objects.get(pk=post.pk), "abuse", "", by=by)


def test_a_member_who_presses_twice_reports_once():
    post, member = make_post(make_article()), make_member("maya")

    all_at_once(8, lambda _: report(post, by=member))

    assert post.reports.count() == 1


def test_a_decision_is_answered_once():
    post = make_post(make_article())
    post.hide("reports")
    decision = post.decisions.get()

    all_at_once(
        5, lambda n: Decision.objects.get(pk=decision.pk).appeal_with(f"Answer {n}.")
    )

    decision.refresh_from_db()
    told = decision.appeal
    Decision.objects.get(pk=decision.pk).appeal_with("Once more.")
    decision.refresh_from_db()
    assert decision.appeal == told
