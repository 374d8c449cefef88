"""What strangers may write, and what becomes of it: posts, profiles, plain text."""

import unicodedata

import pytest

from mfr_site.markdown import clean_text, excerpt, plain_text, render_untrusted
from mfr_site.markdown.untrusted import MAX_ADDRESSES, MAX_MENTIONS

REL = 'rel="nofollow ugc noopener noreferrer"'


def link(address, label):
    return f'<a href="{address}" {REL}>{label}</a>'


def render(source, **lookups):
    return render_untrusted(source, **lookups).strip()


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("One.\n\nTwo.", "<p>One.</p>\n<p>Two.</p>"),
        ("One line\nand the next", "<p>One line<br>\nand the next</p>"),
        ("*a* _b_ **c**", "<p><em>a</em> <em>b</em> <strong>c</strong></p>"),
        ("snake_case_name and 2 * 3", "<p>snake_case_name and 2 * 3</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        (
            "Two things:\n- a\n- b",
            "<p>Two things:</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
        ),
        (
            "> said\n> so\n\nNo.",
            "<blockquote>\n<p>said<br>\nso</p>\n</blockquote>\n<p>No.</p>",
        ),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("```\n*a*\n```", "<pre><code>*a*\n</code></pre>"),
        ("``` py\na\n```", "<pre><code>a\n</code></pre>"),
        ("a\n\n---\n\nb", "<p>a</p>\n<hr>\n<p>b</p>"),
        (r"\*not emphasis\*", "<p>*not emphasis*</p>"),
        ("", ""),
    ],
)
def test_the_subset(source, html):
    assert render(source) == html


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("# Big", "<p><strong>Big</strong></p>"),
        ("###### Small", "<p><strong>Small</strong></p>"),
        ("Title\n=====", "<p>Title<br>\n=====</p>"),
        ("    indented", "<p>indented</p>"),
        ("a | b\n--|--\n1 | 2", "<p>a | b<br>\n--|--<br>\n1 | 2</p>"),
        ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>"),
        ("<div>\n*a*\n</div>", "<p>&lt;div&gt;<br>\n<em>a</em><br>\n&lt;/div&gt;</p>"),
        ("a &amp; b &nbsp;", "<p>a &amp;amp; b &amp;nbsp;</p>"),
        (
            "[1]: https://example.org",
            f"<p>[1]: {link('https://example.org', 'https://example.org')}</p>",
        ),
    ],
)
def test_what_the_subset_leaves_out_stays_visible(source, html):
    assert render(source) == html


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("[a](http://b.example)", link("http://b.example", "a")),
        ("[a](HTTPS://b.example)", link("HTTPS://b.example", "a")),
        ("[a](mailto:b@c.example)", link("mailto:b@c.example", "a")),
        ('[a](http://b.example "title")', link("http://b.example", "a")),
        ("<http://b.example>", link("http://b.example", "http://b.example")),
        ("<b@c.example>", link("mailto:b@c.example", "b@c.example")),
        ("[](http://b.example)", link("http://b.example", "http://b.example")),
        ("[ ](http://b.example)", link("http://b.example", " http://b.example")),
        (
            "http://xn--80ak6aa92e.example",
            link("http://xn--80ak6aa92e.example", "http://xn--80ak6aa92e.example"),
        ),
        (
            "<http://xn--80ak6aa92e.example>",
            link("http://xn--80ak6aa92e.example", "http://xn--80ak6aa92e.example"),
        ),
    ],
)
def test_links(source, html):
    assert render(source) == f"<p>{html}</p>"


@pytest.mark.parametrize(
    "source",
    [
        "[a](javascript:alert)",
        "[a](/accounts/logout/)",
        "[a](//evil.example)",
        "[a](data:x)",
        "[a](tel:999)",
        "[a](http:///x)",
        "<ftp://b.example>",
    ],
)
def test_other_schemes_and_our_own_pages_are_no_links(source):
    html = render(source)
    assert "<a" not in html
    assert plain_text(html) == source


@pytest.mark.parametrize(
    ("source", "address", "after"),
    [
        ("https://b.example/c?d=e&f=g#h", "https://b.example/c?d=e&amp;f=g#h", ""),
        ("https://b.example.", "https://b.example", "."),
        ("https://b.example!", "https://b.example", "!"),
        ("https://b.example/x, and", "https://b.example/x", ", and"),
        ("https://b.example/x) and", "https://b.example/x", ") and"),
        ("https://b.example/c_(d)", "https://b.example/c_(d)", ""),
        ("https://b.example/a_b_c", "https://b.example/a_b_c", ""),
        ("https://b.example/@heron", "https://b.example/@heron", ""),
        ("https://b.example/x#3", "https://b.example/x#3", ""),
    ],
)
def test_bare_addresses_become_links(source, address, after):
    found = render(source, name_url=lambda name: "/no", post_url=lambda number: "/no")
    assert found == f"<p>{link(address, address)}{after}</p>"


def test_www_is_an_address_and_a_file_name_is_not():
    assert link("http://www.b.example", "www.b.example") in render("www.b.example")
    assert "<a" not in render("notes.txt, settings.py, b.example and a@b.example")


def test_no_address_in_code_or_inside_a_link_is_linked():
    html = render("`https://b.example` [see https://c.example](http://d.example)")
    assert html.count("<a") == 1
    assert link("http://d.example", "see https://c.example") in html


