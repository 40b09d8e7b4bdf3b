"""What is here, what will be here, does it conflict, what is near: one answer for the page, the list and the API."""

from collections.abc import Iterable
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from planning import conflicts, moderation, unmade
from planning.legend import hidden_checks
from planning.models import ENDED, PlanVersion, Project
from portal.errors import PortalError
from portal.geo import sql
from portal.models import User
from villages import finding, symbols
from villages.models import ControlLine, Village
from villages.rules import may_see_base_data

NEAR_M = 500  # projects and facilities up to this distance are told


class Outside(PortalError):
    """The place is on no map of ours."""

    status = 404
    code = "outside"


def newest_public(codes: Iterable[str]) -> dict[str, PlanVersion]:
    """By village the version the public reads: the one opened last of those that have not ended, else the one opened last."""
    opened = PlanVersion.objects.filter(plan__village__in=codes, published_at__isnull=False)
    rows = opened.with_plan().select_related("notice").defer("plan__village__geom", "plan__village__geom_web")
    in_order = rows.annotate(stands=~Q(state__in=ENDED)).order_by("stands", "published_at")
    return {row.plan.village_id: row for row in in_order}


def village_at(lon: float, lat: float) -> Village:
    """The village a place lies in. Raises Outside."""
    village = finding.village_at(lon, lat)
    if village is None:
        raise Outside(
            _("This place lies in no village that the portal knows. Move the map to a village and try again.")
        )
    return village


def identify_public(lon: float, lat: float, user: User) -> dict[str, Any]:
    """The answer for a place, from the newest version that is open to the public there."""
    village = village_at(lon, lat)
    return describe(lon, lat, village, newest_public([village.pk]).get(village.pk), user)


def identify(lon: float, lat: float, version: PlanVersion, user: User) -> dict[str, Any]:
    """The answer for a place from one version (whoever asks must be allowed to see it)."""
    village = version.plan.village
    if not Village.objects.filter(pk=village.pk, geom__intersects=Point(lon, lat, srid=4490)).exists():
        raise Outside(_("This place lies outside %(village)s, whose plan this is.") % {"village": village.short_name})
    return describe(lon, lat, village, version, user)


def describe(lon: float, lat: float, village: Village, version: PlanVersion | None, user: User) -> dict[str, Any]:
    """What a parcel or a line is called at one place is told to everybody; where it runs, only to who may see the base data."""
    base = may_see_base_data(user, village.pk)
    now, planned, found, lines, projects, facilities, comments = sql.row(
        "planning/identify", lon=lon, lat=lat, village=village.pk, version=version.pk if version else "",
        today=timezone.localdate(), near_m=NEAR_M, base=base, hidden=hidden_checks(user, village.pk),
        looks=moderation.may_moderate(user, village.pk), user=user.pk or 0,
    )  # fmt: skip
    answer = {
        "place": {"lon": lon, "lat": lat},
        "village": {"code": village.pk, "name": village.short_name},
        "version": version and {
            "id": version.pk, "number": version.number, "state": version.state, "state_text": version.get_state_display(),
            "checked": version.checked_at is not None,
        },
        "now": named(now),
        "planned": named(planned),
        "conflicts": [in_words(conflict) for conflict in found],
        "lines": [{**line, "kind_text": str(ControlLine.Kind(line["kind"]).label)} for line in lines],
        "projects": [{**p, "state_text": str(Project.State(p["state"]).label)} for p in projects],
        "facilities": [{**f, "kind_text": symbols.name_of_facility(f["kind"])} for f in facilities],
        "comments": comments,
    }  # fmt: skip
    return {**answer, "sentences": sentences(answer, version)}


def in_words(found: dict[str, Any]) -> dict[str, Any]:
    """A conflict with the name of its check, and as a sentence with its figures."""
    told = {key: value for key, value in found.items() if key != "detail"}
    said = conflicts.sentence(found["code"], found["category"], found["area_m2"], found["detail"])
    return {**told, "name": conflicts.name(found["code"]), "text": said}


def named(row: dict[str, Any] | None) -> dict[str, Any] | None:
    """The class name in the reader's language; the bare code where the class is not in the list."""
    if row is None:
        return None
    zh, en = row.pop("name_zh"), row.pop("name_en")
    return {**row, "name": (en if get_language() == "en" else zh) or row["code"]}


def sentences(answer: dict[str, Any], version: PlanVersion | None) -> list[str]:
    """The answer in plain words."""
    said = (
        said_of_now(answer), said_of_plan(answer), said_of_conflicts(answer, version), said_of_lines(answer),
        said_of_projects(answer),
    )  # fmt: skip
    return [sentence for sentence in said if sentence]


def said_of_now(answer: dict[str, Any]) -> str:
    if (now := answer["now"]) is None:
        return _("For the base year nothing is recorded at this place.")
    return _("It is now %(name)s (%(area)s).") % {"name": now["name"], "area": conflicts.area(now["area_m2"])}


def said_of_plan(answer: dict[str, Any]) -> str:
    if answer["version"] is None:
        return _("No plan of this village is open to the public yet.")
    if (planned := answer["planned"]) is None:
        return _("The plan says nothing about this place.")
    if answer["now"] and answer["now"]["code"] == planned["code"]:
        return _("It stays %(name)s.") % {"name": planned["name"]}
    return _("It is planned as %(name)s.") % {"name": planned["name"]}


def said_of_conflicts(answer: dict[str, Any], version: PlanVersion | None) -> str:
    if version is None or answer["planned"] is None:
        return ""
    if answer["conflicts"]:
        return " ".join(conflict["text"] for conflict in answer["conflicts"])
    if not answer["version"]["checked"]:
        return _("It has not been checked for conflicts yet.")
    return unmade.none_found(version)


def said_of_lines(answer: dict[str, Any]) -> str:
    names = list(dict.fromkeys(line["kind_text"] for line in answer["lines"]))
    return _("Lines that hold here: %(lines)s.") % {"lines": _(", ").join(names)} if names else ""


def said_of_projects(answer: dict[str, Any]) -> str:
    if not answer["projects"]:
        return ""
    near = [
        _("%(name)s (%(distance)d m)") % {"name": p["name"], "distance": p["distance_m"]} for p in answer["projects"]
    ]
    return _("Projects within %(limit)d metres: %(projects)s.") % {"limit": NEAR_M, "projects": _(", ").join(near)}
