from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from traceback import format_exception

import pytest
from django.conf import settings
from django.core import mail as sent
from django.core.mail import BadHeaderError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mfr_site import mail, tasks
from mfr_site.models import OutgoingMail

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(settings):
    """Tasks wait for a worker, as in life."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def test_nothing_is_sent_before_a_worker_does_it(queued):
    mail.send("account/login_code", "maya@example.org", {"code": "AAAA-BBBB"})
    assert sent.outbox == []
    waiting = OutgoingMail.objects.get()
    mail.deliver.call(waiting.pk)
    assert [message.to for message in sent.outbox] == [["maya@example.org"]]


def test_the_queue_holds_neither_address_nor_text(queued):
    """A finished task stays for days; the waiting mail goes with its delivery."""
    mail.send("account/login_code", "maya@example.org", {"code": "AAAA-BBBB"})
    kept = str(list(DBTaskResult.objects.values()))
    assert "maya" not in kept
    assert "AAAA" not in kept
    mail.deliver.call(OutgoingMail.objects.get().pk)
    assert not OutgoingMail.objects.exists()


def test_a_mail_that_was_delivered_is_not_sent_again(queued):
    mail.send("account/unknown", "maya@example.org")
    waiting = OutgoingMail.objects.get()
    mail.deliver.call(waiting.pk)
    mail.deliver.call(waiting.pk)
    assert len(sent.outbox) == 1


@pytest.fixture
def waiting(queued):
    mail.send("account/unknown", "maya@example.org")
    return OutgoingMail.objects.get()


def failing(error):
    """A mail server that does this with everything."""

    def send_messages(self, messages):
        raise error

    return send_messages


SEND = "django.core.mail.backends.locmem.EmailBackend.send_messages"


def test_a_mail_that_fails_waits_on_under_the_same_id(waiting, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(SEND, failing(ConnectionRefusedError("maya@example.org")))
        mail.deliver.call(waiting.pk)
    again = DBTaskResult.objects.latest("enqueued_at")
    assert again.args_kwargs == {"args": [waiting.pk], "kwargs": {"tries": 2}}
    assert again.run_after > timezone.now() + timedelta(seconds=50)
    mail.deliver.call(waiting.pk)
    assert sent.outbox[0].extra_headers["Message-ID"] == waiting.message_id


def test_a_server_that_is_away_is_tried_until_it_is_back(waiting, monkeypatch):
    monkeypatch.setattr(SEND, failing(ConnectionRefusedError("maya@example.org")))
    for tries in range(1, 12):
        mail.deliver.call(waiting.pk, tries=tries)
    again = DBTaskResult.objects.latest("enqueued_at")
    assert again.run_after < timezone.now() + timedelta(minutes=16)
    assert OutgoingMail.objects.exists()
    assert "maya" not in str(list(DBTaskResult.objects.values()))


def test_a_mail_that_cannot_be_made_is_parked_after_five_tries(waiting, monkeypatch):
    monkeypatch.setattr(mail, "compose", lambda *_: 1 / 0)
    for tries in range(1, tasks.TRIES):
        mail.deliver.call(waiting.pk, tries=tries)
    with pytest.raises(ZeroDivisionError):
        mail.deliver.call(waiting.pk, tries=tasks.TRIES)
    assert DBTaskResult.objects.count() == tasks.TRIES


@pytest.mark.parametrize(
    "error",
    [
        SMTPRecipientsRefused({"maya@example.org": (550, b"No such user")}),
        SMTPDataError(554, b"No"),
        BadHeaderError("newline"),
    ],
)
def test_what_will_never_be_taken_is_not_tried_again(waiting, monkeypatch, error):
    monkeypatch.setattr(SEND, failing(error))
    with pytest.raises(tasks.GiveUp) as told:
        mail.deliver.call(waiting.pk)
    assert "maya" not in "".join(format_exception(told.value))
    assert not OutgoingMail.objects.exists()
    assert DBTaskResult.objects.count() == 1


def test_a_server_that_hangs_keeps_no_other_work_waiting(waiting, monkeypatch):
    """One mail has waited in vain: for a minute no other is tried (TRUST R22)."""
    tried = []

    def hang(self, messages):
        tried.append(messages)
        raise TimeoutError

    monkeypatch.setattr(SEND, hang)
    monkeypatch.setattr(mail, "IN_VAIN", 0)
    monkeypatch.setattr(mail, "rest", mail.Rest())
    for tries in range(1, 4):
        mail.deliver.call(waiting.pk, tries=tries)
    assert len(tried) == 1
    assert OutgoingMail.objects.get().begun == 0
    mail.rest.until = 0.0
    mail.deliver.call(waiting.pk)
    assert len(tried) == 2


@pytest.mark.parametrize("code", [421, 451])
def test_what_may_be_taken_later_is_tried_again(waiting, monkeypatch, code):
    monkeypatch.setattr(SEND, failing(SMTPDataError(code, b"Later")))
    mail.deliver.call(waiting.pk)
    assert DBTaskResult.objects.count() == 2
    assert OutgoingMail.objects.get().begun == 0


def test_nobody_gets_a_mail_three_times(waiting, monkeypatch):
    """As when the worker is killed each time after the server has taken the mail."""
    with monkeypatch.context() as patch:
        patch.setattr(OutgoingMail, "delete", killed)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                mail.deliver.call(waiting.pk)
    with pytest.raises(tasks.GiveUp):
        mail.deliver.call(waiting.pk)
    assert len(sent.outbox) == 2
    assert OutgoingMail.objects.exists()


def killed(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("context", "age"), [({"code": "AAAA"}, timedelta(minutes=11)), ({}, timedelta(8))]
)
def test_a_mail_nobody_has_use_for_any_more_is_dropped(queued, context, age):
    mail.send("account/login_code", "maya@example.org", context)
    OutgoingMail.objects.update(created_at=timezone.now() - age)
    mail.deliver.call(OutgoingMail.objects.get().pk)
    assert sent.outbox == []
    assert not OutgoingMail.objects.exists()


def test_a_mail_has_text_and_html_and_says_that_a_machine_wrote_it():
    mail.send("account/notice", "maya@example.org", {"change": "A < B & C"})
    message = sent.outbox[0]
    html, kind = message.alternatives[0]
    assert kind == "text/html"
    assert "A < B & C" in message.body
    assert "A &lt; B &amp; C" in html
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("evil", ["a@b.org\nBcc: x@y.org", "a@b.org\r\nX: y"])
def test_no_line_break_reaches_a_header(evil):
    with pytest.raises(Exception, match=r"newline|valid"):
        mail.compose("account/unknown", {}, evil).message()


TO_EDITORS = {"error_report", "posts_wait", "moderators_digest"}
SUBJECTS = sorted((settings.BASE_DIR / "templates/emails").rglob("*.subject.txt"))


@pytest.mark.parametrize(
    "path", SUBJECTS, ids=lambda path: path.parent.name + path.name
)
def test_no_subject_says_what_the_site_is_about(path):
    """It stands on a locked screen: the site's name is a word of health (TRUST §4.4)."""
    subject = path.read_text()
    if path.name.partition(".")[0] not in TO_EDITORS:
        # Those go to the people who run the site.
        assert "site_name" not in subject
        assert "title" not in subject
    for word in ("myofascial", "fascia", "pain", "health", "treatment", "therap"):
        assert word not in subject.lower()
