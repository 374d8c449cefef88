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
from mfr_site.limits import Refusal, allow
from mfr_site.network import pseudonyms

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
    refusal = allow("report", speaker.names) or _too_many_for(form)
    if refusal:
        form.add_error(None, refusal.sentence)
        response = render(request, "discussion/report.html", context, status=429)
        response["Retry-After"] = str(refusal.retry_after)
        return response
    said = form.cleaned_data
    counts = bool(speaker.user) or not _reported_already(speaker, post)
    # A neighbour's report must not swallow somebody's legal notice.
    if counts or said["reason"] == Report.Reason.LEGAL:
        Report.objects.take(
            post,
            said["reason"],
            said["note"],
            by=speaker.user,
            counts=counts,
            answer_to=said["email"],
        )
    return SeeOther(reverse("discussion:reported", args=[article.slug, number]))


def _too_many_for(form: ReportForm) -> Refusal | None:
    """Nobody can fill another's mailbox with answers (TRUST A34)."""
    address = form.cleaned_data["email"].casefold()
    if not address:
        return None
    return allow("answer to a notice", pseudonyms("notice", address).names)


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
