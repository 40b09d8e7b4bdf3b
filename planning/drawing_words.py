"""What was done on a drawing, and why something cannot be done, in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from planning.change_words import listed
from planning.models import DrawingStep
from portal.errors import PortalError
from portal.geo.partition import Impossible
from portal.models import User

REASONS = {
    "apart": gettext_lazy("Zones %(zones)s do not touch one another. Choose zones with a common border."),
    "crosses_itself": gettext_lazy("The outline of zone %(zone)s would cross itself. Draw or move it a little differently."),
    "crosses_zone": gettext_lazy("The edge would cross zone %(zone)s. Move the corner less far."),
    "does_not_cross": gettext_lazy("The line does not cut zone %(zone)s. Draw it from one side of the zone to another."),
    "drawn_crosses_itself": gettext_lazy("The outline you drew crosses itself. Draw it without a loop."),
    "leaves_village": gettext_lazy("Zone %(zone)s would leave the village. Stay within the outline of the village."),
    "no_corner": gettext_lazy("There is no corner at this place any more. Choose a corner of a zone."),
    "no_edge": gettext_lazy("There is no such edge any more. Choose an edge of a zone."),
    "no_neighbour": gettext_lazy("Zone %(zone)s has no neighbour that could take its land. Give it another class instead."),
    "no_zone": gettext_lazy("Zone %(zone)s is no longer there. Choose another one."),
    "nothing_to_fill": gettext_lazy("All land of the village has a zone already. There is nothing to fill."),
    "on_a_corner": gettext_lazy("There is a corner at this place already. Move that one."),
    "outside_village": gettext_lazy("What you drew lies outside the village. Draw within the outline of the village."),
    "three_meet": gettext_lazy("Three borders meet in this corner, so it cannot be taken out. Move it, or merge the zones."),
    "too_small": gettext_lazy("What you drew is too small for a zone. Zoom in and draw it larger."),
    "touches_zone": gettext_lazy("The edge would touch zone %(zone)s by less than a centimetre. Move it a little further away."),
    "unchanged": gettext_lazy("Nothing would change. Move the corner to another place."),
    "unclear": gettext_lazy("This cannot be computed exactly here. Draw it a little differently."),
    "uncovers": gettext_lazy("This would leave %(area)s m² without a zone. Move the corner the other way, or fill the gap first."),
    "vanishes": gettext_lazy("Nothing would be left of zone %(zone)s. Merge it with a neighbour instead."),
}  # fmt: skip


def refused(error: Impossible) -> PortalError:
    """Why a change cannot be made, for people and (code) for programs."""
    params = dict(error.params)
    if "zones" in params:
        params["zones"] = listed(params["zones"])
    if "area_m2" in params:
        params["area"] = f"{params.pop('area_m2'):,.2f}"
    return PortalError(REASONS[error.reason] % params, code=error.reason, data=error.params)


def said(step: DrawingStep, reader: User) -> dict[str, Any]:
    """A step as the API tells it."""
    return {
        "revision": step.revision, "kind": step.kind, "text": sentence(step.kind, step.said), "by": str(step.by),
        "at": step.at, "mine": step.by_id == reader.pk, "zones": step.said.get("zones", []),
    }  # fmt: skip


def sentence(kind: str, told: dict[str, Any]) -> str:
    """What a step did, in one sentence."""
    if kind in ("undo", "redo"):
        done = sentence(told["kind"], told["params"])
        return _("Undone: %(done)s") % {"done": done} if kind == "undo" else _("Done again: %(done)s") % {"done": done}
    return _SENTENCES[kind](told)


def _place(told: dict[str, Any]) -> str:
    return _("Zone %(number)s drawn") % {"number": told["number"]}


def _split(told: dict[str, Any]) -> str:
    *first, last = [str(number) for number in told["parts"]]
    return _("Zone %(number)s split into %(first)s and %(last)s") % {
        "number": told["number"], "first": _(", ").join(first), "last": last,
    }  # fmt: skip


def _merge(told: dict[str, Any]) -> str:
    return _("Zones %(numbers)s merged into zone %(into)s") % {"numbers": listed(told["merged"]), "into": told["into"]}


def _move(told: dict[str, Any]) -> str:
    return ngettext("%(count)d corner moved, zones %(zones)s", "%(count)d corners moved, zones %(zones)s", told["count"]) % {
        "count": told["count"], "zones": listed(told["zones"]),
    }  # fmt: skip


def _insert(told: dict[str, Any]) -> str:
    return _("Corner added, zones %(zones)s") % {"zones": listed(told["zones"])}


def _remove(told: dict[str, Any]) -> str:
    words = ngettext(
        "%(count)d corner taken out, zones %(zones)s", "%(count)d corners taken out, zones %(zones)s", told["count"]
    )
    return words % {"count": told["count"], "zones": listed(told["zones"])}  # fmt: skip


def _set(told: dict[str, Any]) -> str:
    params = {"zones": listed(told["zones"]), "code": told.get("code")}
    if told.get("code"):
        words = ngettext("Zone %(zones)s: class %(code)s", "Zones %(zones)s: class %(code)s", len(told["zones"]))
    else:
        words = ngettext(
            "Zone %(zones)s: description changed", "Zones %(zones)s: description changed", len(told["zones"])
        )
    return words % params


def _delete(told: dict[str, Any]) -> str:
    return _("Zone %(number)s taken out, its land added to zone %(into)s") % {
        "number": told["number"],
        "into": told["into"],
    }


def _fill(told: dict[str, Any]) -> str:
    return _("Land without a zone filled: zones %(zones)s") % {"zones": listed(told["made"])}


def _project(told: dict[str, Any]) -> str:
    return _("Project “%(name)s” written") % {"name": told["name"]}


def _project_remove(told: dict[str, Any]) -> str:
    return _("Project “%(name)s” taken out") % {"name": told["name"]}


_SENTENCES = {
    "place": _place,
    "split": _split,
    "merge": _merge,
    "move": _move,
    "insert": _insert,
    "remove": _remove,
    "set": _set,
    "delete": _delete,
    "fill": _fill,
    "project": _project,
    "project_remove": _project_remove,
}
