"""Who is mailed about what, and every way to stop it: without script, by plain forms."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from discussion import letters, reply_mail
from discussion.models import Mailbox, Notice, Post, PostKey
from discussion.my_data import said_by
from discussion.subscriptions import SCOPES, Subscription, back
from mfr_site import mail as site_mail
from mfr_site.models import Erasure
from tests.discussion.sending import OURS, elsewhere, send, text, words_of
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db

ADDRESS = "heron@example.org"


@pytest.fixture
def article(db):
    return make_article("fascia", title="All about fascia")


def link_in(message, part):
    """The address in a mail that has these words, without the host."""
    return re.search(rf"http://127\.0\.0\.1:8000(/\S*{part}\S*)", message.body)[1]


def confirm(message=None):
    path = link_in(message or mail.outbox[-1], "confirm")
    return elsewhere().post(path, headers=OURS)


def told():
    mail.outbox.clear()
    letters.send_due()
    return mail.outbox


def everything_stored():
    """All rows of all tables, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            yield from map(str, cursor.fetchall())


# --- Asking in the composer -----------------------------------------------------------------


def test_the_whole_way_without_an_account(client, article, valid_html):
    """Ask while posting, confirm, be told, come back, stop: the address is gone."""
    sent = send(client, article, "Does it last?", notify=ADDRESS)
    page = client.get(sent.url)
    valid_html(page)
    assert "a mail is on its way" in text(page)
    assert 'class="post-key"' in text(page)
    [message] = mail.outbox
    assert message.to == [ADDRESS]
    send(elsewhere(), article, "For me it did.", reply=1)
    assert told() == []

    asked = client.get(link_in(message, "confirm"))
    valid_html(asked)
    assert not Mailbox.objects.get().is_confirmed
    done = client.post(link_in(message, "confirm"), headers=OURS)
    valid_html(done)
    send(elsewhere(), article, "And for me it did.", reply=1)
    [message] = told()
    assert message.to == [ADDRESS]
    assert "And for me it did." in message.body

    assert client.get(link_in(message, "back")).url == "/articles/fascia/posts/3/"
    stop = link_in(message, "unsubscribe")
    valid_html(client.get(stop))
    assert Mailbox.objects.exists()
    valid_html(client.post(stop))
    assert not Mailbox.objects.exists()
    assert Erasure.objects.filter(kind="mailbox").exists()
    send(elsewhere(), article, "A third one.", reply=1)
    assert told() == []


def test_the_confirmation_has_no_word_of_a_visitor(client, article):
    send(client, article, "Buy pills at spam.example", notify=ADDRESS)
    [message] = mail.outbox
    whole = message.subject + message.body + message.alternatives[0][0]
    for word in ("pills", "spam.example", "All about", "fascia/", "Anonymous"):
        assert word not in whole


