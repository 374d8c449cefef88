"""Words, limits and thresholds, on one page."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from discussion.moderation import doubting, read_weights
from mfr_site import limits
from mfr_site.models import SiteRules


class SiteRulesForm(forms.ModelForm[SiteRules]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        weights = ", ".join(f"{rule.name}: {rule.weight:g}" for rule in doubting())
        for name, usual in (("weights", weights), ("limits", limits.usual())):
            field = self.fields[name]
            field.help_text = f"{field.help_text} The usual: {usual}."

    def clean_limits(self) -> str:
        return self._understood("limits", limits.read)

    def clean_weights(self) -> str:
        return self._understood("weights", read_weights)

    def _understood(self, name: str, read: Callable[[str], object]) -> str:
        text: str = self.cleaned_data[name]
        try:
            read(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return text

    def clean_score_holds_at(self) -> float:
        score: float = self.cleaned_data["score_holds_at"]
        if not 0.5 <= score <= 1:
            raise forms.ValidationError("A number from 0.5 to 1.")
        return score


@admin.register(SiteRules)
class SiteRulesAdmin(admin.ModelAdmin[SiteRules]):
    form = SiteRulesForm

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one row, so no list of them."""
        rules, _made = SiteRules.objects.get_or_create(pk=1)
        return redirect("admin:mfr_site_siterules_change", rules.pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: SiteRules | None = None
    ) -> bool:
        return False
