"""How long a log-in lasts."""

import time
from datetime import timedelta

from django.contrib.auth import logout
from django.http import HttpRequest

# Without a click, and at all (TRUST §2.37). Editors can do harm in the name of the site.
STAFF_IDLE, STAFF_LIFE = timedelta(minutes=30), timedelta(hours=12)
MEMBER_IDLE, MEMBER_LIFE = timedelta(days=14), timedelta(days=90)
# The last use is noted anew when this part of the idle time has passed: a write now and
# then in place of one for every page.
NOTE_AFTER = 0.1
# Where the session keeps when it began and when it was last used.
BEGAN, SEEN = "accounts_began", "accounts_seen"


def begin(request: HttpRequest) -> None:
    request.session[BEGAN] = request.session[SEEN] = time.time()


def end_or_prolong(request: HttpRequest) -> None:
    """Log out who was away too long, or has been logged in for too long."""
    now = time.time()
    staff = request.user.is_staff
    idle = (STAFF_IDLE if staff else MEMBER_IDLE).total_seconds()
    life = (STAFF_LIFE if staff else MEMBER_LIFE).total_seconds()
    # One without these notes was not begun by our log-in: it gets them now.
    began = request.session.setdefault(BEGAN, now)
    seen = request.session.setdefault(SEEN, now)
    if now - seen > idle or now - began > life:
        logout(request)
    elif now - seen > idle * NOTE_AFTER:
        request.session[SEEN] = now
