"""Mail about discussions: who wants what, and every way to stop it."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.models import User
from articles.models import Article
from discussion import authors, subscriptions
from discussion.authors import Speaker
from discussion.forms import MailForm, ReplyMailForm
from discussion.models import Following, Mailbox
from discussion.reply_mail import ASKED, ask
from discussion.subscriptions import Subscription
from discussion.threads import number_in
from mfr_site import mail as letters
from mfr_site.http import SeeOther

from .finding import private, with_article

ONE_CLICK = ("List-Unsubscribe", "One-Click")


# --- By account ---------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@private
@login_required
def of_account(request: HttpRequest) -> HttpResponse:
    """What a member is mailed about."""
    mailbox = Mailbox.objects.of_member(_member(request))
    data = request.POST if request.method == "POST" else None
    if data is not None:
        mailbox = mailbox.kept()
    form = MailForm(data, instance=mailbox)
    if form.is_bound and form.is_valid():
        form.save().forget_unwanted()
        return SeeOther(f"{reverse('discussion:mail')}?saved")
    context = {
        "form": form,
        "mailbox": mailbox,
        "followed": _followed(mailbox),
        "saved": "saved" in request.GET,
        "is_returned": letters.is_suppressed(mailbox.address),
    }
    status = 400 if form.is_bound else 200
    return render(request, "discussion/mail.html", context, status=status)


@require_POST
@private
@login_required
def try_again(request: HttpRequest) -> HttpResponse:
    """The member says that their address takes mail again."""
    letters.lift(_member(request).email)
    return SeeOther(reverse("discussion:mail"))


# --- By post key ---------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@private
@sensitive_post_parameters("notify")
def of_key(request: HttpRequest) -> HttpResponse:
    """Ask for reply mail; or, when the address is confirmed, say how often."""
    key = authors.key_at_manage(request)
    if key is None:
        return SeeOther(reverse("discussion:manage"))
    mailbox = Mailbox.objects.of(key)
    if mailbox and not mailbox.is_confirmed:
        mailbox = None
    form = _key_form(request, mailbox)
    if form.is_bound and form.is_valid():
        if isinstance(form, MailForm):
            form.save().renew()
        else:
            ask(request, key, form.cleaned_data["notify"])
        return SeeOther(f"{reverse('discussion:key_mail')}?{form.said}")
    context = {
        "form": form,
        "mailbox": mailbox,
        "is_key": True,
        "saved": "saved" in request.GET,
        "asked": ASKED if "asked" in request.GET else "",
    }
    status = 400 if form.is_bound else 200
    return render(request, "discussion/mail.html", context, status=status)


def _key_form(
    request: HttpRequest, mailbox: Mailbox | None
) -> MailForm | ReplyMailForm:
    data = request.POST if request.method == "POST" else None
    return MailForm(data, instance=mailbox) if mailbox else ReplyMailForm(data)


@require_POST
@private
def stop_key_mail(request: HttpRequest) -> HttpResponse:
    """Erase the address."""
    key = authors.key_at_manage(request)
    mailbox = Mailbox.objects.of(key) if key else None
    if mailbox:
        mailbox.erase()
    return SeeOther(reverse("discussion:key_mail"))


@require_http_methods(["GET", "HEAD", "POST"])
@private
def confirm_mail(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST confirms: a program that tries the links of a mail confirms nothing."""
    try:
        mailbox = subscriptions.to_confirm(token)
    except subscriptions.Unknown:
        raise Http404("no link of ours") from None
    if mailbox and request.method == "POST":
        mailbox.confirm()
    context = {"mailbox": mailbox, "is_done": mailbox and mailbox.is_confirmed}
    return render(request, "discussion/confirm_mail.html", context)


# --- Following one discussion --------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@private
@with_article
def follow(request: HttpRequest, article: Article) -> HttpResponse:
    """Every new post by mail: for accounts, and for keys with a confirmed address."""
    mailbox = _mailbox_of(Speaker.of(request, article))
    if request.method == "POST":
        if mailbox:
            mailbox.follow(article)
        return SeeOther(request.path)
    context = {
        "article": article,
        "mailbox": mailbox,
        "stops": _stops(mailbox.follows(article)) if mailbox else "",
    }
    return render(request, "discussion/follow.html", context)


@require_safe
@private
@with_article
def back(request: HttpRequest, article: Article, token: str) -> HttpResponse:
    """From a mail into the discussion; from now on there may be another mail."""
    try:
        subscriptions.came_back(token)
    except subscriptions.Unknown:
        raise Http404("no link of ours") from None
    if post := number_in(request.GET, "post"):
        return SeeOther(reverse("discussion:post", args=[article.slug, post]))
    since = number_in(request.GET, "since") or 0
    return SeeOther(f"{article.get_absolute_url()}?since={since}#posts")


# --- Stopping ------------------------------------------------------------------------------


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@private
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST stops it: also by a mail provider, which has no cookie (RFC 8058).

    The same answer the second time, and for something that is gone already.
    """
    try:
        subscription = Subscription.of(token)
    except subscriptions.Unknown:
        raise Http404("no link of ours") from None
    if request.method == "POST":
        subscription.stop()
        name, value = ONE_CLICK
        if request.POST.get(name) == value:
            return HttpResponse()
    context = {"subscription": subscription, "is_done": request.method == "POST"}
    return render(request, "discussion/unsubscribe.html", context)


def _member(request: HttpRequest) -> User:
    member = authors.member(request)
    assert member  # noqa: S101 - login_required
    return member


def _mailbox_of(speaker: Speaker) -> Mailbox | None:
    holder = speaker.user or speaker.key
    mailbox = Mailbox.objects.of(holder) if holder else None
    return mailbox if mailbox and mailbox.is_confirmed else None


def _followed(mailbox: Mailbox | None) -> list[tuple[Article, str]]:
    """The discussions that are followed, each with where to stop it."""
    followed = mailbox.followed() if mailbox else ()
    return [(following.article, _stops(following)) for following in followed]


def _stops(following: Following | None) -> str:
    return Subscription("following", following.pk).path if following else ""
