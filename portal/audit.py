"""The only writer of the record of acts (操作留痕).

An entry is never changed or deleted, so what may have to be erased one day is not written into it: people stand in it by
their account, values are cut free of telephone and identity numbers and of secrets. docs/audit.md says what the seals hold.
"""

import datetime
import hashlib
import hmac
import json
import math
from decimal import Decimal
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.geo import sql
from portal.models import AuditEntry, User
from portal.sealing import derived, without_numbers

SECRET_NAMES = ("password", "token", "secret", "passcode", "session", "id_number", "phone")
LEFT_OUT = "…"


def record(
    verb: str,
    obj: models.Model,
    *,
    by: User | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add one row; call it inside the transaction of the change, so that neither exists without the other."""
    return write(verb, obj._meta.label, str(obj.pk), label_of(obj), by=by, before=before, after=after)


def write(
    verb: str,
    object_type: str,
    object_id: str,
    label: str,
    *,
    by: User | None,
    name: str = "system",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """The same for what is no row of ours, such as an address that was refused."""
    number, seen, seen_hash = sql.row("portal/audit_head")
    entry = AuditEntry(
        id=number,
        at=timezone.now(),
        actor=by,
        actor_name=account(by) if by else name,
        verb=verb,
        object_type=object_type[:50],
        object_id=object_id[:50],
        object_label=storable(label)[:200],
        before=storable(before or {}),
        after=storable(after or {}),
        seen=seen,
    )
    entry.seal = seal_of(entry, seen_hash)
    entry.save(force_insert=True)
    return entry


def account(user: User) -> str:
    """How a person stands in the record: who holds an office by the user name, anybody else by a number alone."""
    return user.username if user.holds_office else f"account {user.pk}"


def label_of(obj: models.Model) -> str:
    """What an object is called; rows about a person are called by the account."""
    owner = obj if isinstance(obj, User) else getattr(obj, "user", None)
    return account(owner) if isinstance(owner, User) else str(obj)


def seal_of(entry: AuditEntry, seen_hash: str) -> str:
    """HMAC-SHA256 (hex) over everything the row says, its number, and the chain its writer saw."""
    return sealed([
        entry.pk, entry.at, entry.actor_id, entry.actor_name, entry.verb, entry.object_type, entry.object_id,
        entry.object_label, entry.before, entry.after, entry.seen, seen_hash,
    ])  # fmt: skip


def sealed(content: list[Any]) -> str:
    """The seal over the columns of a row, `at` second, in one canonical form."""
    content = [content[0], content[1].astimezone(datetime.UTC).isoformat(timespec="microseconds"), *content[2:]]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(derived(settings.AUDIT_KEY, "audit"), text.encode(), hashlib.sha256).hex()


def storable(value: Any, name: str = "") -> Any:
    """A value as it comes back from a jsonb column, so that the seal over it fits for ever.

    PostgreSQL writes 1e22 out in digits and knows no NUL, NaN or half of a surrogate pair; what JSON has no word for
    becomes text. Secrets and numbers of people are left out here, because nothing can be taken out later.
    """
    if value not in (None, "", False) and any(part in name.lower() for part in SECRET_NAMES):
        return LEFT_OUT
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and not isinstance(value, Enum):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return int(value) if value == int(value) else float(value)
    if isinstance(value, dict):
        return {text_of(key): storable(part, text_of(key)) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [storable(part) for part in value]
    if isinstance(value, set | frozenset):
        return sorted((storable(part) for part in value), key=str)
    return without_numbers(text_of(value))


def text_of(value: Any) -> str:
    """A value in words that PostgreSQL can keep."""
    if isinstance(value, datetime.date | datetime.time):
        text = value.isoformat()
    elif isinstance(value, Decimal):
        text = format(value, "f") if value.is_finite() else str(value)
    elif isinstance(value, Enum):
        text = str(value.value)
    elif isinstance(value, models.Model):
        text = label_of(value)
    else:
        text = str(value)
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
