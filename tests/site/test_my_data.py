"""Taking one's data away, and leaving: the pages, the file, and what is left."""

import io
import json
import re
import zipfile

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.management import call_command

from accounts.models import User
from discussion.authors import Speaker
from discussion.models import Author, Credential, Mailbox, Post, Report
from discussion.submission import Submission
from mfr_site import mail as our_mail
from mfr_site.my_data import everything_about, part_with
from tests.accounts.doors import (
    is_logged_in,
    log_in,
    make_account,
    prove_it_is_you,
    sign_up,
)
from tests.make import make_article

pytestmark = pytest.mark.django_db

DATA = "/accounts/data/"


def say(user, body, article=None):
    article = article or make_article()
    speaker = Speaker(article, user=user)
    return Post.objects.submit(Submission(article, speaker, body))


@pytest.fixture
def maya(client):
    """Maya, logged in, who has just shown again that it is her."""
    maya = make_account(display_name="Maya M.", bio="I ask a lot.")
    log_in(client)
    prove_it_is_you(client)
    return maya


def make_file(client):
    response = client.post(f"{DATA}export/")
    return response["Location"]


def opened(response):
    return zipfile.ZipFile(io.BytesIO(response.content))


# --- Taking away


def test_the_pages_are_valid(client, maya, valid_html):
    for path in (DATA, f"{DATA}delete/", f"{DATA}leaving/", make_file(client)):
        page = client.get(path)
        assert page.status_code == 200
        assert page["Cache-Control"] == "private, no-store"
        valid_html(page)


def test_the_file_is_had_once(client, maya):
    where = make_file(client)
    assert client.get(where).status_code == 200
    response = client.post(where)
    assert response["Content-Type"] == "application/zip"
    assert opened(response).namelist() == ["my-data.json", "my-data.html"]
    for again in (client.post(where), client.get(where)):
        assert again.status_code == 404
        assert "This file was saved, or is too old" in again.content.decode()
        assert again["Cache-Control"] == "private, no-store"


def test_the_link_is_good_for_a_day(client, maya):
    with time_machine.travel("2026-03-01T12:00Z"):
        log_in(client)
        prove_it_is_you(client)
        where = make_file(client)
    with time_machine.travel("2026-03-02T12:01Z"):
        assert client.post(where).status_code == 404


def test_the_link_is_for_its_member_alone(client, maya, client_of_sam):
    make_account("sam")
    log_in(client_of_sam, "sam")
    where = make_file(client)
    assert client_of_sam.post(where).status_code == 404
    client_of_sam.logout()
    assert client_of_sam.post(where)["Location"].startswith("/accounts/login/")
    assert client.post(where).status_code == 200


def test_one_copy_a_day(client, maya):
    make_file(client)
    assert make_file(client) == DATA
    page = client.get(DATA).content.decode()
    assert "one copy a day. You can make the next in 24 hours." in page


def test_everything_of_ones_own_and_nothing_of_others(client, maya):
    article = make_article("sore-shoulders")
    post = say(maya, "My shoulder hurts at night.", article)
    sam = make_account("sam")
    other = say(sam, "What Sam wrote is not hers.", article)
    Report.objects.take(other, "spam", "Looks like advertising to me.", maya)
    Credential.objects.show(maya, "RMT")
    edda = make_account("edda", is_staff=True)
    post.remove(edda, "dangerous", "Please see a doctor.")
    file = opened(client.post(make_file(client)))
    for name in file.namelist():
        text = file.read(name).decode()
        for own in (
            "My shoulder hurts at night.",
            "sore-shoulders",
            "maya@example.org",
            "I ask a lot.",
            "Looks like advertising to me.",
            "Please see a doctor.",
            "Dangerous advice",
            "RMT",
        ):
            assert own in text
        for foreign in ("What Sam wrote", "sam@example.org", "edda", "pbkdf2", "md5"):
            assert foreign not in text


def test_the_page_in_the_file_is_a_page(client, maya):
    say(maya, "<script>alert(1)</script> & so on")
    page = opened(client.post(make_file(client))).read("my-data.html").decode()
    assert page.lstrip().startswith("<!doctype html>")
    assert "<script>" not in page
    assert "http://" not in page.replace("http://127.0.0.1:8000", "")


FIELDS = """
a mail waits to be read since, about you, account, added, added later, address,
address of the entry, answer, answer to that, answers, article, as, asked for, checked,
confirmed, decisions, discussions, display name, e-mail address,
each morning what waits for an editor, earlier texts, edited, editor, every new post,
how often, in reply to, kind, last log-in, last used, leaves the site, logged in, made,
mail, not mailed yet, note, number, passage quoted, post, posts,
posts appear without a first check since, posts wait for an editor since,
profession shown, professions, published, reason, register, removed, reports,
revisions of articles, rule, settled, shown as, since, state, taken off, text, title,
told until post, two-step log-in, user name, waits for an editor since, what,
what changed, when, written, your answer
"""


