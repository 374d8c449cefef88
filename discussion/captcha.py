"""Asking Google whether somebody is a person: an offer, and never the only way.

Only where both keys are set; only to writers without an account whose post a rule doubts;
only on a page that they open for it, so nobody else's browser hears of Google. The post is
kept already and waits for a moderator, so whatever goes wrong here costs no text.

django-recaptcha, wrapped (STACK §5): its own call can raise almost anything and can last
for ever, takes any answer that is not empty for a yes, and sends the visitor's address.
"""

import json
import logging
from enum import Enum
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django_recaptcha import client
from django_recaptcha.fields import ReCaptchaField
from django_recaptcha.widgets import ReCaptchaV2Checkbox

log = logging.getLogger(__name__)

# All that a visitor waits for the answer, whatever the other side does.
SECONDS = 3.0
# Google's answers are a few hundred bytes; what browsers send for a check is some thousand.
LONGEST_ANSWER = 10_000
LONGEST_TOKEN = 8_000
# More questions at a time than this are not asked: a verifier that hangs must not take
# all of a process's threads with it.
AT_ONCE = 2
_free = BoundedSemaphore(AT_ONCE)

NOT_SURE = (
    "Google could not tell that you are a person. You can try once more, or leave it: "
    "your post is safe, and a moderator reads it in any case."
)
NOT_TICKED = (
    "The check was not made. If you see no box to tick, you need do nothing: "
    "your post is safe, and a moderator reads it."
)


class Answer(Enum):
    PERSON = "person"
    NOT_SURE = "not sure"
    NONE = "none"


def is_set() -> bool:
    return bool(settings.RECAPTCHA_PUBLIC_KEY and settings.RECAPTCHA_PRIVATE_KEY)


def content_security_policy() -> str:
    """The policy of the one page that loads the check: ours, and Google's addresses."""
    google = "https://www.google.com/recaptcha/"
    more = {
        "script-src 'self'": f" {google} https://www.gstatic.com/recaptcha/",
        "connect-src 'self'": f" {google}",
    }
    policy: str = settings.CONTENT_SECURITY_POLICY
    for directive, hosts in more.items():
        policy = policy.replace(directive, directive + hosts)
    return f"{policy}; frame-src {google} https://recaptcha.google.com/recaptcha/"


def ask(token: str) -> Answer:
    """Whether Google says that a person made this token on a page of ours.

    Answers within SECONDS, and NONE for whatever is not Google's plain answer.
    """
    if not token or len(token) > LONGEST_TOKEN:
        return Answer.NOT_SURE
    if not _free.acquire(blocking=False):
        return Answer.NONE
    answers: SimpleQueue[Answer] = SimpleQueue()
    Thread(target=_ask, args=(token, answers), daemon=True).start()
    try:
        return answers.get(timeout=SECONDS)
    except Empty:
        log.warning("reCAPTCHA did not answer in time")
        return Answer.NONE


def _ask(token: str, answers: "SimpleQueue[Answer]") -> None:
    """In a thread of its own: a timeout of sockets counts from byte to byte."""
    secret = settings.RECAPTCHA_PRIVATE_KEY
    params = urlencode({"secret": secret, "response": token}).encode()
    try:
        with client.recaptcha_request(params) as response:
            answers.put(_read(json.loads(response.read(LONGEST_ANSWER))))
    except Exception as error:  # noqa: BLE001 - nothing of theirs may become ours
        log.warning("reCAPTCHA failed (%s)", type(error).__name__)
        answers.put(Answer.NONE)
    finally:
        _free.release()


def _read(said: Any) -> Answer:
    """Only a plain yes, for a page of ours, made by the box to tick, is a yes."""
    if not isinstance(said, dict) or not isinstance(said.get("success"), bool):
        return Answer.NONE
    if not said["success"]:
        return Answer.NOT_SURE
    ours = said.get("hostname") in {settings.SITE_HOST, *settings.ALLOWED_HOSTS}
    # Only the invisible kind, which we do not use, names an action or a score.
    made_here = ours and "action" not in said and "score" not in said
    return Answer.PERSON if made_here else Answer.NOT_SURE


class Box(ReCaptchaV2Checkbox):
    template_name = "discussion/captcha_box.html"


class CaptchaField(ReCaptchaField):
    """The box to tick. `answer` is what Google said, once the form is cleaned.

    No answer is no error: the post then goes on waiting.
    """

    answer = Answer.NONE

    widget = Box

    def __init__(self) -> None:
        super().__init__(label="", error_messages={"required": NOT_TICKED})

    def get_remote_ip(self) -> str:
        """Nobody's address leaves from here."""
        return ""

    def validate(self, value: str) -> None:
        forms.CharField.validate(self, value)
        self.answer = ask(value)
        if self.answer is Answer.NOT_SURE:
            raise ValidationError(NOT_SURE)


class CaptchaForm(forms.Form):
    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        # Made here, because it reads the keys when it is made.
        self.box = self.fields["captcha"] = CaptchaField()

    @property
    def answer(self) -> Answer:
        return self.box.answer
