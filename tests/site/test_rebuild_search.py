from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from articles.models import Article
from discussion.models import Post
from mfr_site.models import SearchEntry
from tests.make import make_article, make_draft, make_post, revise

pytestmark = pytest.mark.django_db


def entries():
    return sorted(SearchEntry.objects.values_list("kind", "object_id", "title", "body"))


def rebuild():
    out = StringIO()
    call_command("rebuild_search", stdout=out)
    return out.getvalue()


@pytest.fixture
def texts(edda):
    article = make_article(title="Rolling")
    revise(article, title="Pressing")
    revise(article, title="Kneading", go_live_at=timezone.now() + timedelta(days=1))
    make_draft(title="In secret")
    post = make_post(article, "A ball helped me.")
    post.append_update("It was a hammock after all.")
    make_post(article, "Spam").remove(edda, "spam")
    make_article(title="Withdrawn").withdraw(edda, "Old")
    return article


def test_it_holds_just_what_the_writing_of_texts_had_put_there(texts):
    before = entries()
    assert len(before) == 4
    assert rebuild() == "4 texts can be found.\n"
    assert entries() == before


def test_a_lost_search_comes_back(texts):
    SearchEntry.objects.all().delete()
    rebuild()
    assert Article.objects.search("pressing").total == 1
    assert Article.objects.search("rolling").total == 0
    assert Article.objects.search("withdrawn").total == 0
    assert Post.objects.search("hammock").total == 1
    assert Post.objects.search("spam").total == 0
