"""The page as readers would see it, from a text that nobody has saved."""

from typing import cast

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from articles.forms import BODY_LENGTH
from articles.models import Article, Revision, RevisionText
from articles.models.revision_text import TEXT_FIELDS
from articles.views import page_of

from .library import ImageForm


@never_cache
@require_POST
@permission_required("articles.change_article", raise_exception=True)
def preview(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The real template with the text in the form, as far as it is written."""
    article = get_object_or_404(Article, pk=pk) if pk else Article(slug="new")
    given = {name: request.POST.get(name, "")[:BODY_LENGTH] for name in TEXT_FIELDS}
    text = cast(RevisionText, {**given, "title": given["title"] or "No title yet"})
    revision = Revision.unsaved(article, article.latest if pk else None, **text)
    return render(request, "articles/preview.html", page_of(revision))


@never_cache
@require_POST
@permission_required("articles.add_image", raise_exception=True)
def take_picture(request: HttpRequest) -> JsonResponse:
    """A picture pasted or dropped into a text: kept, and the Markdown that shows it."""
    form = ImageForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors.get_json_data()}, status=400)
    return JsonResponse({"markdown": form.save().as_markdown()})
