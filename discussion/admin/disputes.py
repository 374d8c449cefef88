"""A dispute on one page: what was said, what the passage says now, and the decision."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from articles.admin.acts import editor_of
from articles.differences import words
from discussion.models import Dispute
from discussion.models.disputes import MAX_ANSWER
from discussion.quotes import up_to_date

NEEDS_WORDS = {Dispute.State.ANSWERED, Dispute.State.EVIDENCE_WANTED}


class DisputeForm(forms.ModelForm[Dispute]):
    """What an editor can decide without changing the article."""

    decision = forms.ChoiceField(
        choices=[
            (Dispute.State.ACKNOWLEDGED, "Somebody is looking"),
            (Dispute.State.ANSWERED, "It stays as it is, for the reason below"),
            (Dispute.State.EVIDENCE_WANTED, "We need evidence, as said below"),
        ],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        max_length=MAX_ANSWER,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
        help_text="Everybody reads it, beside the passage and under the post. "
        "Markdown as in posts; web addresses become links.",
    )

    class Meta:
        model = Dispute
        fields = ["answer"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("decision") in NEEDS_WORDS and not cleaned.get("answer"):
            self.add_error("answer", "Readers need to know why.")
        return cleaned


class WaitingFilter(admin.SimpleListFilter):
    title = "decision"
    parameter_name = "decision"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "Waiting"), ("overdue", "Overdue")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Dispute]
    ) -> QuerySet[Dispute]:
        chosen = {
            "waiting": Dispute.objects.undecided,
            "overdue": Dispute.objects.overdue,
        }.get(self.value() or "")
        return queryset.filter(pk__in=chosen().values("pk")) if chosen else queryset


@admin.register(Dispute)
class DisputeAdmin(admin.ModelAdmin[Dispute]):
    form = DisputeForm
    change_form_template = "admin/discussion/dispute/change_form.html"
    fields = ["decision", "answer"]
    list_display = ["quoted", "article", "state", "due_on"]
    list_filter = [WaitingFilter]
    search_fields = ["post__anchor__exact", "post__article__slug"]
    ordering = ["due_on", "opened_at"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dispute]:
        return Dispute.objects.standing().for_editors()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Dispute | None = None
    ) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Dispute | None = None
    ) -> bool:
        """What was corrected is decided; the correction is public."""
        may = super().has_change_permission(request, obj)
        return may and not (obj and obj.correction_id)

    @admin.display(description="disputed words")
    def quoted(self, dispute: Dispute) -> str:
        anchor = getattr(dispute.post, "anchor", None)
        return anchor.exact if anchor else str(dispute.post)

    @admin.display(description="article")
    def article(self, dispute: Dispute) -> str:
        return str(dispute.post.article)

    def save_model(
        self, request: HttpRequest, obj: Dispute, form: Any, change: bool
    ) -> None:
        answer, editor = form.cleaned_data["answer"], editor_of(request)
        match form.cleaned_data["decision"]:
            case Dispute.State.ACKNOWLEDGED:
                obj.acknowledge()
            case Dispute.State.ANSWERED:
                obj.answer_with(answer, editor)
            case Dispute.State.EVIDENCE_WANTED:
                obj.ask_for_evidence(answer, editor)

    def response_change(self, request: HttpRequest, obj: Dispute) -> HttpResponse:
        messages.success(request, f"Readers see it: {obj.state_for_readers.lower()}.")
        return redirect("admin:index")

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Dispute | None = None,
    ) -> HttpResponse:
        if obj:
            context |= _what_it_is_about(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)


def _what_it_is_about(dispute: Dispute) -> dict[str, Any]:
    [post] = up_to_date([dispute.post], dispute.post.article)
    anchor = getattr(post, "anchor", None)
    about: dict[str, Any] = {"post": post, "article": post.article, "anchor": anchor}
    live = post.article.live
    if anchor and live:
        key = anchor.current_passage or anchor.passage
        then = anchor.revision.passages.get(key=anchor.passage).text
        now = live.passages.filter(key=key).values_list("text", flat=True).first() or ""
        about |= {"then": then, "difference": words(then, now) if now != then else ""}
        about["is_gone"] = not now
    return about
