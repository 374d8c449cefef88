"""Telling the moderators about a post: by anybody, with a reason."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from articles.models import Article
from discussion.authors import Speaker
from discussion.forms import ReportForm
from discussion.models import Post, Report
from mfr_site.http import SeeOther
from mfr_site.limits import allow

from .finding import private, with_article


@require_http_methods(["GET", "HEAD", "POST"])
@private
@with_article
def report(request: HttpRequest, article: Article, number: int) -> HttpResponse:
    post = get_object_or_404(article.posts.published().for_reading(), number=number)
    speaker = Speaker.of(request, article)
    form = ReportForm(request.POST if request.method == "POST" else None)
    context = {"article": article, "post": post, "form": form}
    if not form.is_valid():
        status = 400 if form.is_bound else 200
        return render(request, "discussion/report.html", context, status=status)
    if refusal := allow("report", speaker.names):
        form.add_error(None, refusal.sentence)
        response = render(request, "discussion/report.html", context, status=429)
        response["Retry-After"] = str(refusal.retry_after)
        return response
    said = form.cleaned_data
    if speaker.user or not _reported_already(speaker, post):
        Report.objects.take(post, said["reason"], said["note"], by=speaker.user)
    return SeeOther(reverse("discussion:reported", args=[article.slug, number]))


def _reported_already(speaker: Speaker, post: Post) -> bool:
    """Whether a report of this post came from the same network today: it counts once."""
    names = [f"{name}:{post.pk}" for name in speaker.names]
    return allow("report of one post", names) is not None


@require_safe
@private
@with_article
def reported(request: HttpRequest, article: Article, number: int) -> HttpResponse:
    context = {"article": article, "number": number}
    return render(request, "discussion/reported.html", context)
