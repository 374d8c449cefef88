"""One passage and what is said about it; a discussion by passage and by dispute."""

import re

import pytest

from tests.make import (
    make_article,
    make_draft,
    make_post,
    make_quotation,
    revise,
)

pytestmark = pytest.mark.django_db

BODY = "It cures pain. Nobody knows why. Slowly.\n\nSlow pressure helps some.\n"
HEADED = "Slow pressure helps some.\n\n## How it works\n\nNobody knows.\n"


@pytest.fixture
def article():
    return make_article("fascia", body=BODY)


def key_of(article, words):
    return article.live.passages.get(text__contains=words).key


def page(client, key, query=""):
    return client.get(f"/articles/fascia/passages/{key}/{query}")


def ordered(client, order):
    return client.get(f"/articles/fascia/?order={order}")


def headings(response):
    found = re.findall(r'<h3 class="group">(.*?)</h3>', response.content.decode())
    return [re.sub(r"<.*?>", "", heading) for heading in found]


def chosen(response):
    return re.findall(
        r'name="quote" value="(.*?)"[^>]* checked', response.content.decode()
    )


def test_the_passage_is_cut_into_sentences(client, article, valid_html):
    response = page(client, key_of(article, "cures"))
    told = response.content.decode()
    for words in ("It cures pain.", "Nobody knows why.", "Slowly."):
        assert f'type="radio" name="quote" value="{words}"' in told
    assert "The whole passage" in told
    assert chosen(response) == [""]
    valid_html(response)


def test_each_heading_says_something_else(client, article):
    told = page(client, key_of(article, "cures")).content.decode()
    found = re.findall(r"<h[1-3][^>]*>(.*?)</h", told)
    assert found == ["Discuss a passage", "What do you say?"]
    assert 'aria-labelledby="composer-h"' in told
    assert told.count('id="composer-h"') == 1


def test_a_single_sentence_is_not_offered_twice(client, article):
    told = page(client, key_of(article, "Slow pressure")).content.decode()
    assert told.count('name="quote"') == 1


def test_selected_words_are_chosen_already(client, article):
    response = page(client, key_of(article, "cures"), "?quote=knows+why")
    assert chosen(response) == ["knows why"]
    assert "no-store" in response["Cache-Control"]


def test_words_that_do_not_stand_there_are_not_offered(client, article):
    response = page(client, key_of(article, "cures"), "?quote=%3Cscript%3E")
    assert "&lt;script" not in response.content.decode()
    assert chosen(response) == [""]