def names(value):
    """Every name in nested data."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner)


def test_the_names_of_what_is_given_are_a_list_that_somebody_has_read(maya):
    """A new field of a model is given away only when it is put here (TRUST A7)."""
    article = make_article(author=maya)
    maya.authenticator_set.create(type="totp", data={"secret": "x"})
    post = say(maya, "One.", article)
    other = say(make_account("sam"), "Two.", article)
    Report.objects.take(other, "spam", "", maya)
    Credential.objects.show(maya, "RMT")
    Mailbox.objects.kept_for(maya).follow(article)
    post.remove(None, "spam")
    found = set(names(json.loads(json.dumps(everything_about(maya), default=str))))
    assert found == {name.strip() for name in re.split(r",\s", FIELDS)}


# --- Leaving


def leave(client, texts="keep"):
    return client.post(f"{DATA}delete/", {"texts": texts})


def tidy_up(at="2030-01-01T12:00Z"):
    with time_machine.travel(at):
        call_command("housekeeping", verbosity=0)


def test_one_must_choose_what_becomes_of_the_texts(client, maya):
    page = client.post(f"{DATA}delete/", {})
    assert page.status_code == 200
    maya.refresh_from_db()
    assert maya.deletion_due_at is None


def test_sessions_end_at_once_and_the_owner_is_told(client, maya, client_of_sam):
    log_in(client_of_sam)
    assert leave(client)["Location"] == f"{DATA}leaving/"
    assert not is_logged_in(client)
    assert client_of_sam.get("/accounts/").status_code == 302
    assert mail.outbox[-1].subject.endswith("will be deleted")


def test_for_a_day_one_can_change_ones_mind(client, maya):
    leave(client, "erase")
    assert log_in(client)["Location"] == DATA
    page = client.get("/accounts/").content.decode()
    assert "You can still keep it, under “Your data”." in page
    prove_it_is_you(client)
    assert "Keep my account" in client.get(DATA).content.decode()
    assert client.get(f"{DATA}stay/").status_code == 405
    client.post(f"{DATA}stay/")
    tidy_up()
    maya.refresh_from_db()
    assert maya.deletion_due_at is None


def test_nothing_happens_before_the_day_is_over(client, maya):
    with time_machine.travel("2026-03-01T12:00Z"):
        maya.leave(erase=True)
    tidy_up("2026-03-02T11:59Z")
    assert User.objects.filter(pk=maya.pk).exists()
    tidy_up("2026-03-02T12:01Z")
    assert not User.objects.filter(pk=maya.pk).exists()


def test_texts_that_stay_stand_under_a_label_that_links_to_nothing(client, maya):
    one, two = make_article("one"), make_article("two")
    Credential.objects.show(maya, "RMT")
    posts = [say(maya, "In the first.", one), say(maya, "In the second.", two)]
    maya.leave(erase=False)
    tidy_up()
    for post in Post.objects.filter(pk__in=[post.pk for post in posts]):
        assert post.is_published
        assert post.author.is_anonymous
        assert (post.author.user_id, post.author.key_id) == (None, None)
        page = client.get(post.get_absolute_url()).content.decode()
        for trace in ("Maya", "maya", "RMT"):
            assert trace not in page
    assert Author.objects.filter(user__isnull=True).count() == 2


def test_texts_that_go_leave_their_numbers(client, maya):
    article = make_article()
    post = say(maya, "My shoulder hurts at night.", article)
    reply = say(make_account("sam"), "Mine too.", article)
    maya.leave(erase=True)
    tidy_up()
    post = Post.objects.get(pk=post.pk)
    assert (post.number, post.source, post.author) == (1, "", None)
    assert client.get(post.get_absolute_url()).status_code == 410
    assert Post.objects.get(pk=reply.pk).is_published


def test_what_nobody_has_seen_is_not_left_behind(maya):
    post = say(maya, "This waits for a moderator.")
    Post.objects.filter(pk=post.pk).update(
        state="held", number=None, root=None, path=None
    )
    maya.leave(erase=False)
    tidy_up()
    assert "This waits" not in str(list(Post.objects.values()))


def test_the_name_is_gone_for_ever(client, maya):
    maya.leave(erase=False)
    tidy_up()
    for name in ("maya", "MAYA", "Maya-M"):
        page = sign_up(client, name, "x@example.org")
        assert "This name is taken" in page.content.decode()
    assert client.get("/members/maya/").status_code == 404


def test_the_address_is_free_again(client, maya):
    maya.leave(erase=False)
    tidy_up()
    sign_up(client, "nora", "maya@example.org")
    assert User.objects.filter(email="maya@example.org").exists()


def test_admin_forgets_the_name_too(maya):
    LogEntry.objects.log_actions(
        user_id=make_account("edda", is_staff=True).pk,
        queryset=User.objects.filter(pk=maya.pk),
        action_flag=CHANGE,
        change_message="",
        single_object=True,
    )
    assert ContentType.objects.exists()
    part_with(maya)
    assert [str(entry.object_repr) for entry in LogEntry.objects.all()] == [
        "a member who has left"
    ]


def test_mail_that_waits_for_them_is_not_sent(maya, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    our_mail.send("account/unknown", maya.email)
    part_with(maya)
    assert not our_mail.OutgoingMail.objects.exists()


@pytest.mark.parametrize("path", ["", "export/", "delete/", "export/x/", "stay/"])
def test_strangers_are_led_to_the_door(client, path):
    response = client.post(DATA + path, {"texts": "erase"})
    assert response.status_code in {302, 405}
    if path == "":
        response = client.get(DATA)
    assert response["Location"].startswith("/accounts/login/")


def test_leaving_asks_again_who_it_is(client):
    make_account()
    log_in(client)
    response = leave(client)
    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert not User.objects.exclude(deletion_due_at=None).exists()
