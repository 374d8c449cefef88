"""Publishing closes the loop: disputes, corrections, and what readers see of both."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.models import Correction
from discussion import letters, publishing
from discussion.models import Dispute, Notice, Outcome, Post
from discussion.publishing import follow_up, publish, waiting_on
from mfr_site.models import PageVersion, ScheduledBump
from tests.make import make_article, make_author, make_quotation

pytestmark = pytest.mark.django_db

CLAIM = "It cures pain in the back and in the neck for good."
BODY = f"{CLAIM}\n\nSlow pressure helps some.\n\nNobody knows why."
BETTER = BODY.replace("cures", "may ease").replace("good", "a while")
CORRECTED, STILL_OPEN = Outcome.What.CORRECTED, Outcome.What.STILL_OPEN
TOLD = "We said that it cures pain. No study shows that."


@pytest.fixture
def article():
    return make_article("fascia", body=BODY)


@pytest.fixture
def later(settings):
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}
    }
    return timezone.now() + timedelta(days=1)


def disputed(article, words=CLAIM, **given):
    return make_quotation(article, words, disputes=True, **given).dispute


def draft_of(article, body=BETTER, **given):
    return article.revise(None, based_on=article.latest, body=body, **given)


def fresh(dispute):
    return Dispute.objects.get(pk=dispute.pk)


def test_the_editor_is_asked_about_what_the_text_touches(article):
    touched = disputed(article)
    untouched = disputed(article, "Slow pressure")
    first, second = waiting_on(draft_of(article))
    assert (first.dispute, first.is_touched) == (touched, True)
    assert (second.dispute, second.is_touched) == (untouched, False)
    assert "cures" in first.difference and "<ins>" in first.difference


def test_a_change_around_the_disputed_words_touches_them(article):
    disputed(article, "cures pain")
    body = BODY.replace("for good", "for a year")
    [waiting] = waiting_on(draft_of(article, body))
    assert waiting.is_touched


def test_a_passage_that_goes_is_touched(article):
    disputed(article)
    [waiting] = waiting_on(draft_of(article, "Slow pressure helps some."))
    assert waiting.is_touched
    assert (waiting.now, waiting.then) == (CLAIM, "")


def test_nobody_is_asked_about_what_is_settled_or_gone(article, edda):
    disputed(article).answer_with("It stays.", edda)
    disputed(article).post.remove(edda, "spam")
    assert waiting_on(draft_of(article)) == []


def test_a_correction_stands_everywhere_at_once(article, edda, client):
    dispute = disputed(article)
    revision = draft_of(article)
    publish(revision, edda, correction=TOLD, outcomes={dispute: CORRECTED})
    correction = Correction.objects.public().get()
    assert (correction.text, correction.editor) == (TOLD, edda)
    assert (correction.before.number, correction.after) == (1, revision)
    assert fresh(dispute).correction == correction
    page = client.get("/articles/fascia/").content.decode()
    assert page.count(TOLD) >= 3  # the note, under the post, and for search engines
    assert "Disputed: 1 open" not in page
    assert "After <a href=" in page
    for path in ("/corrections/", "/feeds/corrections/", "/articles/fascia/history/"):
        assert TOLD in client.get(path).content.decode()


def test_whoever_disputed_is_told_once(article, edda, maya):
    dispute = disputed(article, author=make_author(article, maya))
    revision = draft_of(article)
    publish(revision, edda, correction=TOLD, outcomes={dispute: CORRECTED})
    letters.send_due()
    [letter] = mail.outbox
    assert letter.to == [maya.email]
    assert TOLD in letter.body
    assert CLAIM in letter.body
    follow_up.enqueue(revision.pk)
    assert letters.send_due() == 0
    assert len(mail.outbox) == 1


def test_anchors_are_compared_when_a_text_is_published(article, edda):
    dispute = disputed(article)
    publish(draft_of(article), edda, outcomes={dispute: STILL_OPEN})
    post = Post.objects.for_reading().get(pk=dispute.post_id)
    assert post.anchor.is_former


def test_otherwise_the_dispute_stays_open(article, edda):
    dispute = disputed(article)
    publish(draft_of(article), edda, outcomes={dispute: STILL_OPEN})
    assert fresh(dispute).state == "open"
    assert dispute.outcomes.get().what == STILL_OPEN
    assert not Correction.objects.exists()
    assert letters.send_due() == 0


def test_what_was_only_unclear_is_no_correction(article, edda, client, maya):
    dispute = disputed(article, author=make_author(article, maya))
    publish(draft_of(article), edda, outcomes={dispute: Outcome.What.REWORDED})
    assert fresh(dispute).state == "reworded"
    assert not fresh(dispute).is_open
    page = client.get("/articles/fascia/").content.decode()
    assert "The editors reworded this passage" in page
    assert "corrections-h" not in page
    assert "more clearly" not in client.get("/corrections/").content.decode()
    assert "more clearly" in client.get("/articles/fascia/history/").content.decode()
    letters.send_due()
    assert mail.outbox[0].to == [maya.email]
    article.refresh_from_db()
    assert article.review_reason == ""


def test_a_correction_to_come_corrects_nothing_yet(
    article, edda, later, client, time_machine, maya
):
    dispute = disputed(article, author=make_author(article, maya))
    revision = draft_of(article)
    publish(
        revision,
        edda,
        go_live_at=later,
        correction=TOLD,
        outcomes={dispute: CORRECTED},
    )
    assert not Correction.objects.public().exists()
    assert fresh(dispute).is_open
    assert fresh(dispute).state_for_readers == "The editors are looking"
    page = client.get("/articles/fascia/").content.decode()
    assert TOLD not in page
    assert "Disputed: 1 open" in page
    time_machine.move_to(later + timedelta(minutes=1))
    assert TOLD in client.get("/articles/fascia/").content.decode()
    assert not fresh(dispute).is_open
    publishing._follow_up(revision)
    assert Notice.objects.get().mailbox.address == maya.email


def test_pages_turn_at_the_time_by_themselves(article, edda, later):
    dispute = disputed(article)
    publish(
        draft_of(article),
        edda,
        go_live_at=later,
        correction=TOLD,
        outcomes={dispute: CORRECTED},
    )
    tags = set(ScheduledBump.objects.filter(at=later).values_list("tag", flat=True))
    assert {article.page_tag, "articles", "discussion"} <= tags


def test_a_schedule_that_is_taken_back_takes_its_decisions_back(article, edda, later):
    dispute = disputed(article)
    revision = draft_of(article)
    publish(
        revision,
        edda,
        go_live_at=later,
        correction=TOLD,
        outcomes={dispute: CORRECTED},
    )
    revision.call_back()
    assert not Correction.objects.exists()
    assert list(Dispute.objects.undecided()) == [dispute]
    publishing._follow_up(revision)
    assert letters.send_due() == 0


def test_a_correction_brings_the_review_forward(article, edda):
    dispute = disputed(article)
    publish(draft_of(article), edda, correction=TOLD, outcomes={dispute: CORRECTED})
    article.refresh_from_db()
    assert article.review_reason == "A correction was published."


def test_three_open_disputes_bring_the_review_forward(article):
    for _ in range(3):
        disputed(article)
    article.refresh_from_db()
    assert article.review_reason == "3 disputes are open."


def test_what_is_live_cannot_be_published_again(article, edda):
    dispute = disputed(article)
    with pytest.raises(ValidationError):
        publish(article.live, edda, correction=TOLD, outcomes={dispute: CORRECTED})
    assert fresh(dispute).state == "open"
    assert not Correction.objects.exists()


def test_the_first_text_of_an_article_corrects_nothing(edda):
    draft = make_article("other", body="First.").latest
    draft = draft.article.revise(None, based_on=draft, body="Second.")
    publish(draft, edda)
    assert not Correction.objects.exists()


def test_an_answer_turns_the_pages_that_show_it(article, edda, maya):
    dispute = disputed(article, author=make_author(article, maya))
    before = PageVersion.objects.get(tag=article.page_tag).version
    dispute.answer_with("Two trials **say so**.", edda)
    assert PageVersion.objects.get(tag=article.page_tag).version > before
    assert fresh(dispute).state == "answered"
    assert "<strong>say so</strong>" in fresh(dispute).answer_html
    letters.send_due()
    assert mail.outbox[0].to == [maya.email]


def test_an_answer_is_no_place_for_scripts(article, edda):
    dispute = disputed(article)
    dispute.answer_with("<script>alert(1)</script> [x](javascript:alert(1))", edda)
    assert "<script" not in dispute.answer_html
    assert "href" not in dispute.answer_html


def test_an_empty_answer_is_none(article, edda):
    with pytest.raises(ValidationError):
        disputed(article).answer_with("  ", edda)


def test_nobody_without_an_account_is_mailed(article, edda):
    disputed(article).answer_with("It stays.", edda)
    assert letters.send_due() == 0


def test_a_dispute_is_overdue_after_a_week(article, time_machine):
    dispute = disputed(article)
    assert not dispute.is_overdue
    time_machine.move_to(timezone.now() + timedelta(days=8))
    assert fresh(dispute).is_overdue
    assert list(Dispute.objects.overdue()) == [dispute]
