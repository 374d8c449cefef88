"""The cast. Their names say what they may do: use them, so that a test reads itself.

Edda is an editor, Maya a member, Sam another member who has nothing to do with it; a
guest has no account, so no fixture. Each is made when a test first asks for them.
"""

import pytest
from django.contrib.auth.models import Group

from accounts.models import User


def make_member(username, **fields):
    """An account that cannot log in by password; `client.force_login` it."""
    fields.setdefault("email", f"{username}@example.org")
    user = User(username=username, **fields)
    # Hashing a password costs more than the rest of a test.
    user.set_unusable_password()
    user.save()
    return user


def make_editor(username, **fields):
    user = make_member(username, is_staff=True, **fields)
    user.groups.add(Group.objects.get_or_create(name="Editors")[0])
    return user


@pytest.fixture
def edda(db):
    return make_editor("edda", display_name="Edda Editor")


@pytest.fixture
def maya(db):
    return make_member("maya", display_name="Maya Member")


@pytest.fixture
def sam(db):
    return make_member("sam", display_name="Sam Stranger")
