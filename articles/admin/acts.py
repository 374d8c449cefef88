"""What an editor does to an article or a revision, each on a page that asks first.

Every act is one address, one form and one domain method.
"""

from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.generic import FormView

from accounts.models import User
from articles.models import Article, Note, PreviewLink, Review, Revision


def editor_of(request: HttpRequest) -> User:
    """Who is at this page of the newsroom, which lets nobody in without a log-in."""
    return cast(User, request.user)


class Act(FormView[forms.BaseForm]):
    """Asks, does, and goes back to the article with a word of what was done."""

    template_name = "admin/articles/article/act.html"
    form_class: type[forms.BaseForm] = forms.Form
    permission = "articles.change_article"
    title = ""
    button = ""
    explanation = ""

    article: Article

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        self.article = self.find_article(kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def editor(self) -> User:
        return editor_of(self.request)

    def find_article(self, pk: int) -> Article:
        return get_object_or_404(Article, pk=pk)

    def act(self, **given: Any) -> str:
        """Do it with what the form gave; answers what to tell the editor."""
        raise NotImplementedError

    def form_valid(self, form: forms.BaseForm) -> HttpResponse:
        try:
            done = self.act(**form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(self.request, done)
        return super().form_valid(form)

    def get_success_url(self) -> str:
        return reverse("admin:articles_article_change", args=[self.article.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "article": self.article,
            "title": self.title,
            "button": self.button,
            "explanation": self.explanation,
        }


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        help_text="Told to everybody who follows a link to it.",
    )


class Withdraw(Act):
    form_class = WithdrawForm
    title = button = "Withdraw this article"
    explanation = (
        "Nobody sees the article and its discussion any more. Its address says that it "
        "was withdrawn, and why. You can bring it back at any time."
    )

    def act(self, **given: Any) -> str:
        self.article.withdraw(self.editor, given["reason"])
        return "The article is withdrawn."


class Reinstate(Act):
    title = button = "Bring this article back"
    explanation = "Readers see it again, with its discussion as it was."

    def act(self, **given: Any) -> str:
        self.article.reinstate()
        return "Readers see the article again."


class AddressForm(forms.Form):
    slug = forms.SlugField(label="New address", max_length=100)


class ChangeAddress(Act):
    form_class = AddressForm
    title = button = "Change the address"
    explanation = "The old address will lead to the new one, for ever."

    def get_initial(self) -> dict[str, Any]:
        return {"slug": self.article.slug}

    def act(self, **given: Any) -> str:
        self.article.change_slug(given["slug"])
        return f"The address is now {self.article.get_absolute_url()}"


class ReviewForm(forms.ModelForm[Review]):
    kind = forms.ChoiceField(choices=Review.Kind, widget=forms.RadioSelect)

    class Meta:
        model = Review
        fields = ["kind", "on", "reviewer_name", "reviewer_role", "register_url"]
        widgets = {
            "on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        labels = {"on": "Day", "register_url": "Entry in a public register"}
        help_texts = {
            "register_url": "For a clinician: where readers can look the person up."
        }

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise ValidationError("A review that has not happened cannot be recorded.")
        return on


class RecordReview(Act):
    form_class = ReviewForm
    title = button = "Record a review"
    explanation = (
        "Somebody has read the whole page and checked it against its sources. Readers "
        "see the date and, for a clinician, the name. Only this moves the review dates. "
        "Never record a review that did not happen."
    )

    def get_initial(self) -> dict[str, Any]:
        return {
            "kind": Review.Kind.EDITORIAL,
            "on": timezone.localdate(),
            "reviewer_name": self.editor.public_name,
            "reviewer_role": "Editor",
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reviews = self.article.reviews.select_related("revision", "recorded_by")
        return {**super().get_context_data(**kwargs), "reviews": reviews}

    def act(self, **given: Any) -> str:
        if not (live := self.article.live):
            raise ValidationError("Only what readers can see can be reviewed.")
        review = Review(revision=live, recorded_by=self.editor, **given)
        self.article.record_review(review)
        due = self.article.next_review_on
        return f"Recorded. The next review is due on {date_format(due or '', 'j F Y')}."


class RevisionAct(Act):
    revision: Revision

    def find_article(self, pk: int) -> Article:
        revisions = Revision.objects.select_related("article", "author")
        self.revision = get_object_or_404(revisions, pk=pk)
        return self.revision.article

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "revision": self.revision}


class Submit(RevisionAct):
    title = button = "Ask for review"
    explanation = "The text goes to the desk, where another editor can read, compare and publish it."

    def act(self, **given: Any) -> str:
        self.revision.submit_for_review(self.editor)
        return f"Revision {self.revision.number} waits on the desk for review."


class Restore(RevisionAct):
    title = button = "Restore this revision"
    explanation = (
        "Its text becomes a new draft on top of the newest one. Nothing is lost, and "
        "readers see no change until you publish it."
    )

    def act(self, **given: Any) -> str:
        restored = self.article.restore(self.revision, self.editor)
        return f"Revision {self.revision.number} is now also draft {restored.number}."


class CallBack(RevisionAct):
    title = button = "Take back the schedule"
    explanation = "The revision becomes a draft again and will not go live by itself."

    def act(self, **given: Any) -> str:
        self.revision.call_back()
        return f"Revision {self.revision.number} is a draft again."


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
    )


class AddNote(RevisionAct):
    form_class = NoteForm
    title = button = "Leave a note"
    explanation = "For the other editors, beside the text until it is done."

    def act(self, **given: Any) -> str:
        self.article.notes.create(
            revision=self.revision, author=self.editor, text=given["text"]
        )
        return "The note stands beside the text."


class FinishNote(Act):
    title = button = "This note is done"

    def find_article(self, pk: int) -> Article:
        self.note = get_object_or_404(Note.objects.select_related("article"), pk=pk)
        self.explanation = f"“{self.note.text}”"
        return self.note.article

    def act(self, **given: Any) -> str:
        self.note.finish(self.editor)
        return "The note is done."


class PreviewLinkForm(forms.ModelForm[PreviewLink]):
    kind = forms.ChoiceField(choices=Review.Kind, widget=forms.RadioSelect)

    class Meta:
        model = PreviewLink
        fields = ["reviewer_name", "reviewer_role", "register_url", "kind"]
        labels = {"reviewer_name": "Name", "reviewer_role": "Role"}


class MakePreviewLink(RevisionAct):
    form_class = PreviewLinkForm
    title = button = "Make a preview link"
    explanation = (
        "For somebody outside who is asked to read this draft. With the link, and only "
        "with it, they can read it for 30 days and approve it. Their approval is recorded "
        "under the name and role you give here, so make sure of both. Send the link to "
        "nobody else; you can take it back at any time."
    )

    def get_initial(self) -> dict[str, Any]:
        return {"kind": Review.Kind.CLINICAL}

    def act(self, **given: Any) -> str:
        link = self.revision.preview_links.create(created_by=self.editor, **given)
        return f"The link for {link} stands below."


class RevokePreviewLink(Act):
    title = button = "Take the link back"
    explanation = "Whoever has it reads the draft no more. An approval stays recorded."

    def find_article(self, pk: int) -> Article:
        links = PreviewLink.objects.select_related("revision__article")
        self.link = get_object_or_404(links, pk=pk)
        return self.link.revision.article

    def act(self, **given: Any) -> str:
        self.link.revoke()
        return f"The link for {self.link} opens nothing any more."
