import pytest

from tests.make import make_article, make_draft

pytestmark = pytest.mark.django_db


def find(client, query, **more):
    return client.get("/search/", {"q": query, **more})


def test_it_finds_an_article_and_shows_why(client, valid_html):
    article = make_article(title="Rollers", body="A tennis ball is softer.")
    response = find(client, "tennis ball")
    valid_html(response)
    page = response.content.decode()
    assert article.get_absolute_url() in page
    assert "<mark>tennis</mark>" in page


def test_markup_in_a_text_stays_text(client):
    make_article(body="Type `<script>alert(1)</script>` beside tennis.")
    page = find(client, "tennis").content.decode()
    assert "<script>alert" not in page
    assert "<mark>tennis</mark>" in page


@pytest.mark.parametrize(
    "query", ['"', "NEAR(", "a OR", "col:x", "-x", "'; drop", "\x00", "🙂", "%", "*"]
)
def test_no_question_breaks_it(client, query):
    make_article()
    assert find(client, query).status_code == 200


def test_what_no_reader_may_see_is_not_found(client, edda):
    make_draft(body="The word zanzibar.")
    make_article(body="The word zanzibar.").withdraw(edda, "Out of date.")
    hidden = find(client, "zanzibar").content
    nonsense = find(client, "qwertzui").content
    assert hidden.replace(b"zanzibar", b"") == nonsense.replace(b"qwertzui", b"")


def test_a_name_or_address_finds_nothing(client, maya):
    make_article()
    assert "No article and no post" in find(client, maya.email).content.decode()


def test_more_results_lead_on(client):
    for _ in range(23):
        make_article(body="The word zanzibar.")
    first = find(client, "zanzibar")
    assert "q=zanzibar&amp;start=20" in first.content.decode()
    second = find(client, "zanzibar", start=20)
    assert len(second.context["articles"].items) == 3


def test_without_words_it_explains_itself(client, valid_html):
    response = client.get("/search/")
    valid_html(response)
    assert "Search looks through" in response.content.decode()


def test_it_is_neither_kept_nor_indexed(client):
    response = find(client, "anything")
    assert "no-store" in response["Cache-Control"]
    assert 'content="noindex"' in response.content.decode()


def test_too_many_searches_are_asked_to_wait(client):
    answers = [find(client, f"word{n}") for n in range(31)]
    assert {answer.status_code for answer in answers[:30]} == {200}
    assert answers[30].status_code == 429
    assert int(answers[30]["Retry-After"]) > 0
    assert "word30" in answers[30].content.decode()
