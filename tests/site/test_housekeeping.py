"""How long things are kept, with a moved clock: one day before and one day after."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django_tasks_db.models import DBTaskResult

from accounts.models import ExportTicket, RetiredName, User
from articles.models import Answer, Article
from discussion.authors import Speaker, new_key
from discussion.models import (
    Credential,
    CredentialType,
    Decision,
    Dispute,
    Following,
    Mailbox,
    Notice,
    Post,
    PostKey,
    Report,
)
from discussion.submission import Submission
from mfr_site import mail, retention
from mfr_site.models import Erasure, OutgoingMail, ReturnedAddress
from tests.accounts.doors import make_account
from tests.make import make_article, make_post

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def tidy_up(after):
    with time_machine.travel(START + after, tick=False):
        call_command("housekeeping", verbosity=0)


def post_of(state, **fields):
    post = make_post(make_article())
    Post.objects.filter(pk=post.pk).update(state=state, **fields)
    return post


def unconfirmed_account():
    make_account(confirmed=False)
    return User.objects


def held_name():
    RetiredName.objects.hold("nora")
    return RetiredName.objects


def session_of_a_member():
    session = Session.objects.create(
        session_key="s" * 32, session_data="", expire_date=START + 14 * DAY
    )
    UserSession.objects.create(
        user=make_account(), ip="::", session_key=session.session_key
    )
    return UserSession.objects


def link_to_data():
    ExportTicket.objects.issue(make_account())
    return ExportTicket.objects


def waiting_mail():
    OutgoingMail.objects.create(name="x", to="x@example.org", message_id="<x>")
    return OutgoingMail.objects


def address_without_an_answer():
    post = make_post(make_article())
    Mailbox.objects.begin(post.author.key, "heron@example.org")
    return Mailbox.objects


def confirmed_address(article=None):
    article = article or make_article()
    post = make_post(article)
    Mailbox.objects.begin(post.author.key, "heron@example.org")
    Mailbox.objects.get().confirm()
    return Mailbox.objects


def address_that_mail_came_back_from():
    mail.suppress("heron@example.org")
    return ReturnedAddress.objects


def news_that_waits():
    post = make_post(make_article())
    box = Mailbox.objects.create(user=make_account(is_active=False))
    box.notices.create(kind=Notice.Kind.REPLY, post=post)
    return Notice.objects


def unread_mail():
    box = Mailbox.objects.create(user=make_account())
    box.followings.create(article=make_article(), unread_since=START)
    return Following.objects


def finished_task():
    DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}},
        task_path="x",
        status="SUCCESSFUL",
        finished_at=START,
        run_after=START,
        backend_name="default",
        exception_class_path="",
        traceback="",
    )
    return DBTaskResult.objects


def form_of_a_post():
    article = make_article()
    Post.objects.submit(
        Submission(article, Speaker(article, user=make_account()), "Hm")
    )
    return Post.objects.exclude(submission=None)


def unused_key():
    new_key()
    return PostKey.objects


def removed_text():
    make_post(make_article()).remove(None, "spam")
    return Post.objects.exclude(source="")


def refused_text():
    post_of("refused")
    return Post.objects.exclude(source="")


def proof_of_a_profession():
    register = CredentialType.objects.create(name="RMT", register_url="https://x.org/")
    Credential.objects.show(make_account(), "RMT", register, "", "123")
    return Credential.objects.exclude(proof_number="")


def profession_taken_off():
    Credential.objects.show(make_account(), "RMT").take_off()
    return Credential.objects


def decision():
    make_post(make_article()).hide("rule")
    return Decision.objects


def report():
    Report.objects.take(make_post(make_article()), "spam", "", None)
    return Report.objects


def address_for_an_answer():
    post = make_post(make_article())
    Report.objects.take(post, "legal", "Mine.", None, answer_to="nora@example.org")
    return Report.objects.exclude(answer_to="")


def act_in_admin():
    edda = make_account(is_staff=True)
    LogEntry.objects.create(
        user=edda,
        content_type=ContentType.objects.get_for_model(User),
        object_id="1",
        object_repr="x",
        action_flag=CHANGE,
    )
    return LogEntry.objects


def erasure():
    make_post(make_article()).delete_by_author()
    return Erasure.objects


def words_about_a_page():
    Answer.objects.create(
        revision=make_article().latest, helped="no", note="Too long.", on=START.date()
    )
    return Answer.objects.exclude(note="")


def unsettled_erasure():
    make_post(make_article()).delete_by_author()
    return Erasure.objects.filter(is_settled=False)


KEPT = [
    (unconfirmed_account, 7 * DAY),
    (held_name, 7 * DAY),
    (session_of_a_member, 14 * DAY),
    (link_to_data, DAY),
    (waiting_mail, 7 * DAY),
    (address_without_an_answer, DAY),
    (confirmed_address, 180 * DAY),
    (address_that_mail_came_back_from, 180 * DAY),
    (news_that_waits, 30 * DAY),
    (unread_mail, 7 * DAY),
    (finished_task, 7 * DAY),
    (form_of_a_post, 2 * DAY),
    (unused_key, DAY),
    (removed_text, 30 * DAY),
    (refused_text, 30 * DAY),
    (proof_of_a_profession, 90 * DAY),
    (profession_taken_off, 365 * DAY),
    (decision, 730 * DAY),
    (report, 730 * DAY),
    (address_for_an_answer, 180 * DAY),
    (act_in_admin, 730 * DAY),
    (erasure, 40 * DAY),
    # Only its day is known: it goes when that is over.
    (words_about_a_page, 365.5 * DAY),
]


@pytest.mark.parametrize(
    ("make", "kept"), KEPT, ids=lambda value: getattr(value, "__name__", "")
)
def test_it_is_kept_for_its_time_and_no_longer(make, kept):
    with time_machine.travel(START, tick=False):
        rows = make()
    hour = timedelta(hours=1)
    tidy_up(kept - hour)
    assert rows.count() >= 1
    tidy_up(kept + hour)
    assert rows.count() == 0


def test_every_rule_is_tested():
    """Removed and refused texts are one rule; two more, of people who leave, are tested
    in test_my_data.py and test_key_data.py; and two below, of words in the search index
    and of discussions that are over."""
    assert len(retention.RULES) == len(KEPT) - 1 + 4


def test_an_address_goes_with_the_last_discussion_it_was_left_in():
    article = make_article()
    rows = confirmed_address(article)
    tidy_up(0 * DAY)
    assert rows.count() == 1
    Article.objects.update(discussion_open=False)
    tidy_up(0 * DAY)
    assert rows.count() == 0


def test_an_address_stays_while_an_editor_owes_an_answer():
    article = make_article()
    rows = confirmed_address(article)
    Dispute.objects.begin(Post.objects.get())
    Article.objects.update(discussion_open=False)
    tidy_up(0 * DAY)
    assert rows.count() == 1


def test_the_search_index_forgets_erased_words_once():
    rows = unsettled_erasure()
    assert rows.count() == 1
    call_command("housekeeping", verbosity=0)
    assert rows.count() == 0


def test_what_is_public_stays(maya):
    post = make_post(make_article(), "Still true.")
    confirmed = make_account("nora")
    tidy_up(3650 * DAY)
    assert Post.objects.get(pk=post.pk).source == "Still true."
    assert User.objects.filter(pk=confirmed.pk).exists()


def test_a_name_that_a_member_left_stays_taken():
    RetiredName.objects.create(skeleton="nora")
    tidy_up(3650 * DAY)
    assert RetiredName.objects.count() == 1


def test_twice_is_as_good_as_once(capsys):
    with time_machine.travel(START, tick=False):
        make_account(confirmed=False)
    with time_machine.travel(START + 8 * DAY, tick=False):
        call_command("housekeeping")
        assert "1 accounts whose address was never confirmed" in capsys.readouterr().out
        call_command("housekeeping")
        assert capsys.readouterr().out == ""


def test_one_rule_that_fails_does_not_keep_the_others(monkeypatch):
    def fail(before):
        raise OperationalError("database is locked")

    make_account(confirmed=False)
    broken = retention.Rule("a thing", DAY, fail)
    monkeypatch.setattr(
        "mfr_site.management.commands.housekeeping.RULES", [broken, *retention.RULES]
    )
    with (
        time_machine.travel(datetime.now(UTC) + 8 * DAY),
        pytest.raises(CommandError, match=r"a thing: OperationalError"),
    ):
        call_command("housekeeping")
    assert not User.objects.exists()