def test_the_address_is_nowhere_to_be_read(client, article, settings):
    """Not while it waits, not when it is confirmed, nor in the queue of mails."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    sent = send(client, article, notify=ADDRESS)
    client.get(sent.url)
    Mailbox.objects.get().confirm()
    send(elsewhere(), article, reply=1)
    letters.send_due()
    stored = "\n".join(everything_stored()).lower()
    assert "what helped me" in stored
    assert "heron@" not in stored
    assert Mailbox.objects.get().address == ADDRESS


def test_a_wrong_address_gives_the_text_back(client, article):
    answer = send(client, article, "My words.", notify="heron")
    assert answer.status_code == 400
    assert "My words." in text(answer)
    assert 'value="heron"' in text(answer)
    assert not Post.objects.exists()


def test_a_member_who_posts_by_name_needs_no_address(client, article, maya):
    client.force_login(maya)
    send(client, article, way="member", notify=ADDRESS)
    assert not mail.outbox
    assert not Mailbox.objects.exists()


def test_asking_twice_is_asking_once(client, article):
    token = {"token": "abc", "notify": ADDRESS}
    send(client, article, **token)
    send(client, article, **token)
    assert len(mail.outbox) == 1


def test_another_address_replaces_the_first(client, article):
    words = words_of(client, send(client, article, notify=ADDRESS))
    send(elsewhere(), article, "More.", key=words, notify="wren@example.org")
    assert Mailbox.objects.get().address == "wren@example.org"
    page = elsewhere().post(link_in(mail.outbox[0], "confirm"), headers=OURS)
    assert "no longer good" in text(page)
    assert not Mailbox.objects.get().is_confirmed


def test_a_stranger_is_not_bombed(article):
    """However many keys ask for one address, in however it is spelled (TRUST A34)."""
    spellings = ["heron@example.org", "Heron@Example.org", "h.eron+1@example.org"]
    for number in range(12):
        answer = send(
            elsewhere(), article, f"Text {number}.", notify=spellings[number % 3]
        )
        assert "asked" in answer.url
    assert len(mail.outbox) == 2


def test_the_answer_is_the_same_for_an_address_that_takes_no_mail(client, article):
    site_mail.suppress(ADDRESS)
    page = client.get(send(client, article, notify=ADDRESS).url)
    other = elsewhere()
    usual = other.get(send(other, article, notify="wren@example.org").url)
    said = [re.search(r"If that address[^<]+", text(one))[0] for one in (page, usual)]
    assert said[0] == said[1]
    assert [message.to for message in mail.outbox] == [["wren@example.org"]]


# --- Confirming ---------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("token", ["1", "1.x", "x" * 43, "1.abc.def"])
def test_no_token_of_ours_finds_nothing(client, db, method, token):
    for path in (f"/unsubscribe/{token}/", f"/manage/mail/confirm/{token}/"):
        assert getattr(client, method)(path).status_code == 404


def test_a_link_for_one_thing_is_no_link_for_another(client, article):
    send(client, article, notify=ADDRESS)
    token = link_in(mail.outbox[0], "confirm").split("/")[-2]
    assert client.post(f"/unsubscribe/{token}/").status_code == 404
    assert client.get(f"/articles/fascia/posts/back/{token}/").status_code == 404


def test_after_a_day_the_link_is_no_longer_good(
    client, article, time_machine, valid_html
):
    send(client, article, notify=ADDRESS)
    time_machine.move_to(timezone.now() + timedelta(hours=25))
    call_command("housekeeping", verbosity=0)
    assert not Mailbox.objects.exists()
    page = confirm()
    valid_html(page)
    assert "no longer good" in text(page)
    assert not Mailbox.objects.exists()


# --- By post key ----------------------------------------------------------------------------


@pytest.fixture
def holder(client, article):
    """A browser in which the key of Post 1 was entered on /manage/."""
    words = words_of(client, send(client, article))
    reader = elsewhere()
    reader.post("/manage/", {"key": words}, headers=OURS)
    return reader


def test_without_a_key_there_is_nothing(client, db):
    assert client.get("/manage/mail/").url == "/manage/"
    assert (
        client.post("/manage/mail/", {"notify": ADDRESS}, headers=OURS).url
        == "/manage/"
    )
    assert client.post("/manage/mail/stop/", headers=OURS).url == "/manage/mail/"
    assert not mail.outbox


def test_the_key_asks_for_reply_mail(holder, valid_html):
    page = holder.get("/manage/mail/")
    valid_html(page)
    assert page["Cache-Control"] == "private, no-store"
    answer = holder.post("/manage/mail/", {"notify": ADDRESS}, headers=OURS)
    assert answer.status_code == 303
    assert "a mail is on its way" in text(holder.get(answer.url))
    confirm()
    page = holder.get("/manage/mail/")
    valid_html(page)
    assert "h…@example.org" in text(page)
    assert ADDRESS not in text(page)


def test_the_key_says_how_often_and_stops(holder, valid_html):
    holder.post("/manage/mail/", {"notify": ADDRESS}, headers=OURS)
    confirm()
    form = {"pace": "daily", "decisions": "on", "replies": "", "desk": "on"}
    holder.post("/manage/mail/", form, headers=OURS)
    box = Mailbox.objects.get()
    assert (box.pace, box.replies, box.is_confirmed) == ("daily", True, True)
    assert holder.post("/manage/mail/", {"pace": "x"}, headers=OURS).status_code == 400
    holder.post("/manage/mail/stop/", headers=OURS)
    assert not Mailbox.objects.exists()


def test_an_address_is_kept_for_as_long_as_it_is_wanted(holder):
    """Saving the choice, or asking again in the composer, counts anew."""
    holder.post("/manage/mail/", {"notify": ADDRESS}, headers=OURS)
    confirm()
    long_ago = timezone.now() - timedelta(days=100)
    for again in (
        lambda: holder.post("/manage/mail/", {"pace": "now"}, headers=OURS),
        lambda: reply_mail.ask(None, PostKey.objects.get(), ADDRESS.upper()),
    ):
        Mailbox.objects.update(asked_at=long_ago)
        again()
        assert Mailbox.objects.get().asked_at > long_ago
    assert len(mail.outbox) == 1


def test_the_file_of_the_key_has_its_mail(holder):
    holder.post("/manage/mail/", {"notify": ADDRESS}, headers=OURS)
    response = holder.post("/manage/data/export/", headers=OURS)
    assert response.status_code == 200
    key = PostKey.objects.get()
    [said] = said_by(key)["mail"]
    assert said["address"] == ADDRESS


# --- By account -----------------------------------------------------------------------------


def test_a_member_chooses(client, article, maya, valid_html):
    client.force_login(maya)
    page = client.get("/accounts/mail/")
    valid_html(page)
    assert "maya@example.org" in text(page)
    assert "waits for an editor" not in text(page)
    answer = client.post("/accounts/mail/", {"replies": "on", "pace": "hourly"})
    page = client.get(answer.url)
    valid_html(page)
    assert "is saved" in text(page)
    box = Mailbox.objects.get()
    assert (box.replies, box.decisions, box.pace) == (True, False, "hourly")


def test_what_is_no_longer_wanted_is_not_told(client, article, maya):
    Mailbox.objects.create(user=maya, replies=True)
    make_post(article, author=make_author(article, maya))
    send(elsewhere(), article, reply=1)
    assert Notice.objects.count() == 1
    client.force_login(maya)
    client.post("/accounts/mail/", {"decisions": "on", "pace": "now"})
    assert told() == []


def test_an_editor_can_do_without_the_morning_mail(client, edda):
    client.force_login(edda)
    assert "what waits for an editor" in text(client.get("/accounts/mail/"))
    client.post("/accounts/mail/", {"pace": "now"})
    assert not Mailbox.objects.get().desk


def test_a_member_hears_that_mail_came_back_and_lifts_it(client, maya, valid_html):
    site_mail.suppress(maya.email)
    client.force_login(maya)
    page = client.get("/accounts/mail/")
    valid_html(page)
    assert "came back" in text(page)
    client.post("/accounts/mail/again/")
    assert not site_mail.is_suppressed(maya.email)
    assert "came back" not in text(client.get("/accounts/mail/"))


# --- Following ------------------------------------------------------------------------------


def test_the_article_links_there_and_stays_the_same_for_everybody(client, article):
    make_post(article)
    page = client.get("/articles/fascia/")
    assert "/articles/fascia/posts/follow/" in text(page)
    assert "public" in page["Cache-Control"]


def test_a_guest_is_told_the_ways(client, article, valid_html):
    page = client.get("/articles/fascia/posts/follow/")
    valid_html(page)
    assert "?next=/articles/fascia/posts/follow/" in text(page)
    assert "/articles/fascia/feed/" in text(page)
    client.post("/articles/fascia/posts/follow/", headers=OURS)
    assert not Mailbox.objects.exists()


def test_a_member_follows_and_stops(client, article, maya, valid_html):
    client.force_login(maya)
    path = "/articles/fascia/posts/follow/"
    valid_html(client.get(path))
    assert not Mailbox.objects.exists()
    client.post(path)
    page = client.get(path)
    valid_html(page)
    assert "You follow" in text(page)
    assert "All about fascia" in text(client.get("/accounts/mail/"))
    stop = re.search(r'action="(/unsubscribe/[^"]+)"', text(page))[1]
    client.post(stop)
    assert "You follow" not in text(client.get(path))


def test_a_key_with_a_confirmed_address_follows(client, article):
    send(client, article, notify=ADDRESS)
    client.post("/articles/fascia/posts/follow/", headers=OURS)
    assert not Mailbox.objects.get().follows(article)
    confirm()
    client.post("/articles/fascia/posts/follow/", headers=OURS)
    send(elsewhere(), article, "Something new.")
    [message] = told()
    assert "Something new." in message.body
    elsewhere().post(link_in(message, "unsubscribe"))
    assert not Mailbox.objects.get().follows(article)


# --- Stopping -------------------------------------------------------------------------------


@pytest.fixture
def boxes(article, maya, sam):
    boxes = [Mailbox.objects.create(user=user, replies=True) for user in (maya, sam)]
    for box in boxes:
        box.follow(article)
    return boxes


def state(box):
    box.refresh_from_db()
    return box.replies, box.decisions, box.desk, box.followings.count()


AFTER = {
    "replies": (False, True, True, 1),
    "decisions": (True, False, True, 1),
    "desk": (True, True, False, 1),
    "all": (False, False, True, 0),
    "following": (True, True, True, 0),
}


def test_every_scope_is_tested():
    assert AFTER.keys() == SCOPES.keys()


@pytest.mark.parametrize("scope", AFTER)
def test_a_link_stops_what_it_says_for_whom_it_was_sent(boxes, scope, valid_html):
    mine, other = boxes
    pk = mine.followings.get().pk if scope == "following" else mine.pk
    path = Subscription(scope, pk).path
    before = state(mine)
    page = Client().get(path)
    valid_html(page)
    assert SCOPES[scope] in text(page)
    assert "example.org" not in text(page).replace("editors@", "")
    assert state(mine) == before
    for _ in range(2):
        assert Client().post(path).status_code == 200
        assert state(mine) == AFTER[scope]
    assert state(other) == before


def test_a_mail_provider_stops_it_by_one_click(boxes):
    """No cookie, no token, another origin; 200, empty, no redirect (RFC 8058)."""
    mine, _ = boxes
    provider = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = provider.post(
            Subscription("replies", mine.pk).path,
            "List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
            headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"},
        )
        assert (answer.status_code, answer.content) == (200, b"")
        assert not answer.cookies
    assert state(mine)[0] is False


@pytest.mark.parametrize(
    "path", ["/accounts/mail/", "/articles/fascia/posts/follow/", "/manage/mail/stop/"]
)
def test_only_stopping_needs_no_proof_of_origin(article, maya, path):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(maya)
    foreign = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    assert browser.post(path, headers=foreign).status_code == 403


def test_what_is_gone_already_is_stopped_too(db):
    for scope in SCOPES:
        assert Client().post(Subscription(scope, 12345).path).status_code == 200


# --- Coming back ----------------------------------------------------------------------------


def test_the_way_back_is_within_the_discussion(client, boxes, article):
    path = back(boxes[0].followings.get(), "fascia").removeprefix(
        "http://127.0.0.1:8000"
    )
    assert client.get(f"{path}?since=3").url == "/articles/fascia/?since=3#posts"
    assert client.get(f"{path}?post=7").url == "/articles/fascia/posts/7/"
    assert client.get(f"{path}?post=//evil.example").status_code == 404
    Mailbox.objects.all().delete()
    assert client.get(path).status_code == 303
