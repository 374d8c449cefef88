import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.marks import MARK, UNMARK, mark
from articles.passages import cut

WORD = st.sampled_from(["pain", "<em>eases</em>", "for", "&amp;", "a", "<b>while</b>"])


def marked(html, *quotations):
    """The HTML of one passage with quotations marked, without ids and slots."""
    html, blocks = cut(html)
    html = mark(html, {blocks[0].key: quotations})
    return re.sub(r'<!--.*?-->| id="p-\w+"', "", html)


def test_the_quoted_words_are_marked():
    html = marked("<p>Pain may ease for a while.</p>", "may ease")
    assert html == f"<p>Pain {MARK}may ease{UNMARK} for a while.</p>"


def test_marks_nest_properly_with_other_tags():
    html = marked("<p>Pain <em>may</em> ease.</p>", "Pain may ease")
    assert html == (
        f"<p>{MARK}Pain {UNMARK}<em>{MARK}may{UNMARK}</em>{MARK} ease{UNMARK}.</p>"
    )


def test_entities_and_line_breaks_in_the_source_are_no_obstacle():
    html = marked("<p>Heat &amp;\n cold help.</p>", "Heat & cold")
    assert html == f"<p>{MARK}Heat &amp;\n cold{UNMARK} help.</p>"


def test_a_source_number_is_no_part_of_the_words():
    source = '<sup><a href="#fn-a" id="fnref-a">1</a></sup>'
    html = marked(f"<p>It eases.{source} So they say.</p>", "It eases. So they say.")
    assert source in html
    assert html.count(MARK) == 2


def test_a_row_is_marked_cell_by_cell():
    html = marked(
        "<table><tbody><tr><td>A</td><td>B</td></tr></tbody></table>", "A · B"
    )
    assert f"<td>{MARK}A{UNMARK}</td><td>{MARK}B{UNMARK}</td>" in html


def test_a_heading_is_marked_as_other_passages_are():
    html = marked('<h2 id="s-a">How it works</h2>', "it works")
    assert f"<span>How {MARK}it works{UNMARK}</span></h2>" in html


def test_overlapping_quotations_are_one_mark():
    html = marked("<p>one two three</p>", "one two", "two three")
    assert html == f"<p>{MARK}one two three{UNMARK}</p>"


@pytest.mark.parametrize("words", ["nowhere", "pain", "", "<p>"])
def test_words_that_are_not_there_or_there_twice_are_left_alone(words):
    assert MARK not in marked("<p>pain and pain</p>", words)


def test_other_passages_are_left_alone():
    html, blocks = cut("<p>same words</p><p>same words</p>")
    html = mark(html, {blocks[1].key: ["same words"]})
    assert html.count(MARK) == 1
    assert html.index(MARK) > html.index(blocks[1].key)


@given(st.lists(WORD, min_size=1, max_size=8), st.data())
def test_marking_adds_marks_and_changes_nothing_else(parts, data):
    html, blocks = cut(f"<p>{' '.join(parts)}</p>")
    text = blocks[0].text
    start = data.draw(st.integers(0, len(text) - 1))
    words = text[start : data.draw(st.integers(start + 1, len(text)))]
    result = mark(html, {blocks[0].key: [words]})
    assert result.replace(MARK, "").replace(UNMARK, "") == html
    pieces = "".join(re.findall(rf"{MARK}(.*?){UNMARK}", result, flags=re.DOTALL))
    places = [at for at in range(len(text)) if text.startswith(words, at)]
    if len(places) == 1:
        plain = re.sub(r"<.*?>", "", pieces).replace("&amp;", "&")
        assert "".join(plain.split()) == "".join(words.split())
