"""What changes at my place (我家这里会变吗): what a version means for one place, in short sentences made from its data.

One answer for page and API. It is as open as the map is: classes and lines at a place for everybody, facilities for whoever may
see the base data (planning/identify.py); nothing of it is kept.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Point
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from planning import comparing, identify, moderation, unmade
from planning.legend import hidden_checks
from planning.models import DECIDED, Finding, PlanVersion, State
from planning.places import POSITION, Place
from portal.geo import sql
from portal.models import User
from portal.templatetags.portal import M2_PER_MU, day, money, number
from villages import symbols
from villages.rules import may_see_base_data

INFO, TECHNICAL = Finding.Severity.INFO, Finding.Category.TECHNICAL
NEAR_M = 300
"""projects and comments up to this distance are told"""
FACILITIES = 5
EVERYDAY = ("01", "02", "07", "08", "09", "10", "11", "12", "13", "16", "21")
"""types of facilities people go to: committee, schools, care, clinic, market, post, bus, shelter; not old trees and pumps"""
LINES = Path(__file__).parent / "data" / "line_sentences.json"


@lru_cache
def line_sentences() -> dict[str, Any]:
    """What each kind of control line means for who lives there: data of a province, with source and day, a sample here."""
    return json.loads(LINES.read_text("utf-8"))


def tell(version: PlanVersion, place: Place, user: User) -> dict[str, Any]:
    """Everything that is told of a place. Raises identify.Outside for a place outside of the village."""
    answer = identify.identify(place.lon, place.lat, version, user)
    zone = answer["planned"]["zone"] if answer["planned"] else None
    facilities, comments = sql.row(
        "planning/near_place", lon=place.lon, lat=place.lat, village=version.division_code, version=version.pk,
        base=may_see_base_data(user, version.division_code), zone=zone, near_m=NEAR_M, user=user.pk or 0,
        looks=moderation.may_moderate(user, version.division_code),
    )  # fmt: skip
    told = {
        "place": {"lon": place.lon, "lat": place.lat, "way": place.way, "name": place.name},
        "village": answer["village"],
        "version": {**answer["version"], "plan": version.plan.name},
        "changes": changes(answer["now"], answer["planned"]),
        "now": sized(answer["now"]),
        "planned": sized(answer["planned"]),
        "lines": [line_told(line) for line in answer["lines"]],
        "projects": [row for row in answer["projects"] if row["distance_m"] <= NEAR_M],
        "facilities": [
            {**row, "kind_text": symbols.name_of_facility(row["kind"])}
            for row in [one for one in facilities if one["kind"] in EVERYDAY][:FACILITIES]
        ],
        "conflicts": answer["conflicts"],
        "settled": settled(version, place, user, answer["conflicts"]),
        "comments": {"count": comments, "near_m": NEAR_M},
        "notice": notice(version),
        "links": links(version, place, zone, user),
    }  # fmt: skip
    told["badge"] = badge(told)
    told["sections"] = [section for make in SECTIONS if (section := make(told, version))["sentences"]]
    return told


def changes(now: dict[str, Any] | None, planned: dict[str, Any] | None) -> bool | None:
    """Whether the land gets another use; None where one of the two is not known. 07 and 070301 are the same use told
    more or less exactly."""
    if now is None or planned is None:
        return None
    return not (now["code"].startswith(planned["code"]) or planned["code"].startswith(now["code"]))


def sized(row: dict[str, Any] | None) -> dict[str, Any] | None:
    """With its area in 亩, which is what farmers count in; m² stay beside it."""
    return row and {**row, "mu": round(row["area_m2"] / M2_PER_MU, 1)}


def line_told(line: dict[str, Any]) -> dict[str, Any]:
    said = line_sentences()["kinds"].get(line["kind"], {})
    return {
        "kind": line["kind"],
        "kind_text": line["kind_text"],
        "name": line["name"],
        "may_build": said.get("may_build", "ask"),
        "text": said.get("en" if get_language() == "en" else "zh", ""),
        "law": said.get("law", ""),
    }


def settled(version: PlanVersion, place: Place, user: User, open_now: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Real conflicts the version before had at this place and this one has not."""
    before = comparing.before(version, user)
    if before is None or before.checked_at is None or version.checked_at is None:
        return []
    still = {row["code"] for row in open_now if row["category"] == Finding.Category.REAL}
    found = before.findings.filter(
        geom__intersects=Point(place.lon, place.lat, srid=4490), category=Finding.Category.REAL
    ).exclude(severity=Finding.Severity.INFO)
    found = found.exclude(code__in=[*still, *hidden_checks(user, version.division_code)]).defer("geom")
    return [
        identify.in_words(
            {"number": row.number, "code": row.code, "category": row.category, "area_m2": row.area_m2, "detail": row.detail}
        )
        for row in found.order_by("number")
    ]  # fmt: skip


def notice(version: PlanVersion) -> dict[str, Any] | None:
    """Until when everybody may comment, and how many days are left: 0 on the last one."""
    if version.state != State.NOTICE:
        return None
    left = (version.notice.closes_on - timezone.localdate()).days
    return {"closes_on": version.notice.closes_on, "days_left": left} if left >= 0 else None


def links(version: PlanVersion, place: Place, zone: int | None, user: User) -> dict[str, str]:
    """Where to go on. A person's own position and household are put into no address: then the comment names the zone alone."""
    page = reverse("version", args=[version.pk])
    about = {"zone": zone} if zone else {}
    if place.way not in (POSITION, "household"):
        about |= {"lon": f"{place.lon:.7f}", "lat": f"{place.lat:.7f}"}
    form = f"{page}?{urlencode(about)}#comment-form"
    return {
        "plan": page,
        "comments": f"{page}#comments",
        "comment": form if user.is_authenticated else f"{reverse('login')}?{urlencode({'next': form})}",
        "summary": reverse("version-summary", args=[version.pk]),
        "village": reverse("village", args=[version.division_code]),
    }


