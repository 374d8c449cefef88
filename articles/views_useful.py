""" "Did this page answer your question?" No account, no cookie, and nobody is kept."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from mfr_site.http import SeeOther
from mfr_site.limits import allow
from mfr_site.markdown import clean_text
from mfr_site.network import net

from .models import Answer, Article
from .models.answer import MAX_NOTE
from .views_history import of_article


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=Answer.Helped.choices)
    revision = forms.IntegerField(min_value=1)


class WordsForm(forms.Form):
    note = forms.CharField(
        label="What were you looking for?",
        max_length=MAX_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Only the editors read this, and nobody can answer you. Please leave "
        "out what says who you are.",
    )

    def clean_note(self) -> str:
        return clean_text(self.cleaned_data["note"])


@never_cache
@require_POST
@of_article
def useful(request: HttpRequest, article: Article) -> HttpResponse:
    """Count an answer to the text that was read. One a day from a network counts."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise Http404("not one of our buttons")
    revision = get_object_or_404(
        article.revisions.public(), number=form.cleaned_data["revision"]
    )
    names = net(request, "useful").names
    here = [f"{name}:{article.pk}" for name in names]
    if allow("useful", here) or allow("useful from a network", names):
        return SeeOther(reverse("articles:thanks", args=[article.slug]))
    answer = revision.answers.create(helped=form.cleaned_data["answer"])
    return SeeOther(reverse("articles:words", args=[article.slug, answer.token]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_article
def words(request: HttpRequest, article: Article, token: str) -> HttpResponse:
    """Thanks, and room for a few words about what was missing."""
    answer = Answer.objects.filter(revision__article=article).named(token)
    if answer is None:
        raise Http404("no such answer")
    form = WordsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        answer.add_words(form.cleaned_data["note"])
        return SeeOther(reverse("articles:thanks", args=[article.slug]))
    context = {"article": article, "answer": answer, "form": form}
    return render(request, "articles/useful.html", context)


@never_cache
@of_article
def thanks(request: HttpRequest, article: Article) -> HttpResponse:
    return render(request, "articles/useful.html", {"article": article})
