"""No text runs a script, raises, stalls or loses words (TRUST A1, A17, §0.9; STACK §6)."""

import re
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mfr_site.markdown import (
    clean_text,
    excerpt,
    plain_text,
    render_trusted,
    render_untrusted,
    trusted,
    untrusted,
)
from tests.site.safe_html import PAYLOADS, faults, values
from tests.site.shapes import ORDINARY, SHAPES, SIZE

POST_ATTRIBUTES = dict.fromkeys(untrusted.TAGS.split(), ()) | {
    "a": {"href", "rel"},
    "ol": {"start"},
}
POST_SCHEMES = {"http", "https", "mailto"}
ARTICLE_ATTRIBUTES = dict.fromkeys(trusted.TAGS.split(), ()) | {
    "*": {"id", "lang", "class", "aria-labelledby"},
    "a": {"href", "rel", "aria-label"},
    "abbr": {"title"},
    "div": {"aria-label", "role", "tabindex"},
    "img": set(trusted.IMAGE_ATTRIBUTES.split()),
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
ARTICLE_SCHEMES = {"http", "https", "mailto", "tel"}
ARTICLE_CLASSES = {name for names in trusted.CLASSES.values() for name in names}

# Marks that mean something to one of the parsers, so that random text is not just text.
SIGNS = [
    *"\n\t #*_`[]()<>!\\\"'&@-+:|~^{}=/.x1",
    *(
        "![",
        "](",
        "[^a]",
        "[^a]: ",
        "```\n",
        "> ",
        "- ",
        "1. ",
        "    ",
        "\n\n",
        "!!! key",
    ),
    *(
        "http://a.example",
        "javascript:",
        "Post 1",
        "#1",
        "@a",
        "<b>",
        "</b>",
        "<script>",
    ),
    *(
        "<img src=x onerror=y>",
        "&#106;",
        "&lt;",
        "\0",
        "\u202e",
        "\ud800",
        "\u200b",
        "é",
    ),
    *("image:a", "{.grade}", "{#main}", "|---|\n", "<!--", "-->", "\x02", "\x03", "\r"),
]
texts = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from(SIGNS), max_size=60).map("".join),
)


def render_post(source):
    return render_untrusted(
        source, post_url=lambda n: f"#post-{n}", name_url=lambda name: "/members/a/"
    )


def render_article(source):
    picture = trusted.Picture("/a.png", "alt", "credit", 1, 1)
    return render_trusted(
        source, references=lambda key: "A *source*.", image=lambda name: picture
    ).html


def assert_safe_post(html):
    assert faults(html, POST_ATTRIBUTES, POST_SCHEMES) == []
    assert untrusted._NH3.clean(html) == html
    assert clean_text(html) == html


def assert_safe_article(html):
    assert faults(html, ARTICLE_ATTRIBUTES, ARTICLE_SCHEMES) == []
    assert trusted._NH3.clean(html) == html
    assert clean_text(html) == html
    for names in values(html, "class"):
        assert set(names.split()) <= ARTICLE_CLASSES
    ids = values(html, "id")
    assert len(ids) == len(set(ids))
    for name in ids:
        assert name.startswith(("s-", "fn-", "fnref")) or name == "sources"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_do_not_run(payload):
    assert_safe_post(render_post(payload))
    assert_safe_article(render_article(payload))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_inside_other_markup_do_not_run(payload):
    for frame in (
        "> {}",
        "- {}",
        "*{}*",
        "[{}](http://a.example)",
        "x\n{}\nx",
        "{0}{0}",
    ):
        text = frame.format(payload)
        assert_safe_post(render_post(text))
        assert_safe_article(render_article(text))


def test_there_are_enough_payloads():
    assert len(set(PAYLOADS)) >= 150


def test_the_check_itself_finds_what_it_looks_for():
    html = '<p onclick=x><script></script><a href="java\nscript:x"></a><!-- --></p>'
    assert len(faults(html, POST_ATTRIBUTES, POST_SCHEMES)) == 4


