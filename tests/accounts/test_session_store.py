"""Whose session it is: read more cheaply than Django does, to the same end."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends import db
from django.utils import timezone

from accounts.backends import Backend
from accounts.models import User
from accounts.session_store import SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    session = SessionStore()
    session["where"] = "at the third rib"
    session.create()
    return session


def test_what_was_kept_is_read_in_one_question(session, django_assert_num_queries):
    read = SessionStore(session.session_key)
    with django_assert_num_queries(1):
        assert read["where"] == "at the third rib"
    assert read.session_key == session.session_key
    assert dict(read.items()) == dict(db.SessionStore(session.session_key).items())


def test_what_is_over_is_not_read_and_its_key_is_not_used_again(session):
    past = timezone.now() - timedelta(seconds=1)
    db.SessionStore.get_model_class().objects.update(expire_date=past)
    read = SessionStore(session.session_key)
    assert read.get("where") is None
    assert read.session_key is None


def test_nobody_begins_a_session_under_a_key_of_their_choosing():
    chosen = SessionStore("a" * 32)
    chosen["where"] = "here"
    chosen.save()
    assert chosen.session_key != "a" * 32
    assert not SessionStore().exists("a" * 32)


def test_an_account_is_found_by_its_id_in_one_question(maya, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = Backend().get_user(maya.pk)
    assert found == maya
    columns = [field.attname for field in User._meta.concrete_fields]
    with django_assert_num_queries(0):  # nothing is left to be fetched later
        assert [getattr(found, name) for name in columns] == [
            getattr(maya, name) for name in columns
        ]


def test_who_may_not_log_in_and_who_is_not_there_are_nobody(maya):
    assert Backend().get_user(maya.pk + 1) is None
    User.objects.filter(pk=maya.pk).update(is_active=False)
    assert Backend().get_user(maya.pk) is None
