"""The text on the article page: links beside its passages, marks, and the margin."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from articles.marks import MARK, UNMARK, mark
from articles.passages import cut
from discussion.models import Anchor
from discussion.passages import about
from discussion.quotes import AROUND, locate
from tests.make import make_article, make_author, make_post, make_quotation, revise

pytestmark = pytest.mark.django_db

SENTENCES = [
    "It may help.",
    "Nobody knows why.",
    "Pressure is slow.",
    "It may help some people.",
    "Soreness is common.",
    "See a doctor first.",
]
PARAGRAPHS = st.lists(
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map(" ".join),
    min_size=1,
    max_size=5,
)


@pytest.fixture
def article():
    body = "It cures pain.\n\n## How it works\n\nSlow pressure helps some."
    return make_article("fascia", body=body)


def page(client):
    return client.get("/articles/fascia/").content.decode()


def key_of(article, words):
    return article.live.passages.get(text__contains=words).key


def test_every_passage_has_a_plain_link(client, article):
    told = page(client)
    for passage in article.live.passages.all():
        link = f'<a class="passage" href="/articles/fascia/passages/{passage.key}/" '
        assert told.count(f'{link}title="Discuss this passage">') == 1
    assert "<!--p:" not in told


def test_a_passage_that_is_talked_about_says_so(client, article):
    make_quotation(article, "Slow pressure")
    make_quotation(article, "helps some")
    told = page(client)
    assert "2 posts<span" in told
    assert f"{MARK}Slow pressure</mark> {MARK}helps some</mark>" in told


def test_what_stands_beside_a_heading_is_no_part_of_it(client, article):
    """Not in the list of headings that a screen reader makes, nor in the contents."""
    make_quotation(article, "How it works", "In whom?")
    make_quotation(article, "it works", "For how long?", disputes=True)
    tree = html.fromstring(page(client))
    (heading,) = tree.xpath("//h2[@id='s-how-it-works']")
    assert heading.text_content() == "How it works"
    link, note = heading.itersiblings()
    assert link.text_content() == "Disputed: 1 open about this passage"
    assert link.get("href").endswith(f"/passages/{key_of(article, 'How it')}/")
    assert "For how long?" in note.text_content()
    assert "How it works" in tree.xpath("//nav[@class='toc']//a/text()")


def test_an_open_dispute_stands_after_its_passage(client, article):
    make_quotation(article, "It cures pain", disputes=True)
    assert "Disputed: 1 open" in page(client)


def test_the_margin_shows_the_latest_voice(client, article, maya):
    make_quotation(article, "It cures pain", "The first word.")
    by_maya = make_author(article, maya)
    make_quotation(article, "It cures", "The <b>last</b> word.", author=by_maya)
    margin = re.search(r'<span class="margin".*?</p>', page(client), re.DOTALL)[0]
    assert "Maya Member" in margin
    assert "The &lt;b&gt;last&lt;/b&gt; word." in margin
    assert "The first word." not in margin


def test_the_margin_leads_to_the_passage(client, article):
    """On a wide screen it stands in the place of the link after the passage."""
    passage = article.live.passages.get(text__contains="It cures pain")
    for told in "Discuss this passage", "2 posts on this passage":
        make_quotation(article, "It cures pain")
        link = f'<a href="/articles/fascia/passages/{passage.key}/">{told}</a>'
        assert link in page(client)


def test_the_margin_shows_the_editors_answer_rather(client, article, edda):
    post = make_quotation(article, "It cures pain", disputes=True)
    post.dispute.answer_with("It stays, because of **two** trials.", edda)
    make_quotation(article, "It cures", "A later word.")
    margin = re.search(r'<span class="margin.*?</p>', page(client), re.DOTALL)[0]
    assert "The editors" in margin
    assert "It stays, because of two trials." in margin
    assert "Disputed: 1 open" not in page(client)


def test_a_removed_post_leaves_no_mark(client, article, edda):
    post = make_quotation(article, "It cures pain", "Rubbish!", disputes=True)
    post.remove(edda, "abuse")
    told = page(client)
    assert MARK not in told
    assert "Disputed" not in told
    assert "Rubbish" not in told


def test_what_was_changed_is_not_marked(client, article):
    make_quotation(article, "It cures pain")
    revise(article, body="It may ease pain.\n\nSlow pressure helps some.")
    told = page(client)
    assert MARK not in told
    assert "has-posts" not in told


def test_a_text_that_goes_live_by_the_clock_is_not_marked_wrongly(
    client, article, time_machine
):
    make_quotation(article, "It cures pain")
    later = timezone.now() + timedelta(hours=1)
    revise(article, body="It may ease pain.", go_live_at=later)
    assert MARK in page(client)
    time_machine.move_to(later + timedelta(minutes=1))
    assert MARK not in page(client)
    assert "removed since" in page(client)


def test_the_page_is_html(client, article, valid_html):
    make_quotation(article, "It cures pain", disputes=True)
    make_quotation(article, "Slow pressure")
    make_quotation(article, "How it works")
    valid_html(client.get("/articles/fascia/"))


def test_a_row_of_a_table_can_be_talked_about(client, valid_html):
    body = "| Year | Found |\n|---|---|\n| 2018 | Too weak |\n"
    article = make_article("fascia", body=body)
    make_quotation(article, "Too weak")
    response = client.get("/articles/fascia/")
    assert f"{MARK}Too weak</mark>" in response.content.decode()
    valid_html(response)


def test_more_talk_costs_no_more_queries(client, article, django_assert_num_queries):
    make_quotation(article, "It cures pain", disputes=True)
    assert article.live
    with django_assert_num_queries(1):
        assert about(article)
    for _ in range(10):
        make_quotation(article, "Slow pressure")
    make_post(article)
    with django_assert_num_queries(1):
        assert about(article)


@given(before=PARAGRAPHS, after=PARAGRAPHS, data=st.data())
@settings(max_examples=1_000, deadline=None)
def test_no_edit_puts_a_mark_on_other_words(before, after, data):
    """Over random edits: only the quoted words are marked, where they were or moved to."""
    _, old = cut(html_of(before))
    named, new = cut(html_of(after), old)
    home = data.draw(st.sampled_from(old))
    start = data.draw(st.integers(0, len(home.text) - 1))
    words = home.text[start : data.draw(st.integers(start + 1, len(home.text)))]
    anchor = Anchor(
        passage=home.key,
        exact=words,
        prefix=home.text[:start][-AROUND:],
        suffix=home.text[start + len(words) :][:AROUND],
    )
    found = locate(anchor, new)
    marked = mark(named, {found.passage: [words]})
    assert marked.replace(MARK, "").replace(UNMARK, "") == named
    pieces = "".join(re.findall(f"{MARK}(.*?){UNMARK}", marked))
    assert pieces in {"", words}
    there = {block.key: block.text for block in new}
    if found.passage:
        assert words in there[found.passage]
    else:
        assert words not in there.get(home.key, "")


def html_of(paragraphs):
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
