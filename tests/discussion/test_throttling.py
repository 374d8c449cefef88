"""Which limits a post meets, with a clock that the test moves."""

from datetime import timedelta

import pytest
import time_machine

from discussion.authors import Speaker
from discussion.submission import Submission
from discussion.throttling import may_post
from mfr_site.limits import LIMITS
from mfr_site.network import Net
from tests.make import make_article, make_post
from tests.people import make_member

pytestmark = pytest.mark.django_db

NOON = "2026-03-02T12:00:00Z"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture
def article(clock):
    return make_article()


@pytest.fixture
def reply(article):
    """Send an answer: `reply(speaker, text)`."""
    parent = make_post(article)
    return lambda speaker, text: may_post(
        Submission(article, speaker, text, parent=parent)
    )


def guest(article, net="here"):
    return Speaker(article, net=Net(net, f"{net} yesterday"))


def test_a_guest_waits_a_quarter_of_a_minute(article, reply, clock):
    assert reply(guest(article), "One.") is None

    refusal = reply(guest(article), "Two.")
    assert refusal.retry_after == 15
    assert refusal.sentence.endswith("in 15 seconds, or now with an account.")

    clock.shift(15)
    assert reply(guest(article), "Two.") is None


def test_a_double_click_is_never_refused(article, reply):
    assert reply(guest(article), "One.") is None
    assert all(reply(guest(article), "One.") is None for _ in range(20))


def test_a_guest_posts_five_times_in_ten_minutes_and_twenty_a_day(
    article, reply, clock
):
    accepted = 0
    for turn in range(24 * 60):
        accepted += reply(guest(article), str(turn)) is None
        if turn == 8:
            assert accepted == 5
        clock.shift(60)
    assert accepted == 20

    clock.shift(timedelta(days=1))
    assert reply(guest(article), "A new day.") is None


def test_midnight_lifts_no_limit(article, reply, clock):
    clock.move_to("2026-03-02T23:59:55Z")
    assert reply(Speaker(article, net=Net("monday", "sunday")), "One.") is None
    clock.shift(10)

    refusal = reply(Speaker(article, net=Net("tuesday", "monday")), "Two.")

    assert refusal.retry_after == 5


def test_another_network_is_not_asked_to_wait(article, reply):
    assert reply(guest(article, "here"), "One.") is None
    assert reply(guest(article, "there"), "Two.") is None


def test_another_key_does_not_lift_the_limit_of_a_network(article, reply):
    assert reply(guest(article), "One.") is None
    speaker = guest(article)
    speaker.key = make_post(article).author.key

    assert reply(speaker, "Two.") is not None


def test_a_guest_begins_three_threads_a_day(article, clock):
    for turn in range(3):
        sent = Submission(article, guest(article), f"Thread {turn}")
        assert may_post(sent) is None
        clock.shift(600)

    refusal = may_post(Submission(article, guest(article), "One more"))
    assert refusal.retry_after == 24 * 3600 - 1800
    assert "begin a new thread" in refusal.sentence
    assert "in 24 hours, or now with an account" in refusal.sentence
    assert "You can still reply" in refusal.sentence


def test_a_thread_that_came_too_soon_uses_up_none_of_the_three(article, clock):
    begun = []
    for turn in range(6):
        text = f"Thread {turn}, in other words each time"
        begun.append(may_post(Submission(article, guest(article), text)) is None)
        clock.shift(10)
    assert begun == [True, False, True, False, True, False]


def test_a_thread_sent_twice_too_soon_gives_back_no_earlier_one(article, reply, clock):
    """Or the same text could begin threads for ever."""
    begun = 0
    for turn in range(6):
        reply(guest(article), f"Now no post may come: {turn}")
        same = Submission(article, guest(article), "Buy this.")
        begun += may_post(same) is None
        clock.shift(20)
        begun += may_post(same) is None
        clock.shift(700)
    assert begun == 3


def test_what_a_guest_is_told_is_still_possible_is(article, reply, clock):
    for turn in range(3):
        assert may_post(Submission(article, guest(article), f"Thread {turn}")) is None
        clock.shift(600)
    maya = make_member("maya", date_joined="2026-01-01T00:00Z")
    maya.refresh_from_db()

    assert may_post(Submission(article, guest(article), "One more"))
    assert reply(guest(article), "An answer.") is None
    assert may_post(Submission(article, Speaker(article, user=maya), "Mine")) is None


def test_a_member_has_limits_of_their_own(article, reply, clock):
    maya = make_member("maya", date_joined="2026-01-01T00:00Z")
    maya.refresh_from_db()
    speaker = Speaker(article, user=maya)

    assert reply(speaker, "One.") is None
    assert reply(speaker, "Two.").retry_after == 10
    accepted = 0
    for turn in range(60):
        clock.shift(30)
        accepted += reply(speaker, str(turn)) is None
    assert accepted == 29


def test_an_account_of_today_has_the_limits_of_a_guest(article, reply):
    speaker = Speaker(article, user=make_member("new"))

    assert reply(speaker, "One.") is None
    assert reply(speaker, "Two.").retry_after == 15


def test_an_account_waits_no_longer_than_its_first_day(article, clock):
    nora = make_member("nora", date_joined="2026-03-01T14:00Z")
    nora.refresh_from_db()
    speaker = Speaker(article, user=nora)
    for turn in range(3):
        assert may_post(Submission(article, speaker, f"Thread {turn}")) is None
        clock.shift(60)

    refusal = may_post(Submission(article, speaker, "One more"))
    assert refusal.retry_after == 2 * 3600 - 180
    assert "with an account" not in refusal.sentence
    assert "You can still reply" in refusal.sentence

    clock.shift(refusal.retry_after)
    assert may_post(Submission(article, speaker, "One more")) is None


def test_no_two_people_of_one_account_free_network_share_an_account_s_limit(
    article, reply
):
    """Whoever logs in is not asked to wait for others in the same building."""
    maya = make_member("maya", date_joined="2026-01-01T00:00Z")
    maya.refresh_from_db()
    assert reply(guest(article), "One.") is None

    net = Net("here", "here yesterday")
    assert reply(Speaker(article, user=maya, net=net), "Two.") is None


HEADERS = ["X-Forwarded-For", "Forwarded", "CF-Connecting-IP", "X-Real-IP", "Client-IP"]


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_made_up_address_lifts_no_limit(client, article, clock, settings, proxies):
    """Direct, and through our proxy, which adds what it saw at the end (TRUST A35)."""
    settings.TRUSTED_PROXY_COUNT = proxies
    statuses = []
    for turn in range(4):
        headers = dict.fromkeys(HEADERS, f"203.0.113.{turn}")
        if proxies:
            headers["X-Forwarded-For"] += ", 198.51.100.7"
        form = {"body": f"Post {turn}", "as": "anonymous"}
        client.cookies.clear()
        page = client.post(f"/articles/{article.slug}/posts/", form, headers=headers)
        statuses.append(page.status_code)

    assert statuses == [303, 429, 429, 429]
    assert f"Post {turn}" in page.content.decode()


def test_the_table_says_what_the_documents_say():
    """TRUST §1.1."""
    said = {act: [(w.limit, w.seconds) for w in LIMITS[act]] for act in LIMITS}

    assert said["anonymous post"] == [(1, 15), (5, 600), (20, 86400)]
    assert said["anonymous thread"] == [(3, 86400)]
    assert said["member post"] == [(1, 10), (30, 3600), (100, 86400)]
    assert said["edit"] == [(30, 3600)]
    assert said["report"] == [(10, 86400)]
    assert said["search"] == [(30, 60)]
