from typing import Any

from django import template
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from articles.models import Article
from discussion.forms import PostForm
from discussion.threads import Shown
from mfr_site.caching import has_session

register = template.Library()


@register.simple_tag
def composer(article: Article) -> PostForm:
    """The empty composer of an article's discussion, the same for everybody."""
    return PostForm(article)


@register.simple_tag(takes_context=True)
def thread(
    context: Context, items: list[Shown], here: int | None = None, passage: str = ""
) -> SafeString:
    """Posts in reading order, as `threads` lays them out.

    `here` is the number of the post that the page is about, and `passage` the key of
    its passage. Needs `article`.
    """
    article = context["article"]
    values = {
        "items": items,
        "here": here,
        "passage": passage,
        "article_url": article.get_absolute_url(),
        "posts_url": reverse("discussion:new_post", args=[article.slug]),
    }
    html = render_to_string("discussion/_thread.jinja", values, using="compiled")
    return mark_safe(html)  # noqa: S308 - Jinja escapes as Django does, and says nothing


@register.simple_tag(takes_context=True)
def form_token(context: Context) -> Any:
    """The CSRF token, for members and for browsers that need one.

    A browser that says where a form comes from needs none (mfr_site/csrf.py). So people
    without an account get no cookie that they would send along while they read.
    """
    request = context["request"]
    if has_session(request) or "Sec-Fetch-Site" not in request.headers:
        return CsrfTokenNode().render(context)
    return ""
