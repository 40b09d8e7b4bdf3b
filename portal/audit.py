"""The only writer of the record of acts."""

import hashlib
import hmac
import json
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.models import AuditEntry, User
from portal.sealing import derived


def record(
    verb: str,
    obj: models.Model,
    *,
    by: User | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add one row; call it inside the transaction of the change, so that neither exists without the other."""
    entry = AuditEntry(
        at=timezone.now(),
        actor=by,
        actor_name=str(by) if by else "system",
        verb=verb,
        object_type=obj._meta.label,
        object_id=str(obj.pk),
        object_label=str(obj)[:200],
        before=before or {},
        after=after or {},
    )
    entry.seal = seal_of(entry)
    entry.save(force_insert=True)
    return entry


def seal_of(entry: AuditEntry) -> str:
    """HMAC-SHA256 (hex) over everything the row says, in one canonical form."""
    content = [
        entry.at.isoformat(timespec="microseconds"), entry.actor_id, entry.actor_name, entry.verb, entry.object_type,
        entry.object_id, entry.object_label, entry.before, entry.after,
    ]  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(derived(settings.AUDIT_KEY, "audit"), text.encode(), hashlib.sha256).hexdigest()
