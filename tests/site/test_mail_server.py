"""Mails against a real SMTP server on this machine: as they arrive, and after an outage."""

import email
import socket
from collections import Counter

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mfr_site import mail, tasks
from mfr_site.models import OutgoingMail

pytestmark = [pytest.mark.django_db, pytest.mark.server]


class Sink:
    """Takes mails, or answers what it was told to."""

    def __init__(self):
        self.answer = "250 OK"
        self.received = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - its name
        if self.answer.startswith("250"):
            self.received.append(email.message_from_bytes(envelope.content))
        return self.answer


@pytest.fixture
def sink():
    return Sink()


class Server:
    """A mail server that can be away for a while, and is back on the same port."""

    def __init__(self, sink):
        self.sink = sink
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def start(self):
        self.running = Controller(self.sink, hostname="127.0.0.1", port=self.port)
        self.running.start()

    def stop(self):
        self.running.stop()
        self.running = None


@pytest.fixture
def server(sink, settings):
    server = Server(sink)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    yield server
    if server.running:
        server.stop()


def work():
    """Do all that is due, whatever the clock says."""
    DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
    for row in DBTaskResult.objects.ready():
        row.claim("a worker")
        try:
            row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
        except tasks.GiveUp as error:
            row.set_failed(error)
        else:
            row.set_successful(None)


def test_a_mail_arrives_with_its_headers(server, sink):
    mail.send("account/notice", "maya@example.org", {"change": "Größe < 1\nBcc: x@y.z"})
    work()
    (message,) = sink.received
    assert message["To"] == "maya@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Bcc"] is None
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert not OutgoingMail.objects.exists()


def test_after_an_outage_every_mail_arrives_once(server, sink):
    """The server is away, then says "later"; nothing is lost, nothing comes twice."""
    for number in range(40):
        mail.send("account/unknown", f"reader{number}@example.org")
    server.stop()
    work()
    assert OutgoingMail.objects.count() == 40
    server.start()
    sink.answer = "451 Later"
    for _ in range(6):
        work()
    assert sink.received == []
    sink.answer = "250 OK"
    work()

    arrived = Counter(message["To"] for message in sink.received)
    assert len(arrived) == 40
    assert set(arrived.values()) == {1}
    assert not OutgoingMail.objects.exists()
    assert not tasks.parked().exists()


def test_an_address_that_does_not_exist_is_written_to_once(server, sink):
    sink.answer = "550 No such user"
    mail.send("account/unknown", "nobody@example.org")
    work()
    sink.answer = "250 OK"
    work()
    assert sink.received == []
    assert not OutgoingMail.objects.exists()
