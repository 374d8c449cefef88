"""Addresses that an editor found in the mailbox of mails that came back."""

import pytest
from django.core.management import CommandError, call_command

from mfr_site import mail
from mfr_site.models import ReturnedAddress

pytestmark = pytest.mark.django_db


def test_the_address_gets_no_more_news_until_it_is_lifted(capsys):
    call_command("mail_came_back", "heron@example.org", "wren@example.org")
    assert "2 get no more news" in capsys.readouterr().out
    assert mail.is_suppressed("Heron@example.org")
    assert not mail.is_suppressed("maya@example.org")
    assert "heron" not in str(list(ReturnedAddress.objects.values()))
    call_command("mail_came_back", "--lift", "heron@example.org")
    assert not mail.is_suppressed("heron@example.org")
    assert mail.is_suppressed("wren@example.org")


def test_what_is_no_address_is_said_and_nothing_is_done():
    with pytest.raises(CommandError, match="no mail address"):
        call_command("mail_came_back", "heron@example.org", "heron")
    assert not ReturnedAddress.objects.exists()


def test_twice_is_as_good_as_once():
    for _ in range(2):
        call_command("mail_came_back", "heron@example.org", verbosity=0)
    assert ReturnedAddress.objects.count() == 1
