"""Members, as editors and as those who run the site see them.

An editor may silence, trust or close an account and correct what its page says. Addresses,
roles, sessions and the second step are for superusers alone: else one editor could take
over the account of another (TRUST A5, A36). Accounts are made by signing up, and deleted
by their members.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from .models import User

# allauth's own pages: they show addresses and secrets, and the acts below replace them.
for shows_secrets in (EmailAddress, Authenticator, UserSession):
    admin.site.unregister(shows_secrets)

PRIVATE = ("email", "password", "emailaddress")


class MemberForm(forms.ModelForm[User]):
    def clean_username(self) -> str:
        return self._free(self.cleaned_data["username"])

    def clean_display_name(self) -> str:
        return self._free(self.cleaned_data["display_name"])

    def _free(self, name: str) -> str:
        if name and not User.objects.is_name_free(name, but_for=self.instance):
            raise forms.ValidationError(
                "This name is taken, or looks like one that is."
            )
        return name


@admin.register(User)
class MemberAdmin(admin.ModelAdmin[User]):
    form = MemberForm
    list_display = ["username", "display_name", "standing", "date_joined"]
    list_filter = ["is_staff", "is_active", "groups", "is_sample"]
    # Not by address: what can be searched by it tells it, letter by letter (TRUST A8).
    search_fields = ["username", "display_name"]
    ordering = ["-date_joined"]
    show_full_result_count = False
    filter_horizontal = ["groups"]
    readonly_fields = ["trusted_at", "silenced_at", "date_joined", "last_login"]
    actions = ["silence", "let_speak", "trust", "log_out_everywhere", "second_step_off"]
    for_everybody = [
        (None, {"fields": ["username", "display_name", "bio"]}),
        (
            "Standing",
            {"fields": ["is_active", "trusted_at", "silenced_at", "is_sample"]},
        ),
        ("Times", {"fields": ["date_joined", "last_login"]}),
    ]
    for_superusers = [
        ("Rights", {"fields": ["email", "is_staff", "is_superuser", "groups"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        more = self.for_superusers if request.user.is_superuser else []
        return [*self.for_everybody, *more]

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> list[str]:
        for_superusers = [] if request.user.is_superuser else ["username", "is_sample"]
        return [*self.readonly_fields, *for_superusers]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: User | None = None
    ) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: User | None = None
    ) -> bool:
        may_change = super().has_change_permission(request, obj)
        return may_change and (request.user.is_superuser or not (obj and obj.is_staff))

    def has_superuser_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def lookup_allowed(
        self, lookup: str, value: Any, request: HttpRequest | None = None
    ) -> bool:
        return not lookup.startswith(PRIVATE) and super().lookup_allowed(
            lookup,
            value,
            request,  # type: ignore[arg-type]
        )

    def save_model(
        self, request: HttpRequest, obj: User, form: MemberForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            # The old address must no longer open the account.
            EmailAddress.objects.filter(user=obj).delete()

    @admin.display(description="standing")
    def standing(self, member: User) -> str:
        if not member.is_active:
            return "closed"
        if member.silenced_at:
            return "silenced"
        if member.is_staff:
            return "editor"
        return "trusted" if member.trusted_at else ""

    @admin.action(
        description="Silence: their posts wait for an editor", permissions=["change"]
    )
    def silence(self, request: HttpRequest, members: QuerySet[User]) -> None:
        members.filter(is_staff=False).update(silenced_at=timezone.now())

    @admin.action(description="Let them speak again", permissions=["change"])
    def let_speak(self, request: HttpRequest, members: QuerySet[User]) -> None:
        members.filter(is_staff=False).update(silenced_at=None)

    @admin.action(description="Trust: posts appear at once", permissions=["change"])
    def trust(self, request: HttpRequest, members: QuerySet[User]) -> None:
        members.filter(trusted_at=None).update(trusted_at=timezone.now())

    @admin.action(description="Log them out everywhere", permissions=["superuser"])
    def log_out_everywhere(self, request: HttpRequest, members: QuerySet[User]) -> None:
        for member in members:
            member.end_sessions()

    @admin.action(
        description="Turn their two-step log-in off (a lost phone)",
        permissions=["superuser"],
    )
    def second_step_off(self, request: HttpRequest, members: QuerySet[User]) -> None:
        for member in members:
            member.turn_off_second_step()
