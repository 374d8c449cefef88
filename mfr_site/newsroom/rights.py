"""What the group "Editors" may do: this list, made true after every migration."""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.db.models import Q

EDITORS = "Editors"

# Nobody deletes what was public: articles are withdrawn, posts removed with a reason.
RIGHTS = {
    "articles": {
        "article": "view add change",
        "image": "view add change",
        "related": "view add change delete",
        "revision": "view",
        "source": "view add change",
        "standingpage": "view add change",
        "topic": "view add change",
    },
    "discussion": {
        "credential": "view change",
        "credentialtype": "view add change",
        "dispute": "view change",
        "post": "view change",
        "report": "view change",
    },
    "accounts": {"user": "view change"},
    "mfr_site": {"siterules": "view change"},
    "django_tasks_database": {"dbtaskresult": "view"},
}


def grant(**_: Any) -> None:
    """Give the group its rights, and take every other from it."""
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    wanted = Q(pk=None)
    for app_label, rights in RIGHTS.items():
        # They are made app by app, and this may be called before some were.
        create_permissions(apps.get_app_config(app_label), verbosity=0)
        for model, acts in rights.items():
            names = [f"{act}_{model}" for act in acts.split()]
            wanted |= Q(content_type__app_label=app_label, codename__in=names)
    editors, _created = group_model.objects.get_or_create(name=EDITORS)
    editors.permissions.set(permission_model.objects.filter(wanted))
