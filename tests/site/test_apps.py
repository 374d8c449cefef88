"""What the site sets once, for every form."""

import pytest
from django.utils.html import escape

from mfr_site.apps import NO_EMAIL
from tests.discussion.sending import OURS
from tests.make import make_article, make_post

FORMS = {
    "/accounts/signup/": {"email": "maya(at)example", "username": "maya"},
    "/accounts/password/reset/": {"email": "maya(at)example"},
    "/accounts/login/code/": {"email": "maya(at)example"},
    "/articles/fascia/posts/": {
        "body": "It helped.",
        "as": "anonymous",
        "notify": "maya(at)example",
    },
    "/articles/fascia/posts/1/report/": {
        "reason": "legal",
        "note": "My name is in it.",
        "email": "maya(at)example",
    },
}


@pytest.mark.django_db
@pytest.mark.parametrize("path", FORMS)
def test_an_address_that_is_none_is_asked_for_in_our_words(client, path):
    make_post(make_article("fascia"))
    page = client.post(path, FORMS[path], headers=OURS).content.decode()
    assert escape(NO_EMAIL) in page
    assert "valid email" not in page


@pytest.mark.django_db
def test_in_the_newsroom_too(client, edda):
    edda.is_superuser = True
    edda.save()
    client.force_login(edda)
    path = f"/admin/accounts/user/{edda.pk}/change/"
    page = client.post(path, {"username": "edda", "email": "edda(at)example"})
    assert escape(NO_EMAIL) in page.content.decode()
