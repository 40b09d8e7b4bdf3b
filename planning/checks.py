"""Start-up checks: what must hold of the rules of the procedure before the portal may serve people."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection

from planning.models import WorkflowRule


@register(Tags.database)
def notices_run_their_days(app_configs: Any, databases: list[str] | None = None, **kwargs: Any) -> list[Error]:
    """Outside the demo no rule may say that a public notice is closed early (城乡规划法第26条)."""
    if settings.DEMO or not databases:
        return []
    if WorkflowRule._meta.db_table not in connection.introspection.table_names():
        return []  # before the first migration
    early = WorkflowRule.objects.filter(closing_early=True).order_by("division_code", "valid_from")
    names = [f"{code or '*'} ({valid_from})" for code, valid_from in early.values_list("division_code", "valid_from")]
    if not names:
        return []
    return [
        Error(
            f"Workflow rules of the demo allow public notices to close early: {', '.join(names)}.",
            hint="Set closing_early of these rows to false, or give this server a database of its own.",
            id="planning.E001",
        )
    ]
