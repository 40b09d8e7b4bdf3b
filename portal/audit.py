"""The only writer of the record of acts."""

from typing import Any

from django.db import models

from portal.models import AuditEntry, User


def record(
    verb: str,
    obj: models.Model,
    *,
    by: User | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add one row; call it inside the transaction of the change, so that neither exists without the other."""
    return AuditEntry.objects.create(
        actor=by,
        actor_name=str(by) if by else "system",
        verb=verb,
        object_type=obj._meta.label,
        object_id=str(obj.pk),
        object_label=str(obj)[:200],
        before=before or {},
        after=after or {},
    )
