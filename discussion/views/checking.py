"""The one page that loads something from another company, for whoever opens it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from articles.models import Article
from discussion import captcha
from discussion.authors import Speaker
from discussion.captcha import Answer, CaptchaForm
from discussion.models import Post
from discussion.submission import answer_doubt
from mfr_site.http import SeeOther
from mfr_site.limits import allow
from mfr_site.network import net

from .finding import private, with_article


@require_http_methods(["GET", "HEAD", "POST"])
@private
@with_article
def check(request: HttpRequest, article: Article, pk: int) -> HttpResponse:
    """Let the writer of a doubted post show that they are a person, and judge it again.

    Whatever becomes of the check, the post is kept and waits; so it leads back to the
    page that says so.
    """
    post = get_object_or_404(article.posts.for_reading().defer(None), pk=pk)
    if not captcha.is_set() or not Speaker.of(request, article).owns(post):
        raise Http404("no check here")
    back = reverse("discussion:sent", args=[article.slug, pk])
    if not post.is_asked:
        return SeeOther(back)
    status = 200
    form = CaptchaForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        if refusal := allow("check of a person", net(request, "check").names):
            form = CaptchaForm()
            response = _show(request, post, form, 429, wait=refusal.sentence)
            response["Retry-After"] = str(refusal.retry_after)
            return response
        if form.is_valid():
            if form.answer is Answer.PERSON:
                answer_doubt(post)
                return SeeOther(back)
            return SeeOther(f"{back}?unchecked=1")
        status = 400
    return _show(request, post, form, status)


def _show(
    request: HttpRequest, post: Post, form: CaptchaForm, status: int, wait: str = ""
) -> HttpResponse:
    context = {"article": post.article, "post": post, "form": form, "wait": wait}
    response = render(request, "discussion/check.html", context, status=status)
    response["Content-Security-Policy"] = captcha.content_security_policy()
    return response
