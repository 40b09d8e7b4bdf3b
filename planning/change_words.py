"""What changed between two versions in plain words, for people who have never seen a land-use code."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from planning import maps
from planning.zone_changes import Change, Comparison
from portal.templatetags.portal import area

FATES = {
    "recoded": gettext_lazy("Another use on the same outline"),
    "moved": gettext_lazy("Another outline"),
    "split": gettext_lazy("Split"),
    "merged": gettext_lazy("Merged"),
    "gone": gettext_lazy("No longer there"),
    "new": gettext_lazy("New"),
    "same": gettext_lazy("Unchanged"),
}


def class_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of land-use classes in the language of the page; a code of no list keeps its digits."""
    wanted = {code for code in codes if code}
    known = maps.classes(wanted)
    return {code: known[code].name if code in known else code for code in wanted}


def names_in(found: Comparison) -> dict[str, str]:
    return class_names(code for a, b, _m2 in found.matrix for code in (a, b))


def listed(numbers: Iterable[int]) -> str:
    return _(", ").join(str(number) for number in numbers)


def title(change: Change) -> str:
    """Which zones it is about."""
    old, new = listed(change.old), listed(change.new)
    if change.fate == "split":
        return _("Zone %(old)s was split into zones %(new)s") % {"old": old, "new": new}
    if change.fate == "merged":
        text = ngettext(
            "Zone %(old)s became part of zone %(new)s", "Zones %(old)s became zone %(new)s", len(change.old)
        )
        return text % {"old": old, "new": new}
    if change.fate == "gone":
        return _("Zone %(old)s is no longer there") % {"old": old}
    if change.fate == "new":
        return _("Zone %(new)s is new") % {"new": new}
    if old == new:
        return _("Zone %(number)s") % {"number": new}
    return _("Zone %(new)s (before: zone %(old)s)") % {"old": old, "new": new}


def land(rows: Iterable[tuple[str, str, float]], names: dict[str, str]) -> list[str]:
    """How much of which land becomes what: 水田 0.35 公顷（5.3 亩）改为农村宅基地."""
    return [moved(a, b, m2, names) for a, b, m2 in rows]


def moved(code_before: str, code_after: str, m2: float, names: dict[str, str]) -> str:
    said = {"before": names.get(code_before, ""), "after": names.get(code_after, ""), "area": area(m2)}
    if not code_before:
        return _("%(area)s that were not in the plan become %(after)s") % said
    if not code_after:
        return _("%(area)s of %(before)s are no longer in the plan") % said
    return _("%(area)s of %(before)s become %(after)s") % said


def sizes(change: Change, found: Comparison) -> str:
    """Area of the zones before and after."""
    old = sum(found.old_areas[n] for n in change.old)
    new = sum(found.new_areas[n] for n in change.new)
    if not change.old:
        return area(new)
    if not change.new:
        return area(old)
    if area(old) == area(new):
        return area(new)
    return _("%(old)s before, %(new)s now") % {"old": area(old), "new": area(new)}


def followed(fate: str, into: list[int], number: int) -> str:
    """What became, in version `number`, of the zone that a comment or an opinion is pinned to."""
    said = {"number": number, "zones": listed(into)}
    if fate == "same":
        return _("The zone is unchanged; in version %(number)s it is zone %(zones)s.") % said
    if fate == "recoded":
        return _("The zone has another use in version %(number)s; there it is zone %(zones)s.") % said
    if fate == "moved":
        return _("The outline of the zone was changed; in version %(number)s this is about zone %(zones)s.") % said
    if fate == "split":
        return _("The zone was split; in version %(number)s this is about zones %(zones)s.") % said
    if fate == "merged":
        return _("The zone became part of another one; in version %(number)s this is about zone %(zones)s.") % said
    return _("The zone is no longer there in version %(number)s.") % said


def summary(number: int, count: int) -> str:
    """How much changed since a version, in one sentence."""
    if not count:
        return _("No zone changed since version %(number)s.") % {"number": number}
    text = ngettext("%(count)s change since version %(number)s.", "%(count)s changes since version %(number)s.", count)
    return text % {"count": count, "number": number}
