"""A real SMTP server on this machine, for the tests that send to one."""

import email
import socket

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mfr_site import tasks


class Sink:
    """Takes mails, or answers what it was told to."""

    def __init__(self):
        self.answer = self.to_address = "250 OK"
        self.received = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.to_address.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_address

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

    def hang(self):
        """Take connections on the same port, and never say a word."""
        self.silent = socket.create_server(("127.0.0.1", self.port))

    def wake(self):
        self.silent.close()
        self.start()


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
    work_on()


def work_on():
    """Do all that is due by the clock."""
    for row in DBTaskResult.objects.ready():
        row.claim("a worker")
        try:
            row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
        except tasks.GiveUp as error:
            row.set_failed(error)
        else:
            row.set_successful(None)
