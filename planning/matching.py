"""Zones of a version that a reader looks for: by class, by size, in conflict, changed against the base year."""

from typing import Any

from django.utils.translation import gettext as _

from planning import maps
from planning.legend import TooMuch, hidden_checks
from planning.models import PlanVersion
from portal.errors import NotAllowed
from portal.geo import sql
from portal.models import User
from villages.rules import may_see_base_data

STATES = ("all", "conflict", "changed")
SHOWN = 50
SECONDS = 8


def matching(
    version: PlanVersion,
    user: User,
    *,
    code: str = "",
    least_m2: float = 0,
    most_m2: float | None = None,
    state: str = "all",
) -> dict[str, Any]:
    """Count, area (m², ellipsoidal) and numbers of the zones that match, and the first fifty with their boxes.

    `code` is the beginning of a class code. `changed` asks for zones whose class is not the one that covers most of them
    in the base year: a question about parcels, for whoever may see these.
    """
    if state == "changed" and not may_see_base_data(user, version.division_code):
        raise NotAllowed(
            _("What changes against the base year is open to officials of the village only. Choose another state.")
        )
    try:
        changed = changed_zones(version) if state == "changed" else []
        rows = sql.rows(
            "planning/zones_matching", seconds=SECONDS, version=version.pk, code=code, least_m2=least_m2, most_m2=most_m2,
            state=state, changed=changed, hidden=hidden_checks(user, version.division_code),
        )  # fmt: skip
    except sql.TookTooLong as error:
        raise TooMuch(_("This question takes too long. Ask for a class or a size as well.")) from error
    known = maps.classes(code for _number, code, *_rest in rows[:SHOWN])
    return {
        "count": len(rows),
        "area_m2": sum(area_m2 for _number, _code, _label, area_m2, *_box in rows),
        "numbers": [number for number, *_rest in rows],
        "zones": [
            {
                "number": number, "code": code, "name": known[code].name if code in known else code, "label": label,
                "area_m2": area_m2, "bbox": box,
            }
            for number, code, label, area_m2, *box in rows[:SHOWN]
        ],
    }  # fmt: skip


def changed_zones(version: PlanVersion) -> list[int]:
    """Numbers of the zones whose planned class differs from the one that covers most of them in the base year."""
    planned = dict(version.zones.values_list("number", "code"))
    ((now,),) = sql.rows(
        "planning/zone_now", seconds=SECONDS, village=version.division_code, version=version.pk, numbers=list(planned)
    )
    return [row["zone"] for row in now if row["code"] != planned[row["zone"]]]
