"""What this site does otherwise than allauth, and why."""

import logging
import unicodedata
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme

from mfr_site import mail

from . import doors, sessions
from .models import User

security = logging.getLogger("mfr_site.security")

# allauth's mails, and ours (templates/emails/account/) that go out in their place.
LETTERS = {
    "account/email/email_confirmation_signup": "confirm_address",
    "account/email/email_confirmation": "confirm_address",
    "account/email/login_code": "login_code",
    "account/email/password_reset_code": "reset_code",
    "account/email/account_already_exists": "already_exists",
    "account/email/unknown_account": "unknown",
    "account/email/email_changed": "address_changed",
}
# Where the session keeps what a mailed code depends on; see `code_still_holds`.
SEAL = "accounts_code_seal"
LEAVING = (
    "Your account will be deleted on {day}. You can still keep it, under “Your data”."
)
# What happened to the account, told to its owner.
NOTICES = {
    "account/email/password_changed": "The password of your account was changed.",
    "account/email/password_set": "The password of your account was set.",
    "account/email/password_reset": "A new password was chosen with a mailed code.",
    "mfa/email/totp_activated": "Two-step log-in, by an app, was turned on.",
    "mfa/email/totp_deactivated": "Two-step log-in, by an app, was turned off.",
    "mfa/email/recovery_codes_generated": "New recovery codes were made.",
    "mfa/email/webauthn_added": "A passkey was added.",
    "mfa/email/webauthn_removed": "A passkey was removed.",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "The name and password do not belong together.",
        "email_password_mismatch": "The address and password do not belong together.",
        "incorrect_code": "This is not the code we sent. Please look again.",
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not your password.",
        "username_taken": "This name is taken, or looks like one that is.",
        "same_as_current": "This is your address already.",
        "too_many_login_attempts": "Too many tries. Please wait a few minutes.",
        "account_inactive": "This account is closed.",
    }

    # --- Names -------------------------------------------------------------------

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """The name in one spelling, when it may be taken. Raises ValidationError."""
        username = unicodedata.normalize("NFKC", username)
        for validate in User._meta.get_field("username").validators:
            validate(username)
        if not shallow and not User.objects.is_name_free(username):
            raise self.validation_error("username_taken")
        return username

    # --- Mail --------------------------------------------------------------------

    def send_mail(
        self, template_prefix: str, email: str, facts: dict[str, Any]
    ) -> None:
        """Queue our mail in place of allauth's.

        Only the code is carried over. The addresses that allauth builds follow the
        Host header, and a mail that anybody can have sent to a stranger must not carry
        words of theirs, such as a user name (DESIGN §5, TRUST A11, A34).
        """
        letter = LETTERS[template_prefix]
        request = context.request
        if letter != "address_changed" and not doors.may_mail(request, email):
            return
        # Asked for unknown addresses too: they must not be quicker (TRUST A10).
        owner = User.objects.filter(email__iexact=email).first()
        if owner and letter in {"login_code", "reset_code"}:
            request.session[SEAL] = owner.code_seal()
        code = {"code": facts["code"]} if "code" in facts else {}
        mail.send(f"account/{letter}", email, code)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the owner what changed: never from which address or browser.

        `email` is the old address, when the address is what changed. The new one is
        not named to it: the old one may have a new owner by now.
        """
        if email:
            self.send_mail(template_prefix, email, {})
        elif user.email:
            change = {"change": NOTICES[template_prefix]}
            mail.send("account/notice", user.email, change)

    # --- What must never be stored -------------------------------------------------

    def get_client_ip(self, request: HttpRequest) -> str:
        """Nobody's address: allauth would write it into the list of sessions.

        Our limits count by `mfr_site.network` instead (TRUST §4.2).
        """
        return "::"

    def get_http_user_agent(self, request: HttpRequest) -> str:
        return ""

    # --- Log-in ------------------------------------------------------------------

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try. Raises ValidationError, before any hash, when it is one too many."""
        self.knock = doors.knock(
            request, credentials.get("email") or credentials["username"]
        )
        if self.knock.is_refused():
            security.info("log-in refused: too many tries")
            raise self.validation_error("too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self) -> None:
        # Called when the password was right; private to allauth, pinned by a test.
        self.knock.take_back()

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        security.info("log-in failed")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The account these credentials open, or none.

        One whose address was never confirmed does not open yet. It could otherwise be
        told from an address that was taken already, for which no account was made:
        sign up, then try to log in. A new password by code confirms the address.
        """
        user: User | None = super().authenticate(request, **credentials)
        return user if user and user.has_confirmed_an_address() else None

    def pre_login(
        self, request: HttpRequest, user: User, **kwargs: Any
    ) -> HttpResponse | None:
        records = get_authentication_records(request, user)
        by_code = bool(records) and records[-1]["method"] == "code"
        if by_code and not self.code_still_holds(request, user):
            messages.error(request, "This code is no longer good. Please ask again.")
            return redirect("account_login")
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def post_login(
        self, request: HttpRequest, user: User, **kwargs: Any
    ) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        doors.remember_device(response, user)
        sessions.begin(request)
        if user.deletion_due_at:
            day = date_format(user.deletion_due_at, "j F")
            messages.warning(request, LEAVING.format(day=day))
        security.info("log-in of account %s", user.pk)
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """To the page that can undo it, for whoever asked to be deleted."""
        user = cast(User, request.user)
        if user.deletion_due_at:
            return reverse("accounts:data")
        return str(super().get_login_redirect_url(request))

    def code_still_holds(self, request: HttpRequest, user: User) -> bool:
        """Whether address and password are those for which the code was mailed.

        Who has lost control of the old address could otherwise still be taken over
        for ten minutes (CVE-2021-37693 of another site; TRUST A12).
        """
        return constant_time_compare(request.session.get(SEAL, ""), user.code_seal())

    def is_safe_url(self, url: str) -> bool:
        """Only addresses on this very host: allauth also allows every ALLOWED_HOSTS."""
        request = context.request
        return url_has_allowed_host_and_scheme(
            url, {request.get_host()}, require_https=request.is_secure()
        )
