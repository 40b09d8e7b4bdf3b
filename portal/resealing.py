"""After a change of keys: everything sealed is sealed anew with the first of PERSONAL_DATA_KEYS."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models, transaction

from portal import audit
from portal.models import Person
from portal.sealing import SealedField, digest

BATCH = 200


def reseal() -> dict[str, int]:
    """How many rows of each model were sealed anew. Programs may go on meanwhile: all keys open."""
    done = {
        model._meta.label: sum(reseal_rows(model, numbers) for numbers in batches(model)) for model in sealed_models()
    }
    audit.write("personal_data.resealed", "portal.Person", "", "all sealed fields", by=None, after={"rows": done})
    return done


def sealed_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if sealed_fields(model) and not model._meta.proxy]


def sealed_fields(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if isinstance(field, SealedField)]


def batches(model: type[models.Model]) -> Iterator[list]:
    numbers = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
    for begin in range(0, len(numbers), BATCH):
        yield numbers[begin : begin + BATCH]


@transaction.atomic
def reseal_rows(model: type[models.Model], numbers: list) -> int:
    """Reading opens, writing seals; the digest of an identity number is made with the first key too."""
    fields = sealed_fields(model)
    rows = list(model._base_manager.select_for_update(of=("self",)).filter(pk__in=numbers).order_by("pk"))
    for row in rows:
        values = {name: getattr(row, name) for name in fields}
        if model is Person and row.id_number:
            values["id_digest"] = digest(row.id_number)
        model._base_manager.filter(pk=row.pk).update(**values)
    return len(rows)
