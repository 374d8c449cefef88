"""Looking people up: the list of who waits, and one decision for each.

An editor sees what to look up, and decides; the proof is discarded with the decision.
"""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from discussion.models import Credential, CredentialType


@admin.register(CredentialType)
class CredentialTypeAdmin(admin.ModelAdmin[CredentialType]):
    list_display = ["name", "register_url", "is_reserved", "position"]


class DecisionForm(forms.ModelForm[Credential]):
    class Decision(models.TextChoices):
        CONFIRM = "confirm", "The register shows them: confirm, from today for a year"
        REFUSE = "refuse", "The register does not show them, or not clearly: say why"
        REVIEWER = (
            "reviewer",
            "They review articles for this site, from today for a year",
        )
        WITHDRAW = "withdraw", "What stands beside their posts is wrong: take it off"

    decision = forms.ChoiceField(choices=Decision.choices, widget=forms.RadioSelect)

    class Meta:
        model = Credential
        fields = ["type", "answer"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        decision = cleaned.get("decision")
        if decision == self.Decision.CONFIRM and not cleaned.get("type"):
            self.add_error("type", "Choose the register in which you found them.")
        with_reason = {self.Decision.REFUSE, self.Decision.WITHDRAW}
        if decision in with_reason and not cleaned.get("answer"):
            self.add_error("answer", "Say why: the holder reads it.")
        return cleaned


class Waiting(admin.SimpleListFilter):
    title = "waiting"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "for an editor"), ("lapsed", "lapsed, not renewed")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Credential]
    ) -> QuerySet[Credential]:
        if self.value() == "yes":
            return queryset.filter(pk__in=Credential.objects.waiting())
        if self.value() == "lapsed":
            return queryset.filter(pk__in=Credential.objects.lapsed())
        return queryset


@admin.register(Credential)
class CredentialAdmin(admin.ModelAdmin[Credential]):
    form = DecisionForm
    list_display = ["title", "who", "type", "level", "asked_at", "valid_until"]
    list_filter = [Waiting, "level", "type"]
    list_select_related = ["user", "key", "type"]
    search_fields = ["title", "user__username", "user__display_name"]
    show_full_result_count = False
    shown = ["who", "title", "text", "proof_url", "proof_number", "asked_at", "doubles"]
    readonly_fields = shown
    fields = [*shown, "decision", "type", "answer"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credential]:
        return super().get_queryset(request).standing()  # type: ignore[no-any-return, attr-defined]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Credential | None = None
    ) -> bool:
        """Nobody looks themselves up."""
        is_own = obj is not None and obj.user_id == request.user.pk
        return super().has_change_permission(request, obj) and not is_own

    def has_delete_permission(
        self, request: HttpRequest, obj: Credential | None = None
    ) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Credential, form: DecisionForm, change: bool
    ) -> None:
        """One decision is one act of the model, which also discards the proof."""
        decision, answer = form.cleaned_data["decision"], form.cleaned_data["answer"]
        by = cast(User, request.user)
        match decision:
            case DecisionForm.Decision.CONFIRM:
                obj.confirm(by)
            case DecisionForm.Decision.REFUSE:
                obj.refuse(by, answer)
            case DecisionForm.Decision.REVIEWER:
                obj.make_reviewer(by)
            case DecisionForm.Decision.WITHDRAW:
                obj.withdraw(by, answer)

    @admin.display(description="holder")
    def who(self, credential: Credential) -> str:
        return str(credential.holder)

    @admin.display(description="shown by others with this number")
    def doubles(self, credential: Credential) -> str:
        others = [self.who(other) for other in credential.others_with_this_number]
        return ", ".join(others) or "nobody"
