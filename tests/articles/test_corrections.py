import pytest

from articles.models import Correction
from tests.make import make_article, revise

pytestmark = pytest.mark.django_db


@pytest.fixture
def correction(edda):
    article = make_article(title="How it works")
    before = article.live
    after = revise(article, by=edda, body="It is not settled.")
    return Correction.objects.create(
        article=article,
        before=before,
        after=after,
        text="We said it was settled. It is not.",
        editor=edda,
    )


def test_it_says_what_was_wrong_and_leads_to_the_difference(
    client, correction, valid_html
):
    response = client.get("/corrections/")
    valid_html(response)
    page = response.content.decode()
    assert "We said it was settled. It is not." in page
    slug = correction.article.slug
    assert f"/articles/{slug}/history/1/2/" in page


def test_a_withdrawn_article_takes_its_corrections_along(client, correction, edda):
    correction.article.withdraw(edda, "Out of date.")
    assert "We said it was settled" not in client.get("/corrections/").content.decode()


def test_with_none_it_says_how_to_dispute(client, valid_html):
    response = client.get("/corrections/")
    valid_html(response)
    assert (
        "speech bubble at its end, “Discuss this passage”" in response.content.decode()
    )
