"""The headers of every kind of answer: page, file, error, admin, refusal."""

import pytest
from django.test import Client

from tests.make import make_article

pytestmark = pytest.mark.django_db

EVERY = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
KINDS = {
    "page": ("/", {}, 200),
    "log-in": ("/accounts/login/", {}, 200),
    "admin": ("/admin/", {}, 302),
    "static file": ("/static/css/site.css", {}, 200),
    "picture that is not there": ("/media/none.png", {}, 404),
    "page that is not there": ("/nothing/here/", {}, 404),
    "unknown host": ("/", {"HTTP_HOST": "evil.example"}, 400),
    "wrong address": ("/accounts", {}, 301),
    "robots": ("/robots.txt", {}, 200),
}


@pytest.fixture
def failing(monkeypatch):
    def fail(request):
        raise RuntimeError

    monkeypatch.setattr("mfr_site.views.connection", None)


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_has_them(client, kind):
    path, headers, status = KINDS[kind]
    response = client.get(path, **headers)
    response.close()
    assert response.status_code == status
    for name, value in EVERY.items():
        assert response[name] == value
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_a_failed_page_has_them(failing):
    response = Client(raise_request_exception=False).get("/healthz")
    assert response.status_code >= 500
    for name, value in EVERY.items():
        assert response[name] == value


@pytest.mark.parametrize("kind", ["page", "admin", "unknown host"])
def test_hsts_is_sent_over_https_alone(client, settings, kind):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    path, headers, _ = KINDS[kind]
    secure = client.get(path, secure=True, **headers)
    assert secure["Strict-Transport-Security"] == (
        "max-age=31536000; includeSubDomains; preload"
    )
    assert "Strict-Transport-Security" not in client.get(path, **headers)


def test_the_refusal_to_redirect_an_unknown_host_has_them_too(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/", HTTP_HOST="evil.example")
    assert response.status_code == 400
    for name, value in EVERY.items():
        assert response[name] == value


@pytest.mark.parametrize("cookie", ["session", "csrf"])
def test_cookies_are_lax_and_closed_to_scripts(client, cookie):
    from tests.accounts.doors import log_in, make_account

    make_account()
    client.get("/accounts/login/")
    log_in(client)
    found = client.cookies[cookie]
    assert found["httponly"]
    assert found["samesite"] == "Lax"
    assert found["path"] == "/"
    assert not found["domain"]


@pytest.mark.parametrize(
    "path",
    ["/xmlrpc.php", "/trackback/", "/articles/fascia/trackback/", "/webmention/"],
)
def test_no_other_site_can_announce_a_link_to_us(client, path):
    """Trackbacks and their kind are how spam and foreign requests come in (TRUST A28)."""
    article = make_article("fascia")
    assert client.get(path).status_code == 404
    assert client.post(path, {"url": "https://spam.example"}).status_code == 404
    page = client.get(article.get_absolute_url())
    assert "X-Pingback" not in page.headers
    assert "pingback" not in page.content.decode() + page.headers.get("Link", "")
    assert "webmention" not in page.content.decode()
