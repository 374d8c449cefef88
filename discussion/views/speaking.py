"""Who posts: the three ways that the composer offers."""

from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest
from django.urls import reverse

from accounts.forms import LoginForm
from accounts.models import User
from discussion import drafts
from discussion.authors import Speaker
from discussion.forms import PostForm
from mfr_site.limits import allow


class GivenBack(Exception):
    """A form cannot be taken as it was sent. Its writer gets every word of it back."""

    def __init__(
        self,
        sentence: str = "",
        field: str | None = None,
        status: int = 400,
        wait: int = 0,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        self.status = status
        self.wait = wait


def who(request: HttpRequest, form: PostForm) -> Speaker:
    """The speaker that the writer chose to be.

    Raises GivenBack; and ImmediateHttpResponse when log-in asks for another step first.
    """
    speaker = Speaker.of(request, form.article)
    way = form.cleaned_data["way"]
    if way == PostForm.Way.LOGIN:
        speaker.user = log_in(request, form)
    elif way == PostForm.Way.MEMBER and speaker.user is None:
        raise GivenBack("You are not logged in any more. Please log in below.")
    elif way == PostForm.Way.ANONYMOUS:
        speaker = speaker.anonymously()
        if form.cleaned_data["key"]:
            return _holder(speaker, form.cleaned_data["key"])
    elif not way:
        raise GivenBack("Please choose how you want to post.")
    return speaker


def _holder(speaker: Speaker, typed: str) -> Speaker:
    if refusal := allow("post key", speaker.names):
        raise GivenBack(refusal.sentence, status=429, wait=refusal.retry_after)
    holder = speaker.with_key(typed)
    if holder is None:
        sentence = "There is no such post key. Leave this empty to get a new one."
        raise GivenBack(sentence, field="key")
    return holder


def log_in(request: HttpRequest, form: PostForm) -> User:
    """Log the writer in, by the log-in page's own form: with its limits and its words.

    A second factor, or an address that was never confirmed, asks for another page first.
    The text then waits in the session and stands in the composer afterwards. Raises what
    `who` raises.
    """
    login = LoginForm(form.data, request=request)
    if not login.is_valid():
        errors = [str(error) for errors in login.errors.values() for error in errors]
        raise GivenBack(" ".join(errors), field="login")
    drafts.keep(request, form)
    back = reverse("discussion:new_post", args=[form.article.slug])
    response = login.login(request, redirect_url=back)
    if not request.user.is_authenticated:
        raise ImmediateHttpResponse(response)
    drafts.drop(request)
    return request.user
