"""An article, written on one screen."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path

from articles import checks
from articles.comparison import compare
from articles.forms import WritingForm
from articles.models import Article, PreviewLink, Related, Source

from . import acts, history, preview
from .acts import editor_of

# Where each button of the writing screen leads once the text is saved.
NEXT = {"submit": "admin:articles_article_submit", "publish": "admin:publish"}


class ArticleChoice(forms.ModelChoiceField[Article]):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.newest_title)


class RelatedForm(forms.ModelForm[Related]):
    other = ArticleChoice(
        Article.objects.with_newest().order_by(F("newest_title")), label="Article"
    )

    class Meta:
        model = Related
        fields = ["other", "position"]


# Stacked, because every field of it has a label then.
class RelatedInline(admin.StackedInline[Related, Article]):
    """ "You might also like": what an editor picks stands before what is found."""

    model = Related
    form = RelatedForm
    fk_name = "article"
    fields = [("other", "position")]
    extra = 1
    verbose_name = "article to read next"
    verbose_name_plural = "You might also like"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Related]:
        return super().get_queryset(request).filter(picked=True)


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        return [
            ("published", "Published"),
            ("unpublished", "Not published yet"),
            ("withdrawn", "Withdrawn"),
            ("review_overdue", "Review overdue"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Article]
    ) -> QuerySet[Article]:
        articles = Article.objects.all()
        chosen = {
            "published": articles.published,
            "unpublished": articles.unpublished,
            "withdrawn": articles.withdrawn,
            "review_overdue": articles.review_overdue,
        }.get(self.value() or "")
        return queryset.filter(pk__in=chosen().values("pk")) if chosen else queryset


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin[Article]):
    form = WritingForm
    add_form_template = change_form_template = "admin/articles/article/writing.html"
    inlines = [RelatedInline]
    list_display = ["title", "state", "next_review_on", "post_count"]
    list_filter = [StateFilter, "topics", "featured"]
    search_fields = ["slug", "revisions__title"]
    show_full_result_count = False

    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        change = ["summary", "significance"] if obj else []
        address = [] if obj else ["slug"]
        return [
            (None, {"fields": ["title", "standfirst", "body", *change]}),
            (
                "Where it stands",
                {"fields": [*address, "topics", "description", "byline", "featured"]},
            ),
            ("Upkeep", {"fields": ["review_months", "discussion_open"]}),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        return Article.objects.with_newest().with_live()

    def has_delete_permission(
        self, request: HttpRequest, obj: Article | None = None
    ) -> bool:
        """An article is withdrawn, never deleted: its address and its posts stay."""
        return False

    # --- The list --------------------------------------------------------------------

    @admin.display(description="title")
    def title(self, article: Any) -> str:
        return str(article.newest_title)

    @admin.display(description="state")
    def state(self, article: Article) -> str:
        return article.state_for_editors

    # --- Saving ----------------------------------------------------------------------

    def save_model(
        self, request: HttpRequest, obj: Article, form: Any, change: bool
    ) -> None:
        if not change:
            begun = Article.objects.begin(obj.slug, editor_of(request), **form.texts)
            obj.pk, obj._state.adding = begun.article_id, False
        # Only what the form holds: a post may be taking the next number meanwhile.
        obj.save(update_fields=form.article_fields)
        if change and form.text_changed:
            obj.revise(
                editor_of(request),
                based_on=form.latest,
                summary=form.cleaned_data["summary"],
                significance=form.cleaned_data["significance"],
                **form.texts,
            )

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        form.instance.note_arrangement()

    def response_add(
        self, request: HttpRequest, obj: Article, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._go_on(request, obj)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        return self._go_on(request, obj)

    def _go_on(self, request: HttpRequest, article: Article) -> HttpResponse:
        revision = article.latest
        if next_view := NEXT.get(request.POST.get("then", "")):
            return redirect(next_view, revision.pk)
        messages.success(
            request, f"Saved: “{revision.title}”, revision {revision.number}."
        )
        return redirect("admin:articles_article_change", article.pk)

    # --- The page --------------------------------------------------------------------

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Article | None = None,
    ) -> HttpResponse:
        form = context["adminform"].form
        context["sources"] = Source.objects.all()
        if obj:
            context["latest"] = obj.latest
            context["disputing"] = obj.posts.disputing()
            context["notes"] = obj.notes.open().select_related("author")
            context["public_url"] = settings.SITE_URL
            context["links"] = PreviewLink.objects.of_drafts(obj)
            context["findings"] = checks.check(obj.latest)
        if form.conflict:
            context["conflict"] = compare(form.conflict, form.as_unsaved)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_urls(self) -> list[Any]:
        admin_view = self.admin_site.admin_view
        names: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
            ("preview/", preview.preview, "preview_new"),
            ("<int:pk>/preview/", preview.preview, "preview"),
            ("pictures/", preview.take_picture, "picture"),
            ("<int:pk>/withdraw/", acts.Withdraw.as_view(), "withdraw"),
            ("<int:pk>/reinstate/", acts.Reinstate.as_view(), "reinstate"),
            ("<int:pk>/address/", acts.ChangeAddress.as_view(), "address"),
            ("<int:pk>/checked/", acts.RecordReview.as_view(), "review"),
            ("revisions/<int:pk>/", history.revision, "revision"),
            ("revisions/<int:pk>/submit/", acts.Submit.as_view(), "submit"),
            ("revisions/<int:pk>/restore/", acts.Restore.as_view(), "restore"),
            ("revisions/<int:pk>/call-back/", acts.CallBack.as_view(), "call_back"),
            ("revisions/<int:pk>/note/", acts.AddNote.as_view(), "note"),
            ("notes/<int:pk>/done/", acts.FinishNote.as_view(), "note_done"),
            ("revisions/<int:pk>/link/", acts.MakePreviewLink.as_view(), "link"),
            ("links/<int:pk>/revoke/", acts.RevokePreviewLink.as_view(), "revoke"),
            ("<int:pk>/answers/", history.answers, "answers"),
            ("revisions/<int:a>/<int:b>/", history.difference, "difference"),
        ]
        ours = [
            path(route, admin_view(view), name=f"articles_article_{name}")
            for route, view, name in names
        ]
        return [*ours, *super().get_urls()]

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return history.revisions(request, object_id)
