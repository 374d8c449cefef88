"""What editors may write, and what becomes of it: the text of an article."""

import re
from pathlib import Path
from threading import Thread

import pytest

from mfr_site.markdown import Heading, Picture, render_trusted
from tests.html import naming_faults, parse

SOURCES = {
    "laimi-2018": "Laimi K. [Myofascial release](https://doi.org/10.1/x).",
    "wu-2021": "Wu Z. *Low back pain*.",
}
HAND = Picture("/media/hand.png", "A hand", "Drawn for this site", 800, 400)


def render(source, **arguments):
    arguments = {"references": SOURCES.get, "image": {"hand": HAND}.get} | arguments
    return render_trusted(source, **arguments)


def html(source, **arguments):
    return render(source, **arguments).html.strip()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"Quotes" -- it\'s', "<p>“Quotes” \u2013 it\u2019s</p>"),
        ("*Evidence: mixed*{.grade}", '<p><em class="grade">Evidence: mixed</em></p>'),
        ("~~~ py\n<b>\n~~~", "<pre><code>&lt;b&gt;\n</code></pre>"),
        ("- a\n\n3. b", '<ul>\n<li>a</li>\n</ul>\n<ol start="3">\n<li>b</li>\n</ol>'),
        ("H<sub>2</sub>O <kbd>x</kbd>", "<p>H<sub>2</sub>O <kbd>x</kbd></p>"),
        ("", ""),
    ],
)
def test_text(source, expected):
    assert html(source) == expected


def test_foreign_tags_are_shown_as_text_and_their_content_stays():
    found = html("a <iframe src=x>b</iframe> <script>c</script> <blink>d</blink>")
    assert found == (
        "<p>a &lt;iframe src=x&gt;b&lt;/iframe&gt; &lt;script&gt;c&lt;/script&gt; "
        "&lt;blink&gt;d&lt;/blink&gt;</p>"
    )


def test_attributes_and_classes_are_only_our_own():
    source = (
        "*a*{.grade .big onclick=alert(1) style=color:red} b\n{: .care #main role=x}"
    )
    assert html(source) == '<p id="s-main"><em class="grade">a</em> b</p>'


# --- Links


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[a](/articles/b/)", '<a href="/articles/b/">a</a>'),
        (
            "[a](https://b.example)",
            '<a href="https://b.example" rel="noopener external">',
        ),
        ("[a](//b.example/c)", '<a href="//b.example/c" rel="noopener external">'),
        ("[a](https://OURS.example/x)", '<a href="https://OURS.example/x">a</a>'),
        ("[a](mailto:b@c.example)", '<a href="mailto:b@c.example">a</a>'),
        ("[999](tel:999)", '<a href="tel:999">999</a>'),
        ("[a](b){target=_blank rel=opener}", '<a href="b">a</a>'),
        ("https://b.example.", '<a href="https://b.example" rel="noopener external">'),
        ("[a](javascript:alert)", "<a>a</a>"),
    ],
)
def test_links(source, expected):
    assert expected in html(source, host="ours.example")


def test_a_link_within_the_text_needs_no_prefix():
    source = "[a](#how-it-works) [b](#dose) [c](#discussion)\n\n## How it works\n\nx\n{#dose}"
    found = html(source)
    assert re.findall('href="(.*?)"', found) == [
        "#s-how-it-works",
        "#s-dose",
        "#discussion",
    ]


# --- Headings


def test_headings_have_lasting_ids_that_cannot_meet_those_of_the_page():
    rendered = render(
        "## Main\n### *Post* 1[^wu-2021]\n## Main\n## 東京\n#### Deep {#p-1}"
    )
    assert rendered.headings == [
        Heading(2, "s-main", "Main"),
        Heading(3, "s-post-1", "Post 1"),
        Heading(2, "s-main-2", "Main"),
        Heading(2, "s-section", "東京"),
        Heading(2, "sources", "Sources"),
    ]
    ids = re.findall(' id="(.*?)"', rendered.html)
    assert "s-p-1" in ids
    assert len(ids) == len(set(ids))


def test_the_only_h1_is_the_title_of_the_page():
    assert html("# One") == '<h2 id="s-one">One</h2>'


def test_headings_of_notes_are_not_in_the_contents():
    assert render('!!! key "Key points"\n\n    - a').headings == []


# --- Sources


