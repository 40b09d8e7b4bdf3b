"""A plan in plain words (规划一页纸): what changes, how much, where, which projects, which conflicts were settled, what to do now.

Every sentence is made from the version's data; nothing is written by hand, so two plans are told alike.
"""

from dataclasses import dataclass

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from indicators import carrying, plain_words, runs
from indicators.models import Run
from indicators.zones_now import largest_now
from planning import unmade
from planning.maps import classes
from planning.models import DECIDED, Channel, Finding, PlanVersion, State
from portal.templatetags.portal import area, day, money, number

MOST = 6
"""sentences of a section; what does not fit is on the pages the summary leads to"""
ZONES_NAMED = 8
Kind = Finding.Category


@dataclass(frozen=True)
class Section:
    """A heading with the sentences below it."""

    key: str
    title: str | Promise
    sentences: list[str]


def summary(version: PlanVersion, *, open_data: bool) -> list[Section]:
    """The sections that have something to say. `open_data`: whether the reader may see the land as it is zone by zone."""
    run = runs.newest(version)
    made = [
        Section("plan", gettext_lazy("What this plan is"), about(version, run)),
        Section("land", gettext_lazy("What changes, and how much"), land(run) if run else []),
        Section("where", gettext_lazy("Where it changes"), where(version) if open_data else []),
        Section("projects", gettext_lazy("What will be built or restored"), projects(version)),
        Section("conflicts", gettext_lazy("Conflicts with protected land"), conflicts(version)),
        Section("comments", gettext_lazy("What you can do"), comments(version)),
    ]
    return [section for section in made if section.sentences]


def about(version: PlanVersion, run: Run | None) -> list[str]:
    village = version.village
    said = [
        _("This plan says what the land of %(village)s, %(area)s, is to be used for until %(year)s.")
        % {"village": village.short_name, "area": area(village.area_m2), "year": version.plan.target_year}
    ]
    if version.state in DECIDED:
        said.append(_("It was approved and applies."))
    elif version.state == State.NOTICE:
        said.append(_("It is a draft; nothing is decided yet."))
    kept, total = unchanged(run) if run else (0.0, 0.0)
    if total:
        said.append(
            _("On %(share)s %% of the land the use stays as it was in %(year)s.")
            % {"share": number(kept / total * 100, 1), "year": village.base_year}
        )
    return said


def unchanged(run: Run) -> tuple[float, float]:
    """m² that stay in their class as residents are told it, and m² in all."""
    rows = run.changes.values_list("base_code", "plan_code", "area_m2")
    same = sum(m2 for old, new, m2 in rows if plain_words.told_as(old) == plain_words.told_as(new))
    return same, sum(m2 for _old, _new, m2 in rows)


def land(run: Run) -> list[str]:
    if not runs.has_base(run):
        return [_("There are no base-year parcels of the village on record, so what changes was not computed.")]
    changes = plain_words.changes(run.structure.all())
    if not changes:
        return [_("No kind of land grows or shrinks by more than 100 m².")]
    said = []
    for change in changes[:MOST]:
        told = {
            "name": change.name, "size": area(change.difference_m2), "base": area(change.base_m2), "plan": area(change.plan_m2)
        }  # fmt: skip
        if change.grows:
            said.append(_("%(name)s grows by %(size)s, from %(base)s to %(plan)s.") % told)
        else:
            said.append(_("%(name)s shrinks by %(size)s, from %(base)s to %(plan)s.") % told)
    return said + more(len(changes) - MOST)


def more(count: int) -> list[str]:
    if count <= 0:
        return []
    return [
        ngettext("%(count)s more is in the full plan.", "%(count)s more are in the full plan.", count)
        % {"count": count}
    ]


def where(version: PlanVersion) -> list[str]:
    """Zones whose planned class is another one than what covers most of them now, class by class, the largest first."""
    zones = list(version.zones.values_list("number", "code", "area_m2"))
    now = largest_now(version, [number for number, _code, _m2 in zones])
    told = plain_words.told_as
    moved: dict[str, list[tuple[int, float]]] = {}
    for zone, code, m2 in zones:
        if zone in now and told(now[zone]) != told(code):
            moved.setdefault(told(code), []).append((zone, m2))
    known = classes(moved)
    groups = sorted(moved.items(), key=lambda group: -sum(m2 for _zone, m2 in group[1]))
    said = []
    for code, members in groups[:MOST]:
        numbers = [zone for zone, _m2 in sorted(members, key=lambda member: -member[1])]
        told_words = {
            "name": known[code].name if code in known else code,
            "zones": _(", ").join(str(zone) for zone in sorted(numbers[:ZONES_NAMED])),
            "size": area(sum(m2 for _zone, m2 in members)), "others": len(numbers) - ZONES_NAMED,
        }  # fmt: skip
        if len(numbers) > ZONES_NAMED:
            said.append(_("New as %(name)s: zones %(zones)s and %(others)s more, together %(size)s.") % told_words)
        else:
            said.append(
                ngettext("New as %(name)s: zone %(zones)s, %(size)s.", "New as %(name)s: zones %(zones)s, together %(size)s.", len(numbers))
                % told_words
            )  # fmt: skip
    return said + more(len(groups) - MOST)


