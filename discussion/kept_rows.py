"""Rows that belong to an article, by a query that is put together once for a process.

What the ORM does between a queryset and its SQL takes longer than the database does with
a page of posts, and what comes of it differs in one number alone.
"""

from collections.abc import Callable, Iterable
from copy import copy
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.query import ModelIterable

from articles.models import Article

Row = TypeVar("Row", bound=models.Model)

# No article has this id: where the query has it, an article's own belongs.
NOBODY = -1


class KeptRows(Generic[Row]):
    """The rows of a queryset that is the same for every article but for the article.

    `of_article` makes the queryset, once: it must not depend on the time or on anything
    else that changes.
    """

    def __init__(self, of_article: Callable[[Article], "models.QuerySet[Row]"]) -> None:
        self.of_article = of_article

    def of(self, article: Article) -> Iterable[Row]:
        """The rows, each made only when it is asked for."""
        queryset, made, sql, values = self._query
        # A connection belongs to a thread, so each time has a compiler of its own.
        compiler = copy(made)
        compiler.connection = connection
        own = tuple(article.pk if value == NOBODY else value for value in values)
        compiler.as_sql = lambda: (sql, own)
        # All that `ModelIterable` asks of a queryset.
        stand_in: Any = SimpleNamespace(
            db=queryset.db,
            model=queryset.model,
            query=SimpleNamespace(get_compiler=lambda using: compiler),
            _known_related_objects={
                field: {article.pk: article}
                for field in queryset._known_related_objects
            },
        )
        rows: Iterable[Row] = ModelIterable(stand_in)
        return rows

    @cached_property
    def _query(self) -> tuple[Any, Any, str, tuple[Any, ...]]:
        queryset: Any = self.of_article(Article(pk=NOBODY))
        compiler = queryset.query.get_compiler(queryset.db)
        sql, values = compiler.as_sql()
        if values.count(NOBODY) != 1:
            raise ValueError("The article must stand in the query once.")
        return queryset, compiler, sql, values