def test_a_source_is_supplied_numbered_and_leads_back():
    rendered = render("A.[^laimi-2018]")
    assert rendered.html == (
        '<p>A.<sup><a href="#fn-laimi-2018" id="fnref-laimi-2018" aria-label="Source 1">'
        "1</a></sup></p>\n"
        '<section aria-labelledby="sources" class="footnotes"><h2 id="sources">Sources'
        '</h2><ol><li id="fn-laimi-2018">\n'
        '<p>Laimi K. <a href="https://doi.org/10.1/x" rel="noopener external">Myofascial '
        'release</a>.&nbsp;<a href="#fnref-laimi-2018" aria-label="Back to source 1 in '
        'the text" class="back">↑</a></p>\n'
        "</li>\n</ol></section>"
    )
    assert rendered.cited == ["laimi-2018"]
    assert rendered.problems == []


def test_sources_are_numbered_as_readers_meet_them():
    # Python-Markdown on its own numbers the paragraph before the list above it.
    rendered = render(
        "- a[^wu-2021]\n\nb[^laimi-2018]\n\n| c[^own] |\n|---|\n\n[^own]: Own."
    )
    assert rendered.cited == ["wu-2021", "laimi-2018", "own"]
    assert re.findall(r'<li id="fn-(.*?)"', rendered.html) == rendered.cited
    assert re.findall(r'aria-label="Source (\d)"', rendered.html) == ["1", "2", "3"]


def test_a_source_cited_twice_has_one_number_and_two_ways_back():
    found = html("a[^wu-2021] b[^laimi-2018] c[^wu-2021]")
    assert re.findall(r'aria-label="Source (\d)"', found) == ["1", "2", "1"]
    assert re.findall(r' id="(fnref.*?)"', found) == [
        "fnref-wu-2021",
        "fnref-laimi-2018",
        "fnref2-wu-2021",
    ]
    assert re.findall(r'href="#(fnref.*?)" aria-label="(.*?)"', found) == [
        ("fnref-wu-2021", "Back to source 1 in the text"),
        ("fnref2-wu-2021", "Back to source 1 in the text, place 2"),
        ("fnref-laimi-2018", "Back to source 2 in the text"),
    ]


def test_a_source_may_cite_another_and_end_in_a_list():
    rendered = render("a[^one]\n\n[^one]: First.[^two]\n\n    - x\n\n[^two]: Second.")
    assert rendered.cited == ["one", "two"]
    assert 'href="#fnref-two"' in rendered.html


def test_the_text_of_the_article_wins_over_the_library():
    rendered = render("a[^wu-2021]\n\n[^wu-2021]: Ours.")
    assert "Ours." in rendered.html
    assert "Wu Z." not in rendered.html


def test_each_missing_source_is_asked_for_once():
    asked = []
    render("a[^x] b[^x] c[^own]\n\n[^own]: y", references=asked.append)
    assert asked == ["x"]


def test_problems_with_sources_are_told():
    rendered = render("a[^nobody] `[^code]`\n\n[^lost]: Never cited.")
    assert "a[^nobody]" in rendered.html
    assert rendered.cited == []
    assert "Never cited" not in rendered.html
    assert rendered.problems == [
        "The source [^lost] is never cited.",
        "No source has the key [^nobody].",
    ]


def test_ids_and_pictures_inside_a_source_follow_the_same_rules():
    found = html("a[^x]\n\n[^x]: *b*{#main} ![c](https://d.example/e.png)")
    assert '<em id="s-main">' in found
    assert "<img" not in found


# --- Notes and care cards


def test_a_note():
    assert html('!!! key "Key points"\n\n    - a\n    - b') == (
        '<aside class="note key" aria-labelledby="s-key-points">\n'
        '<h2 id="s-key-points">Key points</h2>\n'
        "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n</aside>"
    )


@pytest.mark.parametrize(
    ("first_line", "element", "title"),
    [
        ('!!! note "Mind *this*"', '<aside class="note"', "Mind <em>this</em>"),
        ("!!! note", '<aside class="note"', "Note"),
        ("!!! key", '<aside class="note key"', "Key points"),
        ('!!! evidence ""', '<aside class="note evidence"', "What the evidence shows"),
        (
            '!!! nonurgent "See a doctor if:"',
            '<section class="care care-nonurgent"',
            '<span class="vh">Non-urgent advice: </span>See a doctor if:',
        ),
        (
            "!!! urgent",
            '<section class="care care-urgent"',
            '<span class="vh">Urgent advice: </span>Get help today',
        ),
        (
            '!!! emergency "Call *999* if:"',
            '<section class="care care-emergency"',
            '<span class="vh">Emergency: </span>Call <em>999</em> if:',
        ),
    ],
)
def test_kinds_of_note(first_line, element, title):
    found = html(f"{first_line}\n\n    Text.")
    assert found.startswith(element)
    assert f">{title}</h2><p>Text.</p>" in found.replace("\n", "")


def test_the_title_of_a_note_stands_one_level_below_what_it_belongs_to():
    note = "!!! note\n\n    Text."
    found = html(f"{note}\n\n{note}\n\n## Section\n\n{note}")
    assert re.findall(r"<(h\d)", found) == ["h2", "h2", "h2", "h3"]


