"""After a restore, what was deleted since the backup is deleted again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from discussion.authors import Speaker, new_key
from discussion.models import Post, PostKey
from discussion.submission import Submission
from mfr_site import erasures
from mfr_site.models import Erasure
from mfr_site.my_data import delete_again, part_with, part_with_key
from tests.accounts.doors import make_account
from tests.make import make_article

pytestmark = pytest.mark.django_db


def say(body, **who):
    article = make_article()
    return Post.objects.submit(Submission(article, Speaker(article, **who), body))


def test_each_deletion_is_noted_by_number_alone():
    maya, (key, _) = make_account(), new_key()
    kept, gone = say("Stays.", user=maya), say("Goes.", key=key)
    say("Goes too.", key=key).delete_by_author()
    numbers = maya.pk, key.pk
    key.erase_texts = True
    part_with(maya)
    part_with_key(key)
    noted = erasures.since(timezone.now() - timedelta(hours=1))
    assert ("account", numbers[0]) in noted
    assert ("key", numbers[1]) in noted
    assert ("post", gone.pk) in noted
    assert ("post", kept.pk) not in noted
    columns = {field.name for field in Erasure._meta.get_fields()}
    assert columns == {"id", "kind", "object_id", "at", "is_settled"}


def test_what_a_backup_brought_back_is_deleted_again():
    maya, (key, _) = make_account(), new_key()
    kept, gone = say("Stays.", user=maya), say("Goes.", key=key)
    erased = [("post", gone.pk), ("account", maya.pk), ("key", key.pk)]
    assert delete_again(erased) == 3
    assert not User.objects.exists()
    assert not PostKey.objects.exists()
    assert Post.objects.get(pk=gone.pk).source == ""
    assert Post.objects.get(pk=kept.pk).author.is_anonymous


def test_what_is_gone_already_does_no_harm():
    assert delete_again([("post", 1), ("account", 1), ("key", 1)]) == 3


def test_a_text_that_a_moderator_removed_is_erased_again():
    post = say("Spam.", user=make_account())
    post.remove(None, "spam")
    delete_again([("text", post.pk)])
    assert Post.objects.get(pk=post.pk).source == ""
    assert Post.objects.get(pk=post.pk).removed_by == "moderator"
