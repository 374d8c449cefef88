import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.test import RequestFactory

from mfr_site.middleware import personal_pages_stay_private, security_headers


@pytest.fixture
def through_the_session():
    """A view's answer after our middleware and Django's for sessions."""

    def answer(view):
        handler = SessionMiddleware(personal_pages_stay_private(view))
        return handler(RequestFactory().get("/"))

    return answer


def public(request):
    return HttpResponse(headers={"Cache-Control": "public, max-age=60"})


def public_by_mistake(request):
    request.session.get("name")
    return public(request)


def test_a_page_that_read_the_session_is_kept_by_nobody(through_the_session):
    response = through_the_session(public_by_mistake)
    assert response["Cache-Control"] == "private, no-store"
    assert response["Vary"] == "Cookie"
    assert response["X-Robots-Tag"] == "noindex"


def test_a_page_that_did_not_read_it_is_left_as_it_is(through_the_session):
    response = through_the_session(public)
    assert response["Cache-Control"] == "public, max-age=60"
    assert not response.has_header("Vary")
    assert not response.has_header("X-Robots-Tag")


def test_every_answer_carries_the_content_security_policy(settings):
    settings.CONTENT_SECURITY_POLICY = "default-src 'none'"
    response = security_headers(public)(RequestFactory().get("/"))
    assert response["Content-Security-Policy"] == "default-src 'none'"


def test_a_view_with_a_stricter_policy_keeps_it():
    def drawing(request):
        return HttpResponse(headers={"Content-Security-Policy": "sandbox"})

    response = security_headers(drawing)(RequestFactory().get("/"))
    assert response["Content-Security-Policy"] == "sandbox"