def test_an_unknown_kind_of_note_is_a_plain_one_and_a_problem():
    rendered = render('!!! danger "Oh"\n\n    Text.')
    assert rendered.html.startswith('<aside class="note" ')
    assert rendered.problems == ["“!!! danger” is not a kind of note."]


# --- Pictures


def test_a_picture_alone_in_its_paragraph_is_a_figure():
    assert html('![Two hands](image:hand "A caption.")') == (
        '<figure><img src="/media/hand.png" alt="Two hands" width="800" height="400" '
        'loading="lazy" decoding="async"><figcaption>A caption. <small class="credit">'
        "Drawn for this site</small></figcaption></figure>"
    )


def test_the_library_says_what_the_text_leaves_out():
    larger = Picture("/h.png", "A hand", "", 8, 4, srcset="/h2.png 2x", sizes="100vw")
    assert html("![](image:hand)", image=lambda name: larger) == (
        '<figure><img src="/h.png" alt="A hand" width="8" height="4" loading="lazy" '
        'decoding="async" srcset="/h2.png 2x" sizes="100vw"></figure>'
    )


def test_a_picture_in_a_sentence_stays_in_it():
    found = html("See ![](image:hand) here.")
    assert found.startswith("<p>See <img ")
    assert "<figure" not in found


@pytest.mark.parametrize(
    ("source", "expected", "problem"),
    [
        (
            "![a](image:foot)",
            "<p><span>a</span></p>",
            "There is no picture named “foot”.",
        ),
        (
            "![a](https://b.example/c.png)",
            '<p><a href="https://b.example/c.png" rel="noopener external">a</a></p>',
            "Only pictures of this site are shown, not https://b.example/c.png",
        ),
        (
            "[![a](https://b.example/c.png)](/d/)",
            '<p><a href="/d/"><span>a</span></a></p>',
            "Only pictures of this site are shown, not https://b.example/c.png",
        ),
        (
            '<img src="https://b.example/c.png" srcset="https://b.example/d.png 2x">',
            '<p><a href="https://b.example/c.png" rel="noopener external">'
            "https://b.example/c.png</a></p>",
            "Only pictures of this site are shown, not https://b.example/c.png",
        ),
    ],
)
def test_other_pictures_are_not_loaded(source, expected, problem):
    rendered = render(source)
    assert rendered.html.strip() == expected
    assert rendered.problems == [problem]


# --- Tables


def test_a_table_scrolls_has_a_name_and_scopes():
    assert html("| Code | Cost | |\n|---|--:|---|\n| a | 2 | b |") == (
        '<div aria-label="Table: Code, Cost" role="region" tabindex="0" class="table">'
        '<table>\n<thead>\n<tr>\n<th scope="col">Code</th>\n'
        '<th scope="col" class="num">Cost</th>\n<td></td>\n</tr>\n</thead>\n<tbody>\n'
        '<tr>\n<td>a</td>\n<td class="num">2</td>\n<td>b</td>\n</tr>\n</tbody>\n'
        "</table></div>"
    )


# --- What is stored beside the HTML


def test_the_plain_text_is_the_words_without_numbers_of_sources():
    rendered = render("## A\n\nOne[^wu-2021] **t**wo.\n\n- three\n- four")
    assert rendered.text == "A One two. three four"


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (219, 1), (440, 2), (1000, 5)])
def test_reading_time(words, minutes):
    assert render("word " * words).minutes == minutes


def test_the_starter_articles_have_no_problems_and_are_valid():
    library = "\n".join(path.read_text() for path in Path("content").glob("*.yaml"))
    keys = set(re.findall(r"^([\w-]+):$", library, re.MULTILINE))
    articles = list(Path("content/articles").glob("*.md"))
    assert articles
    for path in articles:
        body = path.read_text().split("---", 2)[2]
        rendered = render(
            body,
            references=lambda key: f"Source {key}." if key in keys else None,
            image=lambda name: HAND,
        )
        assert (path.name, rendered.problems) == (path.name, [])
        tree, faults = parse(f"<!doctype html><title>x</title>{rendered.html}")
        assert (path.name, faults + naming_faults(tree)) == (path.name, [])
        assert rendered.cited
        assert len(rendered.headings) > 2


def test_texts_rendered_at_the_same_time_do_not_meet():
    def work(number):
        source = f"word{number}[^x]\n\n[^x]: source{number}\n\n" * 5
        results[number] = {render_trusted(source).html for _ in range(8)}

    results = {}
    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, found in results.items():
        assert len(found) == 1
        assert set(re.findall(r"(?:word|source)(\d)", *found)) == {str(number)}
