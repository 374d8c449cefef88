"""What people may send to a discussion. Every rule of a field stands here.

A form never touches the request: who speaks, and how often, is asked elsewhere
(authors.py, throttling.py). Whatever is refused, the form gives back every word of it.
"""

from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from accounts.names import validate_title
from articles.models import Article, Passage
from articles.sentences import split
from mfr_site.markdown import clean_text

from .authors import Speaker
from .body_form import BodyForm, TextField
from .mentions import render
from .models import CredentialType, Mailbox, Post, Report
from .placing import HIGHEST
from .quotes import NewAnchor, NotInPassage
from .submission import Submission, age_of, new_token

MAX_NOTE = 1_000
MAX_APPEAL = 2_000
# A form that was open for longer is looked at once more before it is sent (PEERS §3).
OPEN_FOR = 24 * 3600
OPEN_TOO_LONG = (
    "This form was open for more than a day, and the discussion may have moved on. "
    "Your text is all here: please look at it, and send it again."
)
ALONE = "If you send your text now, it will stand on its own."
# A page is not open for more revisions than this; and a form must stay cheap.
REVISIONS_TRIED = 10
KEY_ATTRS = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class NotifyField(forms.EmailField):
    """Where somebody without an account wants to hear of answers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="E-mail for answers",
            help_text="We send a mail to confirm it. It is stored sealed, shown to "
            "nobody, and erased when you stop.",
            widget=forms.EmailInput(attrs={"autocomplete": "email"}),
            **kwargs,
        )


class Trapped(forms.Form):
    """With a field that people neither see nor fill, and that simple robots do fill."""

    website = forms.CharField(
        label="Leave this field empty",
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError("Please empty this field: it is a trap for robots.")
        return ""


class RewriteForm(BodyForm):
    """An edit, or an update."""

    def preview_of(self, post: Post) -> str:
        """The HTML of the valid text as it would stand."""
        return render(post.article, self.text, post.parent)


class PostForm(Trapped, BodyForm):
    """The composer. `article` is what the post is about; `member` who may sign it.

    The three ways to send it are buttons named `as`, which Python keeps for itself:
    the field is `way`.
    """

    class Way(models.TextChoices):
        ANONYMOUS = "anonymous"
        MEMBER = "member"
        LOGIN = "login"

    way = forms.ChoiceField(choices=Way.choices, required=False)
    reply = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    passage = forms.CharField(required=False, max_length=8, widget=forms.HiddenInput)
    quote = forms.CharField(required=False, widget=forms.HiddenInput)
    disputes = forms.BooleanField(
        required=False,
        label="I think this passage is wrong",
        help_text="An editor answers, or corrects it.",
    )
    token = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    login = forms.CharField(
        label="User name or e-mail",
        required=False,
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none"}
        ),
    )
    password = forms.CharField(
        required=False,
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    key = forms.CharField(
        label="Your post key",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=KEY_ATTRS),
    )

    notify = NotifyField(required=False)

    def __init__(self, article: Article, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.article = article

    def add_prefix(self, field_name: str) -> str:
        return super().add_prefix("as" if field_name == "way" else field_name)

    @property
    def login_fields(self) -> list[forms.BoundField]:
        """What only the one who logs in fills in; so it is not called optional."""
        return [self["login"], self["password"]]

    # --- What it is about

    @cached_property
    def parent(self) -> Post | None:
        """The post that is answered, when it can be."""
        number = str(self["reply"].value() or "")
        if not number.isdecimal() or len(number) > len(str(HIGHEST)):
            return None
        posts = self.article.posts.in_thread().for_reading().defer(None)
        post = posts.filter(number=int(number)).first()
        return post if post and post.can_be_answered else None

    @cached_property
    def anchor(self) -> NewAnchor | None:
        """The passage as its reader saw it: in the newest revision that says so.

        A page may have been open while the article changed. Then the post still quotes
        what its writer read; what became of those words is told beside it.
        """
        key, quote = self["passage"].value(), self["quote"].value() or ""
        if not key:
            return None
        read = self.article.revisions.public().filter(passages__key=key)
        for revision in read.order_by("-number")[:REVISIONS_TRIED]:
            try:
                return NewAnchor.in_revision(revision, key, quote)
            except NotInPassage:
                continue
        return None

    @property
    def title(self) -> str:
        if self.parent:
            return f"Reply to {self.parent}"
        return "Discuss a passage" if self.anchor else "Post your comments"

    # --- What is wrong with it

    def clean_reply(self) -> int | None:
        number: int | None = self.cleaned_data["reply"]
        if number and not self.parent:
            self._change(reply="")
            raise ValidationError(f"Post {number} cannot be answered any more. {ALONE}")
        return number

    def clean_token(self) -> str:
        token: str = self.cleaned_data["token"]
        if (age_of(token) or 0) > OPEN_FOR:
            self._change(token=new_token())
            raise ValidationError(OPEN_TOO_LONG)
        return token

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("passage") and not self.anchor:
            self._change(passage="", quote="")
            raise ValidationError(f"These words do not stand in the article. {ALONE}")
        return cleaned

    def say(self, sentence: str, field: str | None = None) -> None:
        """Say above the form, or at a field, why it is given back."""
        if sentence:
            self.add_error(field, sentence)

    # --- What becomes of it, when it is valid

    @property
    def asks_first(self) -> bool:
        would_be_sent = self.cleaned_data["way"] and self.article.takes_posts
        return bool(would_be_sent) and super().asks_first

    def rendered(self) -> str:
        """The HTML of the post as it would stand."""
        return render(self.article, self.text, self.parent)

    def submission(self, speaker: Speaker) -> Submission:
        return Submission(
            article=self.article,
            speaker=speaker,
            body=self.text,
            parent=self.parent,
            anchor=self.anchor,
            disputes=self.cleaned_data["disputes"],
            token=self.cleaned_data["token"],
            by_editor=bool(speaker.user and speaker.user.is_editor),
        )


class Sentences(forms.RadioSelect):
    template_name = "discussion/sentences.html"


class PassageForm(PostForm):
    """The composer of one passage, with its sentences to choose from.

    `quote`: words of the passage that the reader has selected already.
    """

    def __init__(self, article: Article, passage: Passage, quote: str = "") -> None:
        super().__init__(article, initial={"passage": passage.key, "quote": quote})
        parts = split(passage.text) if passage.kind != Passage.Kind.ROW else []
        if len(parts) < 2:
            parts = []
        if quote and quote not in parts:
            parts = [quote, *parts]
        choices = [("", "The whole passage"), *((part, part) for part in parts)]
        self.fields["quote"].widget = Sentences(choices=choices)


class ReportForm(Trapped):
    reason = forms.ChoiceField(
        label="What is wrong with this post?",
        choices=Report.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Please choose a reason."},
    )
    note = TextField(
        MAX_NOTE,
        label="What should a moderator know?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    email = forms.EmailField(
        label="Your e-mail, if you give legal notice",
        required=False,
        max_length=254,
        help_text="What a moderator decides, and why, goes there. Then we delete the "
        "address. It is not kept with any other report.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        legal = cleaned.get("reason") == Report.Reason.LEGAL
        if legal and not cleaned.get("note", "without"):
            self.add_error("note", "Please say which law or right, and how.")
        if not legal:
            cleaned["email"] = ""
        return cleaned


class KeyForm(forms.Form):
    key = forms.CharField(
        label="Post key",
        max_length=200,
        help_text=(
            "Seven words. If you kept the link, they stand at its end. "
            "Capitals, spaces and hyphens do not matter."
        ),
        error_messages={"required": "Please type the words of your post key."},
        widget=forms.TextInput(attrs=KEY_ATTRS),
    )


class AppealForm(forms.Form):
    appeal = TextField(
        MAX_APPEAL,
        label="Why do you see it differently?",
        help_text="You can answer once. A moderator reads it and answers here.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Please write something first."},
    )


class CredentialForm(forms.Form):
    """What somebody is by profession, and where an editor can look it up."""

    title = forms.CharField(
        label="Your profession or title",
        max_length=60,
        help_text="Such as RMT, or physiotherapist. Until an editor has checked it, we "
        "show it as your own words.",
    )
    type = forms.ModelChoiceField(
        CredentialType.objects.all(),
        label="Register to check",
        required=False,
        empty_label="None: show my own words",
    )
    url = forms.URLField(
        label="Address of your entry",
        required=False,
        max_length=200,
        help_text="The page of the register that shows you.",
    )
    number = forms.CharField(
        label="Number in the register", required=False, max_length=40
    )

    def clean_title(self) -> str:
        title: str = clean_text(self.cleaned_data["title"]).strip()
        validate_title(title)
        return title

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("type") and not (cleaned.get("url") or cleaned.get("number")):
            raise ValidationError(
                "An editor needs the address of your entry or your number to look it up."
            )
        return cleaned


class LeavingForm(forms.Form):
    """Whether the texts stay is asked, and no answer is chosen beforehand."""

    texts = forms.ChoiceField(
        label="What should become of what you wrote?",
        widget=forms.RadioSelect,
        choices=[
            (
                "keep",
                "It stays, under a new label in each discussion, and belongs to nobody",
            ),
            (
                "erase",
                "It goes. Each post leaves its number, so that replies make sense",
            ),
        ],
    )


class ReplyMailForm(forms.Form):
    """The address of somebody who has a post key."""

    said = "asked"
    notify = NotifyField()


class MailForm(forms.ModelForm[Mailbox]):
    """What somebody is mailed about; only what is theirs to choose."""

    said = "saved"

    class Meta:
        model = Mailbox
        fields = ["replies", "decisions", "desk", "pace"]
        labels = {
            "replies": "When somebody answers a post of mine",
            "decisions": "When moderators or editors decide about a post of mine",
            "desk": "Each morning, what waits for an editor",
            "pace": "How often",
        }
        widgets = {"pace": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.instance.user
        if user is None:
            # The address is there for the answers: without them it is erased.
            del self.fields["replies"]
        if user is None or not user.is_editor:
            del self.fields["desk"]
