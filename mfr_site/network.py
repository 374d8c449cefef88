"""Where a request comes from: the only place that reads an address, and keeps none.

Limits need to know "the same line as before", never who. So everything else sees a
pseudonym: an HMAC of the network's prefix under a key that lives for a day, in memory
that no backup holds (TRUST §4.2).
"""

import hashlib
import hmac
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

from .short_memory import short_memory

# What one household or ward has to itself: all of an IPv4 address, the /64 of an IPv6.
PREFIX = {4: 32, 6: 64}
PSEUDONYM_BYTES = 10


@dataclass(frozen=True)
class Net:
    """A network's pseudonyms for one purpose: today's, and yesterday's.

    Counts are written under today's and read under both, so that no limit starts anew at
    midnight.
    """

    today: str
    yesterday: str

    @property
    def names(self) -> tuple[str, str]:
        return self.today, self.yesterday


def net(request: HttpRequest, purpose: str) -> Net:
    """The pseudonyms of the asking network. Those of two purposes cannot be joined."""
    return pseudonyms(purpose, _prefix(client_address(request)))


def pseudonyms(purpose: str, of: str) -> Net:
    """Names for anything that must be counted and not written down: an address, say."""
    message = f"{purpose}|{of}".encode()
    today, yesterday = (
        hmac.digest(key, message, hashlib.sha256)[:PSEUDONYM_BYTES].hex()
        for key in short_memory().day_keys()
    )
    return Net(today, yesterday)


def client_address(request: HttpRequest) -> str:
    """The address of the client, or "" where there is none (a local socket, a test).

    A header counts only as far as our own proxies wrote it: with TRUSTED_PROXY_COUNT = n
    the n-th entry from the right is what the outermost of them saw (TRUST A35).
    """
    peer: str = request.META.get("REMOTE_ADDR", "")
    count: int = settings.TRUSTED_PROXY_COUNT
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if count and len(hops) >= count and (seen := _parse(hops[-count])):
        return str(seen)
    return str(_parse(peer) or "")


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _prefix(address: str) -> str:
    if not address:
        return "no address"
    length = PREFIX[ip_address(address).version]
    return str(ip_network(f"{address}/{length}", strict=False))
