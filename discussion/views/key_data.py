"""For whoever holds a post key: taking away what it wrote, and leaving."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from discussion import authors, my_data
from discussion.forms import LeavingForm
from mfr_site.http import SeeOther
from mfr_site.limits import allow
from mfr_site.takeout import ONE_A_DAY, archive

from .finding import private


@require_http_methods(["GET", "HEAD", "POST"])
@private
def key_data(request: HttpRequest) -> HttpResponse:
    """The page; and by POST the wish to leave."""
    key = authors.key_at_manage(request)
    if key is None:
        return SeeOther(reverse("discussion:manage"))
    form = LeavingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key.leave(erase=form.cleaned_data["texts"] == "erase")
        response = SeeOther(reverse("discussion:key_leaving"))
        authors.forget_at_manage(response)
        return response
    return render(request, "discussion/key_data.html", {"key": key, "form": form})


@require_safe
@private
def key_leaving(request: HttpRequest) -> HttpResponse:
    return render(request, "discussion/key_leaving.html")


@require_POST
@private
def key_export(request: HttpRequest) -> HttpResponse:
    key = authors.key_at_manage(request)
    if key is None:
        return SeeOther(reverse("discussion:manage"))
    if refusal := allow("export", [f"key:{key.pk}"]):
        said = replace(refusal, said=ONE_A_DAY).sentence
        context = {"key": key, "form": LeavingForm(), "refusal": said}
        response = render(request, "discussion/key_data.html", context, status=429)
        response["Retry-After"] = str(refusal.retry_after)
        return response
    return archive(my_data.said_by(key))


@require_POST
@private
def key_stay(request: HttpRequest) -> HttpResponse:
    if key := authors.key_at_manage(request):
        key.stay()
    return SeeOther(reverse("discussion:key_data"))