def test_the_composer_posts_about_the_passage(client, article):
    key = key_of(article, "cures")
    sent = {"passage": key, "quote": "It cures pain.", "disputes": "on"}
    client.post(
        "/articles/fascia/posts/",
        {**sent, "body": "Which trial says so?", "as": "anonymous"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    post = article.posts.get()
    assert (post.anchor.exact, post.anchor.passage) == ("It cures pain.", key)
    assert post.dispute.state == "open"


def test_a_heading_is_discussed_like_any_passage(client, valid_html):
    article = make_article("fascia", body=HEADED)
    make_quotation(article, "Nobody knows")
    make_quotation(article, "How it works", "Does it?")
    response = page(client, key_of(article, "How it works"))
    assert "Does it?" in response.content.decode()
    assert response.content.decode().count('name="quote"') == 1
    valid_html(response)
    assert headings(ordered(client, "passages")) == ["How it works", "Nobody knows."]


def test_what_was_said_so_far_is_told_with_its_answers(client, article):
    post = make_quotation(article, "It cures pain", "I doubt that.")
    make_post(article, "So do I.", parent=post)
    make_post(article, "Something else.")
    told = page(client, key_of(article, "cures")).content.decode()
    assert "I doubt that." in told and "So do I." in told
    assert "Something else." not in told


def test_a_closed_discussion_has_no_composer(client, article):
    type(article).objects.update(discussion_open=False)
    assert "<textarea" not in page(client, key_of(article, "cures")).content.decode()


def test_a_passage_that_went_leads_to_what_became_of_it(client, article, valid_html):
    make_quotation(article, "It cures pain", "I doubt that.")
    key = key_of(article, "cures")
    revise(article, body="Quite other words stand here.\n\nSlow pressure helps some.")
    response = page(client, key)
    told = response.content.decode()
    assert "no longer in the article" in told
    assert "I doubt that." in told
    assert "/articles/fascia/history/1/2/" in told
    assert "<textarea" not in told
    valid_html(response)
    # No post there leads to the very page; elsewhere it does.
    assert "See what became of it" not in told
    whole = client.get("/articles/fascia/").content.decode()
    assert "See what became of it" in whole


def test_an_unknown_passage_is_not_there(client, article):
    assert page(client, "zzzzzz").status_code == 404


def test_a_passage_of_a_draft_is_not_there(client, article):
    draft = article.revise(None, based_on=article.live, body="Secret words of a draft.")
    assert page(client, draft.passages.get().key).status_code == 404


def test_a_draft_article_has_no_passages(client):
    draft = make_draft("fascia")
    key = draft.passages.first().key
    assert page(client, key).status_code == 404


def test_the_page_is_the_same_for_everybody(client, article):
    response = page(client, key_of(article, "cures"))
    assert "public" in response["Cache-Control"]
    assert not response.cookies


def test_by_passage_follows_the_article(client, article, valid_html):
    make_quotation(article, "Slow pressure")
    make_quotation(article, "It cures pain")
    make_post(article, "About nothing in particular.")
    response = ordered(client, "passages")
    assert headings(response) == [
        "It cures pain. Nobody knows why. Slowly.",
        "Slow pressure helps some.",
    ]
    assert "About nothing in particular." not in response.content.decode()
    valid_html(response)


def test_by_passage_forgets_no_post_on_former_words(client, article):
    make_quotation(article, "It cures pain", "I doubt that.")
    revise(article, body="Quite other words stand here.\n\nSlow pressure helps some.")
    response = ordered(client, "passages")
    assert headings(response) == ["Words that have been changed or removed since"]
    assert "I doubt that." in response.content.decode()


def test_many_posts_on_one_passage_lead_to_its_page(client, article):
    for number in range(8):
        make_quotation(article, "It cures pain", f"Doubt {number}.")
    told = ordered(client, "passages").content.decode()
    assert "Doubt 7." in told and "Doubt 2." not in told
    assert "3 more about this passage" in told


def test_a_post_stands_only_once_on_a_page(client, article, valid_html):
    first = make_quotation(article, "It cures pain")
    make_quotation(article, "Slow pressure", parent=first)
    response = ordered(client, "passages")
    assert response.content.decode().count('id="post-2"') == 1
    valid_html(response)


def test_disputes_are_told_open_ones_first(client, article, edda, valid_html):
    make_quotation(article, "It cures pain", "Open doubt.", disputes=True)
    settled = make_quotation(article, "Slow", "Settled doubt.", disputes=True)
    settled.dispute.answer_with("It stays.", edda)
    make_quotation(article, "helps some", "No doubt.")
    response = ordered(client, "disputes")
    told = response.content.decode().partition('id="discussion"')[2]
    assert headings(response) == ["Open", "Settled"]
    assert told.index("Open doubt.") < told.index("Settled doubt.")
    assert "No doubt." not in told
    assert "It stays." in told
    valid_html(response)


@pytest.mark.parametrize("order", ["passages", "disputes"])
def test_without_any_the_page_says_how_to_begin(client, article, order):
    make_post(article)
    told = ordered(client, order).content.decode()
    assert "link" in told and "group" not in told


def test_a_gathered_page_costs_no_more_for_more_posts(
    client, article, django_assert_max_num_queries
):
    for _ in range(12):
        make_quotation(article, "It cures pain", disputes=True)
    with django_assert_max_num_queries(16):
        ordered(client, "disputes")
