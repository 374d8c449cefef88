"""Writing a post: the composer, what it sends, and what its writer is told then."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from articles.models import Article
from discussion import captcha, drafts
from discussion.authors import Speaker, forget, remember
from discussion.forms import PostForm
from discussion.models import Post
from discussion.moderation import Refused
from discussion.reply_mail import ASKED, ask
from discussion.submission import new_token
from discussion.threads import Shown, number_in
from discussion.throttling import may_post
from mfr_site.caching import has_session
from mfr_site.http import SeeOther

from .finding import private, with_article
from .speaking import GivenBack, log_in, who

# The words of a new key travel to the page after posting in a cookie of that page alone,
# and can be read there again for some minutes: a reload does no harm. Nothing of them
# stays with us.
WORDS_COOKIE = "post-key-words"
WORDS_SECONDS = 600
BUSY = (
    "We could not save your post just now. Nothing is lost: here is your text. "
    "Please send it again in a minute."
)
BUSY_SECONDS = 60
UNKNOWN_SENDER = (
    "Your browser did not tell us that this came from our own page. "
    "Please look at your text, and send it again from here."
)


@require_http_methods(["GET", "HEAD", "POST"])
@private
@sensitive_post_parameters()
@with_article
def new_post(request: HttpRequest, article: Article) -> HttpResponse:
    if request.method != "POST":
        return _show(request, PostForm(article, initial=_beginning(request, article)))
    try:
        form = PostForm(article, request.POST)
    except RequestDataTooBig:
        return render(
            request, "discussion/too_big.html", {"article": article}, status=413
        )
    try:
        return _take(request, form)
    except GivenBack as back:
        form.say(back.sentence, back.field)
        return _show(request, form, status=back.status, wait=back.wait)
    except ImmediateHttpResponse as asked_first:
        answer: HttpResponse = asked_first.response
        return answer


@private
@with_article
def confirm_post(request: HttpRequest, article: Article) -> HttpResponse:
    """For a browser that does not say where the form comes from (STACK §11).

    The same form with all of its text, and now with a token: sending it again is enough.
    """
    form = PostForm(article, request.POST)
    return _show(request, form, status=403, notice=UNKNOWN_SENDER)


@require_http_methods(["GET", "HEAD", "POST"])
@private
@with_article
def sent(request: HttpRequest, article: Article, pk: int) -> HttpResponse:
    """What became of a post, for its writer alone; and the words of a new key.

    A POST says that the words were kept: they are not shown again.
    """
    post = get_object_or_404(article.posts.for_reading(), pk=pk)
    if not Speaker.of(request, article).owns(post):
        raise Http404("not theirs")
    if request.method == "POST":
        response = SeeOther(post.get_absolute_url() if post.number else request.path)
        response.delete_cookie(WORDS_COOKIE, path=request.path, samesite="Lax")
        return response
    context = {
        "article": article,
        "post": post,
        "decision": post.decisions.first(),
        "hints": post.hints,
        "may_check": captcha.is_set() and post.is_asked,
        "unchecked": "unchecked" in request.GET,
        "asked": ASKED if "asked" in request.GET else "",
        "words": request.get_signed_cookie(WORDS_COOKIE, "", max_age=WORDS_SECONDS),
    }
    return render(request, "discussion/sent.html", context)


@require_POST
@private
@with_article
def forget_key(request: HttpRequest, article: Article) -> HttpResponse:
    """Let this browser forget the post key that it keeps for the discussion."""
    response = SeeOther(f"{article.get_absolute_url()}#discussion")
    forget(response, article)
    return response


def _take(request: HttpRequest, form: PostForm) -> HttpResponse:
    """Preview or post what was sent. Raises GivenBack when it cannot be taken so."""
    if not form.is_valid():
        raise GivenBack
    if form.cleaned_data["preview"]:
        return _preview(request, form)
    if form.asks_first:
        return _ask(request, form)
    speaker = who(request, form)
    submission = form.submission(speaker)
    if refusal := may_post(submission):
        raise GivenBack(refusal.sentence, status=429, wait=refusal.retry_after)
    try:
        post = Post.objects.submit(submission)
    except Refused as refused:
        raise GivenBack(refused.sentence, status=403) from refused
    except OperationalError as busy:
        raise GivenBack(BUSY, status=503, wait=BUSY_SECONDS) from busy
    drafts.drop(request)
    notify = form.cleaned_data["notify"] if speaker.is_anonymous else ""
    if notify and speaker.key and speaker.owns(post):
        ask(request, speaker.key, notify)
    asked, has_news = bool(notify), form.has_news
    return _answer(request, post, speaker, asked=asked, has_news=has_news)


def _preview(request: HttpRequest, form: PostForm, **offer: Any) -> HttpResponse:
    """The post as it would stand, with what its writer may want to know first."""
    hints = form.show()
    return _show(request, form, hints=hints, preview=form.rendered(), **offer)


def _ask(request: HttpRequest, form: PostForm) -> HttpResponse:
    """The preview of a post that says who somebody is, and a button to post it all the same.

    It is a preview in all that anybody could count: its status, no limit, no record. A
    log-in is done now, as a page never gives a password back.
    """
    way = form.cleaned_data["way"]
    if way == PostForm.Way.LOGIN:
        log_in(request, form)
        way = PostForm.Way.MEMBER
    return _preview(request, form, way=way, as_is="Post it as it is")


def _answer(
    request: HttpRequest, post: Post, speaker: Speaker, *, asked: bool, has_news: bool
) -> HttpResponse:
    """Lead the writer to the post; or, first, to what they should know about it."""
    sent = reverse("discussion:sent", args=[post.article.slug, post.pk])
    if post.number and not (speaker.words or asked or has_news):
        response = SeeOther(post.get_absolute_url())
    elif speaker.owns(post):
        response = SeeOther(f"{sent}?asked" if asked else sent)
    else:
        context = {"article": post.article, "post": post}
        return render(request, "discussion/already.html", context, status=409)
    if speaker.words:
        response.set_signed_cookie(
            WORDS_COOKIE,
            speaker.words,
            max_age=WORDS_SECONDS,
            path=sent,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    if speaker.key and speaker.is_anonymous:
        remember(response, post.article, speaker.key)
    return response


# --- Showing the composer ---------------------------------------------------------------


def _show(
    request: HttpRequest,
    form: PostForm,
    *,
    status: int = 200,
    wait: int = 0,
    **context: Any,
) -> HttpResponse:
    """The composer alone, with what it answers above it."""
    parent = form.parent
    context |= {
        "article": form.article,
        "form": form,
        "parents": [Shown(parent, is_context=True)] if parent else [],
        "label": Speaker.of(request, form.article).label,
        "is_private": True,
        # Also for whoever has logged in just now.
        "has_session": has_session(request) or request.user.is_authenticated,
    }
    response = render(request, "discussion/composer.html", context, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _beginning(request: HttpRequest, article: Article) -> dict[str, Any]:
    """What stands in the composer when it is opened."""
    if draft := drafts.of(request, article):
        return draft
    beginning: dict[str, Any] = {
        "reply": number_in(request.GET, "reply"),
        "passage": request.GET.get("passage"),
        "token": new_token(),
    }
    if "cite" in request.GET:
        parent = PostForm(article, initial=beginning).parent
        beginning["body"] = _cited(parent.source) if parent else ""
    return beginning


def _cited(source: str) -> str:
    """A text as a quotation for an answer to begin with, without what it quotes itself."""
    lines = [line for line in source.split("\n") if not line.startswith(">")]
    return (
        "".join(f"> {line}\n" for line in "\n".join(lines).strip().split("\n")) + "\n"
    )
