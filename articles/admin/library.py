"""What texts draw on. What they show of it is made anew when it changes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from articles.models import Image, Revision, Source, StandingPage, Topic

AGAIN = "Please choose the picture again: a browser does not send it twice."


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin[Topic]):
    list_display = ["title", "slug", "position"]
    list_editable = ["position"]
    # In a list Django gives a field no label.
    formfield_overrides = {
        models.PositiveSmallIntegerField: {
            "widget": forms.NumberInput({"aria-label": "Position"})
        }
    }
    prepopulated_fields = {"slug": ["title"]}


@admin.register(StandingPage)
class StandingPageAdmin(admin.ModelAdmin[StandingPage]):
    list_display = ["title", "url"]
    fields = ["url", "title", "description", "source"]
    view_on_site = True


class ImageForm(forms.ModelForm[Image]):
    """A picture is read, checked and made anew before anything of it is kept."""

    upload = forms.FileField(
        label="Picture",
        help_text="A JPEG, PNG or WebP of at most 5 MB. It is made anew, without what "
        "cameras write into files.",
    )

    class Meta:
        model = Image
        fields = ["name", "alt", "credit", "caption"]
        widgets = {"alt": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "name": "Letters, digits and dashes, such as foam-roller. Texts show the "
            "picture by its name, so it cannot be changed."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A drawing that was shipped with the site has its file already.
        self.fields["upload"].required = not self.instance.pk
        if self.instance.pk:
            self.fields["upload"].label = "Another picture in its place"

    def full_clean(self) -> None:
        """A file is kept when all that is wrong is known, and nothing is."""
        super().full_clean()
        upload = self.is_bound and self.cleaned_data.get("upload")
        if upload and not self.errors:
            try:
                self.instance.take_upload(upload)
            except ValidationError as error:
                self.add_error("upload", error)


class ImagePageForm(ImageForm):
    """The same on a page of its own, where a refused file must be chosen again."""

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.errors and self.cleaned_data.get("upload"):
            self.add_error("upload", AGAIN)


@admin.register(Image)
class ImageAdmin(admin.ModelAdmin[Image]):
    form = ImagePageForm
    list_display = ["thumbnail", "name", "alt", "credit", "in_texts"]
    list_display_links = ["name"]
    search_fields = ["name", "alt", "caption"]
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Image | None = None) -> Any:
        shown = ["thumbnail", "in_texts"] if obj else []
        return [*shown, "upload", "name", "alt", "credit", "caption"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Image | None = None
    ) -> list[str]:
        # Texts name their pictures, so a name stays.
        return ["thumbnail", "in_texts", *(["name"] if obj else [])]

    def save_model(
        self, request: HttpRequest, obj: Image, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        Revision.objects.current().showing(obj.name).render_again()

    @admin.display(description="to put into a text")
    def in_texts(self, image: Image) -> str:
        if not image.pk:
            return "-"
        return format_html("<code>{}</code>", image.as_markdown())

    @admin.display(description="picture")
    def thumbnail(self, image: Image) -> str:
        if not image.file:
            return "-"
        return format_html(
            '<img class="thumbnail" src="{}" alt="{}" width="{}" height="{}">',
            image.file.url,
            image.alt,
            image.width,
            image.height,
        )


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin[Source]):
    list_display = ["key", "title", "year", "kind", "cited", "dead_since"]
    list_filter = ["kind", ("dead_since", admin.EmptyFieldListFilter)]
    search_fields = ["key", "title", "authors", "year", "doi"]
    show_full_result_count = False
    actions = ["mark_dead", "mark_found"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        return Source.objects.annotate(cited=Count("cited_in__article", distinct=True))

    def get_readonly_fields(
        self, request: HttpRequest, obj: Source | None = None
    ) -> list[str]:
        # Texts cite their sources by key, so a key stays.
        return ["dead_since", *(["key"] if obj else [])]

    def save_model(
        self, request: HttpRequest, obj: Source, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        obj.cited_in.current().render_again()

    @admin.display(description="cited in articles", ordering="cited")
    def cited(self, source: Any) -> int:
        return int(source.cited)

    @admin.action(description="The address of these no longer answers")
    def mark_dead(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        for source in queryset:
            source.mark_dead(timezone.localdate())
        self.message_user(
            request, "Marked. The articles that cite them are due sooner."
        )

    @admin.action(description="The address of these answers again")
    def mark_found(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        for source in queryset:
            source.mark_found()