# What Markdown itself does not show: where links lead, languages of code, signs, numbers
# of lists.
HIDDEN = re.compile(r"\]\(.*|(?:```|~~~).*|^\d\.|[\W_]")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_post_shows_everything_that_was_typed(payload):
    typed = Counter(HIDDEN.sub("", clean_text(payload)))
    assert typed <= Counter(plain_text(render_untrusted(payload)))


@settings(max_examples=300, deadline=None)
@given(texts)
def test_any_post_is_safe(source):
    assert_safe_post(render_post(source))


@settings(max_examples=200, deadline=None)
@given(texts)
def test_any_article_is_safe(source):
    assert_safe_article(render_article(source))


@settings(deadline=None)
@given(texts, st.integers(1, 50))
def test_text_helpers_never_raise(source, length):
    assert clean_text(clean_text(source)) == clean_text(source)
    assert clean_text(plain_text(source)) == plain_text(source)
    assert len(excerpt(source, length)) <= length


words = st.lists(
    st.text(st.characters(categories=("L", "Nd")), min_size=1), max_size=30
)


@settings(deadline=None)
@given(words)
def test_no_word_is_lost(words):
    text = " ".join(words)
    assert plain_text(render_untrusted(text)) == text
    assert " ".join(render_trusted(text).text.split()) == text


# --- Work


def cpu_time(text):
    start = time.process_time()
    render_post(text)
    return time.process_time() - start


@pytest.fixture(scope="module")
def ordinary_time():
    return min(cpu_time((ORDINARY * 60)[:SIZE]) for _ in range(5))


def just_within_the_limit(text):
    """The most of a hostile text that is not shown as typed, then one long word."""
    length = SIZE
    while untrusted._work((text[:length] + "x" * SIZE)[:SIZE]) > untrusted.MAX_WORK:
        length = length * 9 // 10
    return (text[:length] + "x" * SIZE)[:SIZE]


@pytest.mark.parametrize("shape", SHAPES)
def test_no_text_costs_much_more_than_an_ordinary_one(shape, ordinary_time):
    """Measured: 4 times at most; without the limit 17 times."""
    text = SHAPES[shape][:SIZE]
    for worst in (text, just_within_the_limit(text)):
        # Another program may slow one run down, but not each of five.
        assert any(cpu_time(worst) < 8 * ordinary_time for _ in range(5))


@pytest.mark.parametrize("shape", SHAPES)
def test_html_is_not_much_longer_than_the_text(shape):
    assert len(render_post(SHAPES[shape][:SIZE])) < 10 * SIZE


@pytest.mark.parametrize(
    "text",
    [
        ">" * 30 + " deep",
        "> " * 12 + "- " * 8 + "deep",
        "- " * 15 + "deep",
        "*a **b " * 20 + "c** d*" * 20 + "deep",
        "![" * 30 + "deep" + "](http://a.b)" * 30,
        "[" * 3000 + "deep",
        "a\n\n" * 3000 + "deep",
    ],
)
def test_what_is_too_deep_or_too_dense_is_shown_as_typed(text):
    html = render_untrusted(text)
    assert "deep" in plain_text(html)
    assert html.count("<blockquote>") <= untrusted.MAX_DEPTH
    assert_safe_post(html)


def test_as_typed_keeps_paragraphs_and_lines():
    text = "[" * 3000 + "\none <b>\n\ntwo"
    html = render_untrusted(text)
    assert html.endswith("<br>\none &lt;b&gt;</p>\n<p>two</p>\n")


def test_an_ordinary_text_of_the_longest_length_is_within_the_limits():
    html = render_post((ORDINARY * 30)[:10_000])
    assert html.count("<li>") > 90


def test_sanitising_comes_last():
    """A stripped character may join what was no scheme into one."""
    html = render_article(
        "[x](java\u202escript:alert(1)) <a href='java&#8238;script:x'>y</a>"
    )
    assert "script:" not in html


def test_deep_html_neither_stalls_nor_breaks_the_plain_text():
    assert "deep" not in plain_text("<div>" * 20_000) + plain_text("<b>" * 20_000)
    assert plain_text("a" * 2_000_000).startswith("aaa")
