"""Addresses: read in one place, believed only from our own proxies, kept nowhere."""

import re

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from mfr_site.network import client_address, net


@pytest.fixture
def asked(rf, settings):
    """`asked(forwarded, proxies=…, peer=…)`: the request of a client."""

    def make(forwarded=None, *, proxies=0, peer="198.51.100.1"):
        settings.TRUSTED_PROXY_COUNT = proxies
        headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
        return rf.get("/", REMOTE_ADDR=peer, **headers)

    return make


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        # Nobody in front of us: a header is what the client made up.
        (None, 0, "198.51.100.1"),
        ("203.0.113.9", 0, "198.51.100.1"),
        ("203.0.113.9, 198.51.100.1", 0, "198.51.100.1"),
        # One proxy: the last entry is what it saw, whatever stands before.
        ("203.0.113.9", 1, "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", 1, "203.0.113.9"),
        ("6.6.6.6,6.6.6.6,  203.0.113.9 ", 1, "203.0.113.9"),
        # Two proxies.
        ("6.6.6.6, 203.0.113.9, 192.0.2.2", 2, "203.0.113.9"),
        # Not from our proxies: fewer entries than they write, or no address at all.
        (None, 1, "198.51.100.1"),
        ("203.0.113.9", 2, "198.51.100.1"),
        ("6.6.6.6, unknown", 1, "198.51.100.1"),
        ("", 1, "198.51.100.1"),
        # The same line, written in another way.
        ("::ffff:203.0.113.9", 1, "203.0.113.9"),
        ("2001:DB8:0:0:0::1", 1, "2001:db8::1"),
    ],
)
def test_a_header_counts_as_far_as_our_proxies_wrote_it(
    asked, forwarded, proxies, address
):
    assert client_address(asked(forwarded, proxies=proxies)) == address


def test_other_headers_say_nothing(asked):
    request = asked(proxies=1)
    for name in ("FORWARDED", "X_REAL_IP", "CF_CONNECTING_IP", "TRUE_CLIENT_IP"):
        request.META[f"HTTP_{name}"] = "for=6.6.6.6"

    assert client_address(request) == "198.51.100.1"


@pytest.mark.parametrize("peer", ["", "unix:", "not an address"])
def test_a_local_socket_has_no_address_and_does_no_harm(asked, peer):
    request = asked(peer=peer)

    assert client_address(request) == ""
    assert net(request, "post") == net(request, "post")


@given(st.text(max_size=60))
def test_no_header_raises(header):
    from django.test import RequestFactory, override_settings

    with override_settings(TRUSTED_PROXY_COUNT=1):
        request = RequestFactory().get(
            "/", REMOTE_ADDR="198.51.100.1", HTTP_X_FORWARDED_FOR=header
        )
        client_address(request)


def test_one_line_has_one_pseudonym(asked):
    def name(address):
        return net(asked(peer=address), "post").today

    assert name("192.0.2.1") != name("192.0.2.2")
    assert name("2001:db8:1:2::1") == name("2001:db8:1:2:ffff::9")
    assert name("2001:db8:1:2::1") != name("2001:db8:1:3::1")


def test_pseudonyms_of_two_purposes_cannot_be_joined(asked):
    assert net(asked(), "post").today != net(asked(), "report").today


def test_a_pseudonym_lasts_a_day_and_is_known_one_day_longer(asked):
    with time_machine.travel("2026-03-02T12:00Z", tick=False) as clock:
        monday = net(asked(), "post")
        clock.move_to("2026-03-02T23:59Z")
        assert net(asked(), "post") == monday
        clock.move_to("2026-03-03T00:01Z")
        tuesday = net(asked(), "post")
        clock.move_to("2026-03-04T00:01Z")
        wednesday = net(asked(), "post")

    assert tuesday.today != monday.today
    assert tuesday.yesterday == monday.today
    assert monday.today not in wednesday.names


def test_nothing_of_the_address_is_in_the_pseudonym(asked):
    named = net(asked(peer="192.0.2.1"), "post")

    assert all(re.fullmatch("[0-9a-f]{20}", name) for name in named.names)
