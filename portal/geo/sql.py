"""The one door for SQL that the ORM cannot write: <app>/sql/<name>.sql with bound parameters, nothing pasted in."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection

NAME = re.compile(r"^(\w+)/(\w+)$")


@lru_cache
def text(name: str) -> str:
    """The query `app/name`; comments inside are for readers and may hold no percent sign."""
    app, query = NAME.match(name).groups()
    return (Path(apps.get_app_config(app).path) / "sql" / f"{query}.sql").read_text(encoding="utf-8")


def row(name: str, **params: Any) -> tuple[Any, ...]:
    """The single row of a named query."""
    return execute(text(name), params)


def execute(query: str, params: dict[str, Any]) -> tuple[Any, ...]:
    """The single row of a query whose text comes from our own code; values travel as parameters only."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchone()
