"""Rows of villages, stored by their natural key: what is new is added, what differs is changed, nothing is ever deleted."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models

from portal.geo.issues import Issue
from portal.jobs import Progress
from portal.sealing import starred
from villages.models import Village
from villages.tables.kinds import Changes, Row, Scope

BATCH = 1000
EXAMPLES = 20


@dataclass(frozen=True)
class Target:
    """Where the rows of a kind are kept. `values` makes the model's fields of a row's (one it leaves out stays as it is),
    `plain` makes text or numbers of them again, for showing and for keeping what was there before."""

    model: type[models.Model]
    key: tuple[str, ...]
    """fields of the model that name a row, the village first"""
    fields: tuple[str, ...]
    values: Callable[[Row], dict[str, Any]]
    plain: Callable[[str, Any], Any]
    restored: Callable[[str, Any], Any]
    label: Callable[[models.Model], str]
    personal: tuple[str, ...] = ()
    """fields that are shown by their first sign"""

    def key_of(self, made: models.Model) -> tuple:
        return tuple(getattr(made, name) for name in self.key)

    def compare(self, rows: list[Row], scope: Scope, progress: Progress) -> Changes:
        """Sort rows into new, changed and unchanged, by what is stored for their villages."""
        codes = {row.values["village"] for row in rows}
        stored = {self.key_of(one): one for one in self.model.objects.filter(village__in=codes)}
        changes = Changes(work={"new": [], "changed": []})
        met = set()
        for row in rows:
            said = self.values(row)
            wanted = self.model(**said)
            key = self.key_of(wanted)
            met.add(key)
            there = stored.get(key)
            for name in (name for name in self.fields if there and name not in said):
                setattr(wanted, name, getattr(there, name))
            if there is None:
                changes.new += 1
                changes.work["new"].append(wanted)
            elif differences := list(self._differences(there, wanted)):
                changes.changed += 1
                changes.work["changed"].append((there, wanted))
                if len(changes.examples) < EXAMPLES:
                    shown = [self._shown(difference) for difference in differences]
                    changes.examples.append({"row": row.number, "label": self.label(there), "fields": shown})
            else:
                changes.unchanged += 1
                continue
            changes.villages.add(wanted.village_id)
        changes.absent = len(stored.keys() - met)
        return changes

    def _differences(self, there: models.Model, wanted: models.Model) -> Iterator[dict[str, Any]]:
        for name in self.fields:
            old = self.plain(name, getattr(there, name))
            new = self.plain(name, getattr(wanted, name))
            if old != new:
                yield {"field": name, "old": old, "new": new}

    def _shown(self, difference: dict[str, Any]) -> dict[str, Any]:
        """What is told of it to all who may hand in such tables."""
        if difference["field"] not in self.personal:
            return difference
        sides = {side: starred(difference[side]) if difference[side] else None for side in ("old", "new")}
        return difference | sides

    def write(self, changes: Changes, scope: Scope, progress: Progress) -> dict[str, Any]:
        """Store them inside the running transaction. Returns what stood there before, for taking it back."""
        was = [
            {"pk": there.pk, **{name: self.plain(name, getattr(there, name)) for name in self.fields}}
            for there, _wanted in changes.work["changed"]
        ]
        made = self.model.objects.bulk_create(changes.work["new"], batch_size=BATCH)
        for there, wanted in changes.work["changed"]:
            for name in self.fields:
                setattr(there, name, getattr(wanted, name))
        self.model.objects.bulk_update([there for there, _wanted in changes.work["changed"]], self.fields, BATCH)
        return {"made": [one.pk for one in made], "was": was}

    def undo(self, before: dict[str, Any]) -> None:
        """Take away what was added and put back what was changed."""
        made = before["made"]
        for start in range(0, len(made), BATCH):
            self.model.objects.filter(pk__in=made[start : start + BATCH]).delete()
        there = self.model.objects.in_bulk([old["pk"] for old in before["was"]])
        changed = []
        for old in before["was"]:
            if one := there.get(old["pk"]):
                for name in self.fields:
                    setattr(one, name, self.restored(name, old[name]))
                changed.append(one)
        self.model.objects.bulk_update(changed, self.fields, BATCH)


def unknown_villages(rows: list[Row], scope: Scope) -> Iterator[Issue]:
    """Villages that do not exist, or not in the scope."""
    codes = {row.values["village"] for row in rows}
    known = set(Village.objects.filter(pk__in=codes).values_list("pk", flat=True))
    for row in rows:
        code = row.values["village"]
        if not code.startswith(scope.prefix):
            yield row.fault("T4", "village", "village_outside", value=code, scope=scope.division_code)
        elif code not in known:
            yield row.fault("T4", "village", "village_unknown", value=code)


def as_it_is(_name: str, value: Any) -> Any:
    return value


def touch(villages: Iterable[str]) -> None:
    """Their base data changed: what was derived from it is stale."""
    Village.objects.filter(pk__in=list(villages)).update(revision=models.F("revision") + 1)
