"""Mails against a real SMTP server on this machine: as they arrive, and after an outage."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from mfr_site import mail, tasks
from mfr_site.models import OutgoingMail, ReturnedAddress
from tests.mail_server import server, sink, work, work_on

__all__ = ["server", "sink"]

pytestmark = [pytest.mark.django_db, pytest.mark.server]


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


def refuses(server):
    server.stop()
    yield
    server.start()


def hangs(server):
    server.stop()
    server.hang()
    yield
    server.wake()


def says_later(server):
    server.sink.answer = "451 Later"
    yield
    server.sink.answer = "250 OK"


@pytest.mark.parametrize("away", [refuses, hangs, says_later])
def test_a_quarter_of_an_hour_after_an_outage_all_has_arrived(
    server, sink, settings, time_machine, away
):
    """By the clock, minute by minute: an hour away, then everything once (TRUST R4)."""
    settings.EMAIL_TIMEOUT = 0.1
    began = timezone.now()
    outage = away(server)
    next(outage)
    for minute in range(60):
        time_machine.move_to(began + timedelta(minutes=minute))
        if minute % 10 == 0:
            mail.send("account/unknown", f"reader{minute}@example.org")
        work_on()
    assert sink.received == []
    next(outage, None)
    settings.EMAIL_TIMEOUT = 10
    for minute in range(60, 76):
        time_machine.move_to(began + timedelta(minutes=minute))
        work_on()
    arrived = Counter(message["To"] for message in sink.received)
    assert len(arrived) == 6
    assert set(arrived.values()) == {1}
    assert not OutgoingMail.objects.exists()


def test_an_address_that_does_not_exist_is_written_to_once(server, sink):
    sink.answer = "550 No such user"
    mail.send("account/unknown", "nobody@example.org")
    work()
    sink.answer = "250 OK"
    work()
    assert sink.received == []
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    ("answer", "noted"),
    [
        ("550 No such user", True),
        ("550 5.1.1 Unknown", True),
        ("552 5.2.1 Closed", True),
        ("550 5.7.1 We do not like you", False),
        ("450 Later", False),
    ],
)
def test_an_address_that_is_refused_for_good_is_noted(server, sink, answer, noted):
    """Not one that may be right: a server that takes nothing from us says no more."""
    sink.to_address = answer
    mail.send("account/unknown", "nobody@example.org")
    work()
    assert mail.is_suppressed("Nobody@example.org") == noted
    assert "nobody" not in str(list(ReturnedAddress.objects.values()))
    assert OutgoingMail.objects.exists() == answer.startswith("4")
