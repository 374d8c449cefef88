from collections.abc import Mapping
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from articles.marks import mark
from articles.models import Article, Revision
from articles.passages import fill
from mfr_site.page_parts import Parts

register = template.Library()


@register.simple_tag
def article_body(revision: Revision, discussion: Any = None) -> SafeString:
    """The stored text of a revision, which was sanitised when it was written.

    With its discussion: a link beside each passage, marks in those that are quoted, and
    in the margin what is said about them.
    """
    if not discussion:
        return mark_safe(fill(revision.html, lambda key: ""))  # noqa: S308
    article = revision.article
    talk = discussion.talk
    if talk is None:
        talk = article.posts.about_passages(article)
    beside = Beside(article, talk)
    quoted = {key: talk.quotations for key, talk in beside.talk.items()}
    return mark_safe(fill(mark(revision.html, quoted), beside.slot))  # noqa: S308


@register.tag
def kept(parser: Parser, token: Token) -> "Kept":
    """`{% kept parts "article" %}…{% endkept %}`: rendered only where it has changed.

    `parts` comes from the view (mfr_site/page_parts.py), or is missing. What stands
    inside must be the same for every reader.
    """
    _, parts, name = token.split_contents()
    nodes = parser.parse(["endkept"])
    parser.delete_first_token()
    return Kept(parser.compile_filter(parts), name.strip('"'), nodes)


class Kept(Node):
    def __init__(self, parts: FilterExpression, name: str, nodelist: NodeList) -> None:
        self.parts = parts
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        parts: Parts | None = self.parts.resolve(context, ignore_failures=True)
        if parts is None:
            return self.nodelist.render(context)
        html = parts.keep(self.name, lambda: self.nodelist.render(context))
        return mark_safe(html)  # noqa: S308 - as it was rendered


class Beside:
    """What stands beside each passage."""

    def __init__(self, article: Article, talk: Mapping[str, Any]) -> None:
        self.talk = talk
        # Every passage has such a link, so they are made by hand.
        self.address = reverse("discussion:passage", args=[article.slug, "KEY"])

    def slot(self, key: str) -> str:
        address = self.address.replace("KEY", key)
        if talk := self.talk.get(key):
            context = {"talk": talk, "address": address}
            return render_to_string("discussion/_beside.html", context)
        return format_html(
            ' <a class="passage" href="{}" title="Discuss this passage">'
            '<span class="vh">Discuss this passage</span></a>',
            address,
        )
