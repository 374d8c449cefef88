"""A draft as one person outside the newsroom sees it, with a secret link."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mfr_site.http import SeeOther
from mfr_site.markdown import clean_text

from .models import PreviewLink
from .views import page_of

MAX_NOTE = 1000


class VerdictForm(forms.Form):
    """What somebody says who was asked to look at a text."""

    approves = forms.BooleanField(
        label="I have read the whole page, and I find nothing in it that is wrong or "
        "dangerous. You may show my name, my role and the date.",
        required=False,
    )
    note = forms.CharField(
        label="What should be changed? Only the editors read this.",
        max_length=MAX_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def clean_note(self) -> str:
        return clean_text(self.cleaned_data["note"])

    def clean(self) -> None:
        if not self.cleaned_data.get("approves") and not self.cleaned_data.get("note"):
            raise forms.ValidationError("Tick the box, or say what should be changed.")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preview_link(request: HttpRequest, token: str) -> HttpResponse:
    link = PreviewLink.objects.opened_by(token)
    if link is None:
        raise Http404("no such link, or one that was taken back")
    form = VerdictForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        link.answer(form.cleaned_data["note"], approves=form.cleaned_data["approves"])
        return SeeOther(request.path)
    context = {**page_of(link.revision), "link": link, "form": form}
    response = render(request, "articles/preview_link.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
