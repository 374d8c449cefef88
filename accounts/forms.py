"""allauth's forms in our words, without placeholders: a label says it, and stays."""

import unicodedata
from typing import Any

from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.account.internal import flows
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm as AllauthAddWebAuthnForm
from allauth.mfa.webauthn.forms import EditWebAuthnForm as AllauthEditWebAuthnForm
from django import forms
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from . import doors
from .models import RetiredName, User

CHOOSING_HELP = (
    "12 characters or more. Four or five words that do not belong together are strong, "
    "and easy to keep in mind."
)
CODE_HELP = "Capital or small letters, with or without the dash."


class Worded(forms.Form):
    """Gives the fields our words: `words` maps a field to its label and its help."""

    words: dict[str, tuple[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.words:
                field.label, field.help_text = self.words[name]


class LoginForm(Worded, allauth.LoginForm):
    words = {
        "login": ("User name or e-mail", ""),
        "password": ("Password", ""),
        "remember": (
            "Stay logged in on this device",
            "Leave this empty on a device that others use.",
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs.update(
            autocomplete="username", autocapitalize="none", spellcheck="false"
        )

    def user_credentials(self) -> dict[str, str]:
        """The login as a name or as an address, never as both.

        allauth tries an address as a name too. That hashes a wrong password twice
        where the address is known and once where it is not: an oracle (TRUST A10).
        """
        login = self.cleaned_data["login"]
        method = flows.login.derive_login_method(login).value
        if method == "username":
            login = User.objects.spelling_of(login)
        return {method: login, "password": self.cleaned_data["password"]}


class SignupForm(Worded, allauth.SignupForm):
    words = {
        "username": (
            "User name",
            "Stands beside your posts. It need not be your name.",
        ),
        "email": ("E-mail", "Never shown. We send a code to it."),
        "password1": ("Password", CHOOSING_HELP),
        "website": ("Leave this field empty", ""),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # allauth hides the trap by a style attribute, which our policy does not allow.
        trap = forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})
        self.fields["website"].widget = trap

    def clean(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] | None = super().clean()
        if not self.errors and (refusal := doors.sign_up_refusal(context.request)):
            raise ValidationError(refusal.sentence)
        return cleaned

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        try:
            with transaction.atomic():
                return self._save_or_pretend(request)
        except IntegrityError:
            # Somebody took the name or the address since it was checked (TRUST A33).
            if not User.objects.is_name_free(self.cleaned_data["username"]):
                messages.error(request, get_adapter().error_messages["username_taken"])
                return None, redirect("account_signup")
            self.validate_unique_email(self.cleaned_data["email"])
            return self._save_or_pretend(request)

    def _save_or_pretend(
        self, request: HttpRequest
    ) -> tuple[User | None, HttpResponse | None]:
        if self.account_already_exists:
            # What a new account would cost, and that its name is gone for a while:
            # else the time or a second try would tell that the address is known.
            make_password(self.cleaned_data["password1"])
            RetiredName.objects.hold(self.cleaned_data["username"])
        user, response = super().try_save(request)
        return user, response


class RequestLoginCodeForm(Worded, allauth.RequestLoginCodeForm):
    words = {"email": ("E-mail", "")}


class ConfirmCodeForm(Worded, allauth.ConfirmLoginCodeForm):
    words = {"code": ("Code", CODE_HELP)}


class ConfirmResetCodeForm(Worded, allauth.ConfirmPasswordResetCodeForm):
    words = {"code": ("Code", CODE_HELP)}


class ConfirmEmailCodeForm(Worded, allauth.ConfirmEmailVerificationCodeForm):
    words = {"code": ("Code", CODE_HELP)}


class ResetPasswordForm(Worded, allauth.ResetPasswordForm):
    words = {"email": ("E-mail", "The address that you gave us.")}


class OnePassword(Worded):
    """The new password once: who mistypes it can have another code."""

    words = {"password1": ("New password", CHOOSING_HELP)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]


class ResetPasswordKeyForm(OnePassword, allauth.ResetPasswordKeyForm):
    def clean(self) -> dict[str, Any] | None:
        """A code dies with the address or password it was asked for (TRUST A12)."""
        if not get_adapter().code_still_holds(context.request, self.user):
            raise ValidationError(
                "This code is no longer good. Please ask for another."
            )
        return super().clean()


class SetPasswordForm(OnePassword, allauth.SetPasswordForm):
    pass


class ChangePasswordForm(OnePassword, allauth.ChangePasswordForm):
    words = OnePassword.words | {"oldpassword": ("Your password now", "")}

    def clean_oldpassword(self) -> str:
        # Through the adapter, so that guesses here count as guesses at log-in.
        password = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password  # type: ignore[no-any-return]


class AddEmailForm(Worded, allauth.AddEmailForm):
    words = {
        "email": ("New e-mail", "We send a code to it. Until then nothing changes.")
    }


class ReauthenticateForm(Worded, allauth.ReauthenticateForm):
    words = {"password": ("Password", "")}


class AuthenticateForm(Worded, mfa.AuthenticateForm):
    words = {"code": ("Code", "From your authenticator app, or a recovery code.")}


class ReauthenticateByCodeForm(Worded, mfa.ReauthenticateForm):
    words = AuthenticateForm.words


class ActivateTOTPForm(Worded, AllauthActivateTOTPForm):
    words = {"code": ("Code from the app", "Six digits. It changes every 30 seconds.")}


class AddWebAuthnForm(Worded, AllauthAddWebAuthnForm):
    words = {
        "name": (
            "Name of this passkey",
            "So that you know it again, such as “My phone”.",
        ),
        "passwordless": (
            "Log in with this passkey alone",
            "Your device then asks for its PIN, your finger or your face.",
        ),
    }


class EditWebAuthnForm(Worded, AllauthEditWebAuthnForm):
    words = {"name": ("Name of this passkey", "")}


class ProfileForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ["display_name", "bio"]
        labels = {"display_name": "Name beside your posts", "bio": "About you"}
        help_texts = {
            "display_name": "Your user name if you leave this empty.",
            "bio": "Up to 500 characters. Everybody can read it.",
        }

    def clean_display_name(self) -> str:
        name = unicodedata.normalize("NFKC", self.cleaned_data["display_name"])
        if name and not User.objects.is_name_free(name, but_for=self.instance):
            raise ValidationError("This name is taken, or looks like one that is.")
        return name
