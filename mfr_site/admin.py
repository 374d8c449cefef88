"""Work that failed for good: looked at, and begun anew when its cause is gone."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django_tasks import TaskResultStatus
from django_tasks_db.admin import DBTaskResultAdmin
from django_tasks_db.models import DBTaskResult

from . import tasks

admin.site.unregister(DBTaskResult)


@admin.register(DBTaskResult)
class WorkAdmin(DBTaskResultAdmin):
    actions = ["try_again"]

    @admin.action(description="Try failed work again", permissions=["view"])
    def try_again(
        self,
        request: HttpRequest,
        rows: "QuerySet[DBTaskResult]",  # type: ignore[type-arg]
    ) -> None:
        failed = rows.filter(status=TaskResultStatus.FAILED)
        for row in failed:
            tasks.try_again(row)
        messages.success(request, "It is done again within a minute.")
