"""Rows that are read in half the time are the rows that Django would have made."""

import pytest
from django.db.models import Model

from discussion.models import Author, Post
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db


def test_a_row_is_what_django_makes_of_it(maya, monkeypatch):
    article = make_article()
    make_post(article, author=make_author(article, maya))
    for rows in (
        Post.objects.all(),
        Post.objects.only("number", "author__label").select_related("author"),
        Author.objects.defer("label"),
    ):
        light = rows.get()
        with monkeypatch.context() as without:
            without.setattr(rows.model, "from_db", classmethod(Model.from_db.__func__))
            plain = rows.get()
        assert light == plain
        assert light.get_deferred_fields() == plain.get_deferred_fields()
        assert light._state.adding is plain._state.adding is False
        assert light._state.db == plain._state.db
        columns = [field.attname for field in rows.model._meta.concrete_fields]
        for name in columns:  # deferred ones are fetched now
            assert getattr(light, name) == getattr(plain, name)


def test_a_row_that_was_read_can_be_changed_and_saved():
    post = make_post(make_article())
    read = Post.objects.only("state").get(pk=post.pk)
    read.state = Post.State.HIDDEN
    read.save()
    post.refresh_from_db()
    assert post.state == Post.State.HIDDEN
