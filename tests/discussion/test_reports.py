"""What reports weigh, and what they do to a post together."""

from datetime import timedelta

import pytest
from django.utils import timezone

from discussion import queue
from discussion.models import Report
from mfr_site.models import SiteRules
from tests.discussion.sending import elsewhere
from tests.make import make_article, make_author, make_post
from tests.people import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    return make_article("fascia")


@pytest.fixture
def post(article):
    return make_post(article, "What helped me was time.")


@pytest.fixture
def member(article):
    """`member(name)`: somebody with a month here and a post that stands."""

    def make(name):
        month = timezone.now() - timedelta(days=30)
        user = make_member(name, date_joined=month)
        make_post(article, f"I am {name}.", author=make_author(article, user))
        return user

    return make


def report(post, reason="abuse", by=None, note=""):
    found = Report.objects.take(post, reason, note, by=by)
    post.refresh_from_db()
    return found


def test_what_a_word_weighs(post, member, edda):
    assert report(post).weight == 0.25
    assert report(post, by=make_member("new")).weight == 0.25
    assert report(post, by=member("old")).weight == 1
    assert report(post, by=edda).weight == 5


@pytest.mark.parametrize(
    ("right", "wrong", "weight"), [(0, 0, 1), (8, 0, 1.4), (0, 8, 0.6), (4, 4, 1)]
)
def test_whoever_was_right_before_weighs_more(article, member, right, wrong, weight):
    user = member("old")
    for number in range(right + wrong):
        said = report(make_post(article, str(number)), by=user)
        said.upheld = number < right
        said.settled_at = timezone.now()
        said.save()
    assert Report.objects.weight_of(user) == pytest.approx(weight)


def test_three_members_hide_a_post_until_a_moderator_looks(post, member):
    for name in ("one", "two"):
        report(post, by=member(name))
    assert post.is_published
    assert post.waits_since
    report(post, by=member("three"))
    assert post.state == "hidden"
    assert post.waits_since
    assert post.decisions.get().rule == "reports"


def test_the_same_member_counts_once(post, member):
    user = member("old")
    for _ in range(5):
        report(post, by=user)
    assert post.is_published
    assert post.reports.count() == 1


def test_reports_of_yesterday_do_not_count(post, member):
    for name in ("one", "two"):
        report(post, by=member(name))
    day = timezone.now() - timedelta(hours=25)
    Report.objects.update(created_at=day)
    report(post, by=member("three"))
    assert post.is_published


@pytest.mark.parametrize("reason", ["personal-data", "legal"])
def test_what_harms_by_the_hour_hides_at_one_member(post, member, reason):
    for _ in range(3):
        report(post, reason)
    assert post.is_published
    report(post, reason, by=member("old"))
    assert (post.state, post.decisions.get().rule) == ("hidden", reason)


def test_being_worried_hides_nothing_and_comes_first(post, member, edda):
    report(post, "worried", by=edda)
    report(post, "worried", by=member("old"))
    assert post.is_published
    assert post.is_urgent


def test_what_a_moderator_keeps_is_not_hidden_for_a_day(post, member, edda):
    report(post, by=edda)
    assert post.state == "hidden"
    queue.decide(post.pk, queue.stamp(post), "approve", queue.Choice(edda))
    names = [member(name) for name in ("one", "two", "three", "four")]

    for user in names[:3]:
        report(post, by=user)
    assert post.is_published
    assert post.waits_since is None

    post.decisions.update(created_at=timezone.now() - timedelta(hours=25))
    report(post, by=names[3])
    assert post.state == "hidden"


def test_a_kept_post_that_was_changed_can_be_hidden_again(post, member, edda):
    post.decide("keep", by=edda)
    post.edited_at = timezone.now() + timedelta(seconds=1)
    post.save()
    for name in ("one", "two", "three"):
        report(post, by=member(name))
    assert post.state == "hidden"


def test_the_threshold_is_the_editors(post, edda, member):
    SiteRules(hide_at=1).save()
    report(post, by=member("old"))
    assert post.state == "hidden"