# --- the words


def badge(told: dict[str, Any]) -> dict[str, str]:
    """The answer to "does it change?", in a word and in a line."""
    if told["planned"] is None:
        return {"kind": "unknown", "word": _("Not in the plan"), "line": _("The plan says nothing about this place.")}
    name = told["planned"]["name"]
    if told["changes"] is None:
        return {"kind": "unknown", "word": _("Not known"), "line": _("It is planned as %(name)s.") % {"name": name}}
    if told["changes"]:
        line = _("%(now)s becomes %(planned)s.") % {"now": told["now"]["name"], "planned": name}
        return {"kind": "changes", "word": _("Yes, it changes"), "line": line}
    return {"kind": "stays", "word": _("No, it stays"), "line": _("It stays %(name)s.") % {"name": name}}


def in_mu(row: dict[str, Any]) -> str:
    return _("%(mu)s mu (%(m2)s m²)") % {"mu": number(row["area_m2"] / M2_PER_MU, 1), "m2": number(row["area_m2"], 0)}


def section(key: str, title: str, sentences: list[str]) -> dict[str, Any]:
    return {"key": key, "title": title, "sentences": sentences}


def of_now(told: dict[str, Any], version: PlanVersion) -> dict[str, Any]:
    if (now := told["now"]) is None:
        said = [_("For the base year nothing is recorded at this place.")]
    else:
        said = [
            _("Today it is %(name)s.") % {"name": now["name"]},
            _("The plot has %(area)s.") % {"area": in_mu(now)},
        ]
    return section("now", _("Today"), said)


def of_plan(told: dict[str, Any], version: PlanVersion) -> dict[str, Any]:
    said = []
    if planned := told["planned"]:
        said = [
            told["badge"]["line"],
            _("This is zone %(number)s; it has %(area)s.") % {"number": planned["zone"], "area": in_mu(planned)},
        ]
    if version.state in DECIDED:
        said.append(_("The plan was approved and applies."))
    elif version.state == State.NOTICE:
        said.append(_("It is a draft; nothing is decided yet."))
    return section("plan", _("What the plan makes of it"), said)


def of_lines(told: dict[str, Any], version: PlanVersion) -> dict[str, Any]:
    """One sentence for each kind: may I build here?"""
    kinds = {line["kind"]: line for line in told["lines"]}
    said = [_("%(line)s: %(text)s") % {"line": line["kind_text"], "text": line["text"]} for line in kinds.values()]
    return section("lines", _("May I build here?"), said or [_("No protection line is recorded at this place.")])


def of_projects(told: dict[str, Any], version: PlanVersion) -> dict[str, Any]:
    said = []
    for row in told["projects"]:
        where = (
            _("right here")
            if row["distance_m"] == 0
            else _("%(distance)s m away") % {"distance": number(row["distance_m"], 0)}
        )
        facts = [where, years(row), "" if row["budget_wan"] is None else money(row["budget_wan"])]
        said.append(
            _("%(name)s: %(facts)s.") % {"name": row["name"], "facts": _(", ").join(fact for fact in facts if fact)}
        )
    return section("projects", _("What is built within %(limit)d m") % {"limit": NEAR_M}, said)


def years(row: dict[str, Any]) -> str:
    if row["starts_in"] and row["ends_in"] and row["starts_in"] != row["ends_in"]:
        return _("%(from)s to %(to)s") % {"from": row["starts_in"], "to": row["ends_in"]}
    return str(row["starts_in"] or row["ends_in"] or "")


def of_facilities(told: dict[str, Any], version: PlanVersion) -> dict[str, Any]:
    said = [
        _("%(name)s: %(distance)s m.") % {"name": row["name"], "distance": number(row["distance_m"], 0)}
        for row in told["facilities"]
    ]
    return section("facilities", _("What is near today"), said)


def of_conflicts(told: dict[str, Any], version: PlanVersion) -> dict[str, Any]:
    # what is kept for the record and misfits of drawn lines mean nothing to who lives here; the page of the plan has them
    said = [row["text"] for row in told["conflicts"] if row["severity"] != INFO and row["category"] != TECHNICAL]
    if version.checked_at is None:
        said = [_("It has not been checked for conflicts yet.")]
    elif not said:
        said = [unmade.none_found(version)]
    names = dict.fromkeys(row["name"] for row in told["settled"])
    said += [_("Settled since the version before: %(name)s.") % {"name": name} for name in names]
    return section("conflicts", _("Conflicts with protected land"), said)


def of_comments(told: dict[str, Any], version: PlanVersion) -> dict[str, Any]:
    count = told["comments"]["count"]
    said = ngettext("%(count)d comment speaks of this place.", "%(count)d comments speak of this place.", count)
    none = _("Nobody has said anything about this place yet.")
    return section("comments", _("What others say"), [said % {"count": count} if count else none])


def of_now_possible(told: dict[str, Any], version: PlanVersion) -> dict[str, Any]:
    if told["notice"] is None:
        return section("do", _("What you can do now"), [_("Comments are not taken at the moment.")])
    left = told["notice"]["days_left"]
    rest = ngettext("%(left)d day is left.", "%(left)d days are left.", left) % {"left": left}
    said = [
        _("You may comment until %(day)s.") % {"day": day(told["notice"]["closes_on"])},
        rest if left else _("Today is the last day."),
        _("Every comment is answered in public."),
    ]
    return section("do", _("What you can do now"), said)


SECTIONS = (of_now, of_plan, of_lines, of_projects, of_facilities, of_conflicts, of_comments, of_now_possible)
