"""Asking for reply mail without an account: whatever comes of it, the answer is the same.

So nobody learns from it whether an address takes mail, or was asked too often.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils import timezone

from accounts.doors import may_mail
from mfr_site import sealing
from mfr_site.limits import allow

from .models import Mailbox

if TYPE_CHECKING:
    from .models import PostKey

# Asked for again so soon, it is the same wish.
DOUBLE_CLICK = timedelta(minutes=1)
ASKED = (
    "If that address can get mail from us, a mail is on its way to it. Open the link in "
    "it within 24 hours. Until then we send nothing else, and after that we erase the "
    "address."
)


def ask(request: HttpRequest, key: "PostKey", address: str) -> None:
    """Send the mail that asks whether an address wants what is answered to a key.

    Not more often than anybody may have a mail sent to a stranger (TRUST A34).
    """
    held = Mailbox.objects.of(key)
    if held and held.digest in sealing.digests(address):
        if held.is_confirmed:
            held.renew()
        if held.is_confirmed or held.asked_at > timezone.now() - DOUBLE_CLICK:
            return
    if allow("reply mail", [f"key:{key.pk}"]) or not may_mail(request, address):
        return
    Mailbox.objects.begin(key, address)