def test_a_flood_of_addresses_is_linked_only_at_its_start():
    html = render("https://b.example\n" * (MAX_ADDRESSES + 5))
    assert html.count("<a") == MAX_ADDRESSES
    assert plain_text(html).count("https://b.example") == MAX_ADDRESSES + 5


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("![alt](http://b.example/c.png)", link("http://b.example/c.png", "alt")),
        (
            "![](http://b.example/c.png)",
            link("http://b.example/c.png", "http://b.example/c.png"),
        ),
        (
            "[![alt](http://b.example/c.png)](http://d.example)",
            link("http://d.example", "alt"),
        ),
        ("![alt](data:image/png;base64,x)", "![alt](data:image/png;base64,x)"),
    ],
)
def test_pictures_become_links_and_are_never_loaded(source, html):
    assert render(source) == f"<p>{html}</p>"


POSTS = {3: "#post-3", 12: "/articles/a/posts/12/"}
NAMES = {"maya": "/members/maya/", "Anonymous Heron": "#post-3", "José": "/members/j/"}


@pytest.mark.parametrize(
    ("source", "linked"),
    [
        ("see Post 3.", "see [Post 3]."),
        ("(#3)", "([#3])"),
        ("Post #12", "Post [#12]"),
        ("#3, #12", "[#3], [#12]"),
        ("@maya, thanks", "[@maya], thanks"),
        ("@maya thanks", "[@maya] thanks"),
        ("@Anonymous Heron: yes", "[@Anonymous Heron]: yes"),
        (unicodedata.normalize("NFD", "@José"), "[@José]"),
        ("**@maya** and *#3*", "[@maya] and [#3]"),
        # Not meant, or not known.
        ("post 3 times a week, posts 3", None),
        ("Post 4 and #4 and @stranger", None),
        ("a#3 ##3 #3rd #3.5 #03 & 3", None),
        ("maya@example.org, a@maya", None),
        ("`#3` and `@maya`", None),
        ("```\nPost 3\n```", None),
    ],
)
def test_mentions(source, linked):
    html = render_untrusted(source, post_url=POSTS.get, name_url=NAMES.get)
    if linked is None:
        assert "<a" not in html
        return
    bracketed = html.replace("</a>", "]").replace("<a", "[<a")
    assert unicodedata.normalize("NFC", plain_text(bracketed)) == linked


def test_a_mention_inside_a_link_stays_part_of_it():
    html = render("[Post 3](http://b.example)", post_url=POSTS.get)
    assert html == f"<p>{link('http://b.example', 'Post 3')}</p>"


def test_each_post_and_name_is_asked_once():
    asked = []
    render("#1 #1 Post 1 @a. @a. #1", post_url=asked.append, name_url=asked.append)
    assert asked == [1, "a"]


def test_only_so_many_mentions_are_looked_at():
    asked = []
    text = " ".join(f"#{number}" for number in range(1, MAX_MENTIONS + 20))
    render(text, post_url=asked.append)
    assert asked == list(range(1, MAX_MENTIONS + 1))
    assert render("#1 " * 500, post_url=lambda n: "#post-1").count("<a") == MAX_MENTIONS


def test_without_lookups_mentions_are_text():
    assert render("@maya Post 3 #3") == "<p>@maya Post 3 #3</p>"


def test_what_a_lookup_answers_is_escaped_and_its_scheme_is_checked():
    assert '"' not in render("#1", post_url=lambda n: '/"onclick="x').split('"')[1]
    assert "javascript" not in render("#1", post_url=lambda n: "javascript:alert(1)")


@pytest.mark.parametrize(
    ("source", "clean"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\rc\u2028d\x85e\x0cf", "a\nb\nc\nd\ne\nf"),
        ("a\x00b\x07c\x1bd\x7fe\x9bf", "abcdef"),
        ("a\ud800b\udfffc", "abc"),
        ("a\u202eb\u2066c\u2069d\ufeffe", "abcde"),
        ("a\ufffeb\uffffc", "abc"),
        # What people need: emoji sequences, Persian, Hebrew, accents as typed.
        ("👩\u200d🦰 \u0645\u06cc\u200c\u062e\u0648 \u200fא\u200e e\u0301", None),
    ],
)
def test_clean_text(source, clean):
    assert clean_text(source) == (source if clean is None else clean)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a <b>b</b>c</p>", "a bc"),
        ("<p>a</p><p>b</p>", "a b"),
        ("<ul><li>a<li>b</ul>c<br>d", "a b c d"),
        ("<table><tr><td>a<td>b</table>", "a b"),
        ("&lt;b&gt; &amp;amp; &nbsp; é", "<b> &amp; é"),
        ("a<!-- b -->c", "ac"),
        ("", ""),
        ("<", "<"),
        ("</div></div>a", "a"),
        ("a\x00b\ud800c", "abc"),
    ],
)
def test_plain_text(html, text):
    assert plain_text(html) == text


@pytest.mark.parametrize(
    ("text", "length", "cut"),
    [
        ("short", 5, "short"),
        ("two words", 8, "two…"),
        ("two, words", 8, "two…"),
        ("a  b\n c", 5, "a b c"),
        ("unbreakable", 6, "unbre…"),
        ("", 5, ""),
    ],
)
def test_excerpt(text, length, cut):
    assert excerpt(text, length) == cut
    assert len(cut) <= length


@pytest.mark.parametrize(
    "path", ["/articles/fascia/", "/articles/fascia/?order=flat&after=50", "/topics/a/"]
)
def test_what_can_be_read_here_is_a_link(path):
    assert f'href="{path.replace("&", "&amp;")}"' in render_untrusted(f"[here]({path})")


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "/\\evil.example/",
        "/articles/../x",
        "/admin/",
        "relative/path",
        "#top",
    ],
)
def test_a_path_that_could_lead_elsewhere_is_text(path):
    assert "href" not in render_untrusted(f"[here]({path})")