def projects(version: PlanVersion) -> list[str]:
    rows = list(version.projects.order_by("starts_in", "number"))
    if not rows:
        return []
    total = version.projects.aggregate(sum=Sum("budget_wan"))["sum"]
    count = ngettext("The plan names %(count)s project", "The plan names %(count)s projects", len(rows)) % {
        "count": len(rows)
    }
    said = [
        _("%(begin)s, together %(money)s.") % {"begin": count, "money": money(total)}
        if total
        else _("%(begin)s.") % {"begin": count}
    ]
    for row in rows[:MOST]:
        years = (
            _("%(from)s to %(to)s") % {"from": row.starts_in, "to": row.ends_in}
            if row.ends_in and row.ends_in != row.starts_in
            else row.starts_in
        )
        parts = [
            str(part)
            for part in (years, row.budget_wan is not None and money(row.budget_wan), row.funding_source)
            if part
        ]
        said.append(_("%(name)s: %(facts)s.") % {"name": row.name, "facts": _(", ").join(parts)} if parts else row.name)
    return said + more(len(rows) - MOST)


def conflicts(version: PlanVersion) -> list[str]:
    """Nothing before it was checked: silence would read as "none". So would it of a check that could not be made."""
    if version.checked_at is None:
        return [_("It has not been checked for conflicts yet.")]
    counts, left = dict.fromkeys(Kind.values, 0), unmade.of_version(version)
    for group in plain_words.conflict_groups(version):
        counts[group.category] += group.count
    said = []
    settled = carrying.fixed(version).filter(category=Kind.REAL).exclude(severity=Finding.Severity.INFO).count()
    if settled:
        said.append(
            ngettext("%(count)s conflict of the version before is settled.", "%(count)s conflicts of the version before are settled.", settled)
            % {"count": settled}
        )  # fmt: skip
    if counts[Kind.REAL]:
        said.append(
            ngettext("%(count)s conflict is still open.", "%(count)s conflicts are still open.", counts[Kind.REAL]) % {"count": counts[Kind.REAL]}
        )  # fmt: skip
    elif not unmade.of_protected(left):
        said.append(
            _(
                "No real conflict with permanent basic farmland, the ecological red line or other protected land is open."
            )
        )
    if counts[Kind.EXCEPTION]:
        said.append(
            ngettext("%(count)s was allowed by two officials, with reason and document.", "%(count)s were allowed by two officials, with reason and document.", counts[Kind.EXCEPTION])
            % {"count": counts[Kind.EXCEPTION]}
        )  # fmt: skip
    return said + not_checked(left)


def not_checked(left: list[unmade.Unmade]) -> list[str]:
    """The checks that would stop the plan and could not be made, those of one reason together."""
    reasons: dict[tuple[bool, str], list[str]] = {}
    for check in (one for one in left if one.blocks):
        reasons.setdefault((check.partly, check.why), []).append(check.name)
    whole, part = _("Could not be checked: %(names)s. %(why)s"), _("Could be checked in part only: %(names)s. %(why)s")
    return [
        (part if partly else whole) % {"names": _(", ").join(names), "why": why}
        for (partly, why), names in reasons.items()
    ]


def comments(version: PlanVersion) -> list[str]:
    """Those held for a look are told apart, as on the page of the version."""
    notice = version.comments.exclude(channel=Channel.IMPORT)
    public = notice.exclude(pk__in=version.comments.waiting().values("pk"))
    count = public.count()
    answered = public.filter(replies__isnull=False).distinct().count()
    said = []
    if version.state == State.NOTICE and hasattr(version, "notice"):
        said.append(
            _("Until %(day)s everybody may comment: on the map of the plan, or at the village committee. Each comment is answered in public.")
            % {"day": day(version.notice.closes_on)}
        )  # fmt: skip
    if count:
        said.append(
            ngettext("%(count)s comment so far, %(answered)s answered.", "%(count)s comments so far, %(answered)s answered.", count)
            % {"count": count, "answered": answered}
        )  # fmt: skip
    return said
