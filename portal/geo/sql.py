"""The one door for SQL that the ORM cannot write: <app>/sql/<name>.sql with bound parameters, nothing pasted in."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import OperationalError, connection, transaction
from psycopg2.errors import QueryCanceled

NAME = re.compile(r"^(\w+)/(\w+)$")


@lru_cache
def text(name: str) -> str:
    """The query `app/name`; comments inside are for readers and may hold no percent sign."""
    app, query = NAME.match(name).groups()
    return (Path(apps.get_app_config(app).path) / "sql" / f"{query}.sql").read_text(encoding="utf-8")


def row(name: str, **params: Any) -> tuple[Any, ...]:
    """The single row of a named query."""
    return execute(text(name), params)


class TookTooLong(Exception):
    """The database ended a query that went on longer than it may."""


def rows(name: str, *, seconds: float, **params: Any) -> list[tuple[Any, ...]]:
    """All rows of a named query, for which the database takes `seconds` at most."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds * 1000:.0f}"])
            cursor.execute(text(name), params)
            return cursor.fetchall()
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TookTooLong from error
        raise


def execute(query: str, params: dict[str, Any]) -> tuple[Any, ...]:
    """The single row of a query whose text comes from our own code; values travel as parameters only."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchone()