def test_a_legal_notice_is_decided_with_a_statement_of_reasons(post, edda):
    report(post, "legal", note="It is my picture.")
    with pytest.raises(queue.Impossible, match="why you decide so"):
        queue.decide(post.pk, queue.stamp(post), "approve", queue.Choice(edda))

    # Meanwhile the discussion can be slowed.
    queue.decide(post.pk, queue.stamp(post), "slow", queue.Choice(edda))
    because = queue.Choice(edda, note="There is no picture in it.")
    queue.decide(post.pk, queue.stamp(post), "approve", because)

    assert post.decisions.first().reason == "There is no picture in it."
    assert Report.objects.get().upheld is False


def test_one_network_reports_a_post_once_a_day(client, post):
    address = f"{post.get_absolute_url()}report/"
    for _ in range(4):
        assert client.post(address, {"reason": "personal-data"}).status_code == 303
    assert post.reports.count() == 1


def test_a_legal_notice_says_what_it_is_about(client, post):
    address = f"{post.get_absolute_url()}report/"
    page = client.post(address, {"reason": "legal"})
    assert page.status_code == 400
    assert "which law or right" in page.content.decode()
    assert not Report.objects.exists()


# --- Legal notices ------------------------------------------------------------------------


def give_notice(client, post, **fields):
    form = {"reason": "legal", "note": "It is my picture.", "email": "nora@example.org"}
    return client.post(f"{post.get_absolute_url()}report/", form | fields)


def decide(post, act, edda, **choice):
    post = type(post).objects.get(pk=post.pk)
    choice = queue.Choice(edda, note="It shows no picture.", **choice)
    return queue.decide(post.pk, queue.stamp(post), act, choice)


OUTCOMES = {
    "approve": "that the post stays",
    "remove": "that the post is not shown",
    "silence": "that the post is not shown",
    "edit-out": "taken part of the post out",
}


@pytest.mark.parametrize("act", OUTCOMES)
def test_who_gave_notice_is_told_what_was_decided_and_why(
    client, post, edda, mailoutbox, act
):
    assert give_notice(client, post).status_code == 303
    assert not mailoutbox

    decide(post, act, edda, text="Less.")

    (letter,) = mailoutbox
    assert letter.to == ["nora@example.org"]
    for body in (letter.body, letter.alternatives[0][0]):
        assert "Post 1" in body
        assert OUTCOMES[act] in body
        assert "It shows no picture." in body
        assert "What helped me" not in body
        assert "my picture" not in body
    assert post.reports.get().answer_to == ""


def test_what_is_about_the_discussion_answers_nobody_yet(
    client, post, edda, mailoutbox
):
    give_notice(client, post)
    decide(post, "slow", edda)
    assert not mailoutbox
    assert post.reports.get().answer_to


def test_a_writer_who_deletes_the_post_settles_it(client, post, mailoutbox):
    give_notice(client, post)
    post.delete_by_author()
    (letter,) = mailoutbox
    assert "Its author has deleted the post" in letter.body
    report = post.reports.get()
    assert (report.answer_to, report.upheld) == ("", None)
    assert report.settled_at


def test_the_address_cannot_be_read_from_the_database(client, post):
    give_notice(client, post)
    stored = post.reports.get().answer_to
    assert stored
    assert "nora" not in stored


def test_no_address_is_kept_with_another_report(client, post):
    give_notice(client, post, reason="spam")
    assert post.reports.get().answer_to == ""


@pytest.mark.parametrize("address", ["nora", "a@b.example\nBcc: c@d.example"])
def test_an_address_that_is_none_comes_back(client, post, address):
    page = give_notice(client, post, email=address)
    assert page.status_code == 400
    assert "It is my picture." in page.content.decode()
    assert not Report.objects.exists()


def test_nobody_fills_another_s_mailbox(article):
    """Six posts, six networks, one address: five answers a day (TRUST A34)."""
    answers = [give_notice(elsewhere(), make_post(article, str(n))) for n in range(6)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [429]
    assert "It is my picture." in answers[-1].content.decode()
    assert Report.objects.count() == 5


def test_a_neighbour_s_report_swallows_no_notice(client, post, edda):
    address = f"{post.get_absolute_url()}report/"
    client.post(address, {"reason": "legal", "note": "It names me."})
    for _ in range(5):
        client.post(address, {"reason": "legal", "note": "It names me too."})
    assert post.reports.count() == 6
    post.refresh_from_db()
    assert post.is_published
    assert sum(report.weight for report in post.reports.all()) == 0.25
