"""What a quality report says, in the reader's language; every form of it is made from this."""

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.gis.db.models.functions import Centroid
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from planning import issue_texts
from planning.models import MappingProfile, PlanVersion
from planning.quality import report as stored_report
from planning.quality.registry import catalogue
from planning.reports import trend
from portal.errors import Conflict
from portal.geo.issues import ERROR, WARNING
from portal.models import Upload, User
from villages.models import Village

GROUPS = {
    "file": _("File"),
    "coordinates": _("Coordinates"),
    "structure": _("Structure and values"),
    "geometry": _("Geometry"),
    "area": _("Areas"),
    "logic": _("Logic: the plan's content"),
}
LEVELS = {"error": _("Error"), "warning": _("Warning"), "off": _("Off")}
STATES = {
    "passed": _("Passed"),
    "failed": _("Failed"),
    "not_applicable": _("Not applicable"),
    "off": _("Off"),
    "not_checked": _("Not checked"),
}
WHY_NOT = {
    "off": _("The county switched this rule off in its profile."),
    "not_checked": _("The file could not be read, so this was not reached."),
}
TOLERANCES = {
    "area_m2": _("area {value} m²"),
    "width_m": _("width {value} m"),
    "sliver_area_m2": _("area {value} m²"),
    "sliver_thinness": _("thinness 4πA/P² {value}"),
    "sliver_width_m": _("width {value} m"),
    "area_error_m2": _("error over {value} m²"),
    "area_error_share": _("or {percent} %"),
    "area_warning_m2": _("warning over {value} m²"),
    "area_warning_share": _("or {percent} %"),
    "line_misfit_m2": _("difference {value} m²"),
    "misfit_m2": _("area {value} m²"),
    "hair_width_m": _("mean width {value} m"),
    "target_ha": _("{value} ha"),
    "vertex_m": _("distance {value} m"),
    "sharp_angle_degrees": _("angle {value}°"),
    "county_margin_m": _("{value} m round the county"),
    "deduction_m2": _("difference {value} m²"),
    "sum_ha": _("difference {value} ha"),
    "table_ha": _("difference {value} ha"),
}
REPAIRS = {
    "make_valid": _("{features} outlines made valid, area changed by {area} m²"),
    "duplicates": _("{features} outlines freed of repeated vertices, area changed by {area} m²"),
    "snap": _("{features} outlines moved to close hairline gaps and overlaps, area changed by {area} m²"),
}
VERDICTS = {
    "unread": _("The file could not be read. Nothing else was checked."),
    "refused": _("The file has errors. Nothing of it was stored."),
    "checked": _("The file has no error that would refuse it. It was only checked, not handed in."),
    "blocked": _("The plan is stored as a draft, but errors in its content stop the public notice."),
    "good": _("No error was found."),
}
NEXT = {
    "unread": _("Export the file again from your program, then hand it in again."),
    "refused": _("Correct the errors, the first ones first, then hand in the file again. Warnings may stay."),
    "checked": _("Hand in this file when the plan is ready."),
    "blocked": _("Correct the content and hand in a new version. The county may decide otherwise in its profile."),
    "good": _("Warnings may stay. The township can open the public notice when the figures are computed."),
}


@dataclass(frozen=True)
class RuleLine:
    """A rule as the table shows it."""

    code: str
    name: str
    group: str
    level: str
    level_text: str
    state: str
    state_text: str
    errors: int
    warnings: int
    why: str
    tolerance: str
    source: str

    @property
    def worst(self) -> str:
        return ERROR if self.errors else WARNING

    @property
    def result(self) -> str:
        """The state in words, a failed rule with its numbers."""
        if self.state != "failed":
            return self.state_text
        parts = [_errors(self.errors)] if self.errors else []
        return gettext(", ").join([*parts, *([_warnings(self.warnings)] if self.warnings else [])])


def _errors(count: int) -> str:
    return gettext("Errors: %(count)s") % {"count": count}


def _warnings(count: int) -> str:
    return gettext("Warnings: %(count)s") % {"count": count}


@dataclass(frozen=True)
class IssueLine:
    """An issue as the lists show it; lon and lat are the middle of its place."""

    number: int
    code: str
    name: str
    level: str
    level_text: str
    layer: str
    row: int | None
    text: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class QualityReport:
    """The report on an upload or a version (of an upload or of the command line)."""

    village: Village
    stored: dict[str, Any]
    upload: Upload | None
    version: PlanVersion | None

    @property
    def score(self) -> float:
        return self.stored["score"]

    @property
    def errors(self) -> int:
        return stored_report.count(self.stored, ERROR)

    @property
    def warnings(self) -> int:
        return stored_report.count(self.stored, WARNING)

    @property
    def failed_rules(self) -> int:
        return sum(rule["state"] == "failed" for rule in self.stored["rules"])

    @property
    def verdict(self) -> str:
        if self.version is not None:
            return "blocked" if stored_report.count(self.stored, ERROR, "L") else "good"
        if any(rule["state"] == "not_checked" for rule in self.stored["rules"]):
            return "unread"
        return "refused" if self.upload.state == Upload.State.REFUSED else "checked"

    @property
    def verdict_text(self) -> str:
        return str(VERDICTS[self.verdict])

    @property
    def next_text(self) -> str:
        return str(NEXT[self.verdict])

    @cached_property
    def lines(self) -> list[RuleLine]:
        return [_line(rule) for rule in self.stored["rules"] if rule["code"] in catalogue()]

    @property
    def groups(self) -> list[tuple[str, list[RuleLine]]]:
        """Rules under the name of their group, in the order of the catalogue."""
        return [(str(name), [x for x in self.lines if x.group == key]) for key, name in GROUPS.items()]

    @property
    def changes(self) -> list[str]:
        """What was done to the file before it was judged: repairs a person consented to, codes a person decided."""
        repairs = [
            str(REPAIRS[one["kind"]]).format(features=one["features"], area=f"{one['area_change_m2']:g}")
            for one in self.stored.get("repairs", [])
        ]
        decided = gettext("“{value}” taken as class {code} in {zones} zones, decided by a person")
        return [*repairs, *(decided.format(**row) for row in self.stored.get("decisions", {}).get("rows", []))]

    @property
    def profile(self) -> str:
        """Title and edition of the profile it was judged with."""
        name, _at, edition = self.stored["profile"].partition("@")
        found = MappingProfile.objects.filter(name=name, edition=int(edition or 1)).first()
        title = found.title if found else name
        return gettext("%(title)s, edition %(edition)s") % {"title": title, "edition": edition or 1}

    @cached_property
    def at(self) -> datetime.datetime:
        at = parse_datetime(self.stored.get("at", "")) or (self.version or self.upload).created_at
        return timezone.localtime(at)

    @property
    def by(self) -> User | None:
        return (self.version or self.upload).created_by

    @property
    def file_name(self) -> str:
        return self.upload.name if self.upload else ""

    @property
    def sha256(self) -> str:
        return self.upload.sha256 if self.upload else ""

    @property
    def subject(self) -> str:
        """What was judged, for the title."""
        if self.version is not None:
            return str(self.version)
        return self.file_name

    @property
    def key(self) -> str:
        """For file names."""
        return (self.version or self.upload).pk

    @cached_property
    def trend(self) -> list[trend.Point]:
        return trend.points(self.village)

    def issues(self, limit: int | None = None) -> list[IssueLine]:
        """Errors first; those of a file given on the command line are not kept."""
        if self.upload is None:
            return []
        found = self.upload.issues.annotate(middle=Centroid("geom")).order_by("level", "pk")
        return [_issue_line(n, issue) for n, issue in enumerate(found[:limit] if limit else found.iterator(), 1)]


def _issue_line(number: int, issue: Any) -> IssueLine:
    lon, lat = (round(issue.middle.x, 7), round(issue.middle.y, 7)) if issue.middle else (None, None)
    return IssueLine(
        number, issue.code, issue_texts.rule(issue.code), issue.level, str(LEVELS[issue.level]), issue.layer, issue.row,
        issue_texts.text(issue.code, issue.params), lon, lat,
    )  # fmt: skip


def of_upload(upload: Upload) -> QualityReport:
    """The report on an upload; Conflict while there is none. What became a version is told as the version."""
    stored = upload.result.get("report")
    if not stored:
        raise Conflict(gettext("There is no quality report on this file yet."), code="no_report")
    village = Village.objects.select_related("division__parent").get(pk=upload.division_code)
    version = PlanVersion.objects.with_plan().filter(pk=upload.result.get("version") or "").first()
    return QualityReport(village, stored, upload, version)


def of_version(version: PlanVersion) -> QualityReport:
    """The report a version was accepted with; Conflict for one from before there were reports."""
    if not version.report:
        raise Conflict(gettext("This version was stored without a quality report."), code="no_report")
    return QualityReport(version.plan.village, version.report, version.upload, version)


def _line(rule: dict[str, Any]) -> RuleLine:
    entry = catalogue()[rule["code"]]
    why = rule.get("why")
    text = issue_texts.text(rule["code"], why) if why else str(WHY_NOT.get(rule["state"], ""))
    return RuleLine(
        rule["code"], issue_texts.rule(rule["code"]), entry["group"], rule["level"], str(LEVELS[rule["level"]]), rule["state"],
        str(STATES[rule["state"]]), rule["errors"], rule["warnings"], text, tolerance(rule["code"], rule.get("tolerances", {})),
        entry.get("source", ""),
    )  # fmt: skip


def tolerance(code: str, limits: dict[str, float]) -> str:
    """The numbers a rule measured with, in words and in the order of the catalogue, which the database does not keep."""
    names = [name for name in catalogue()[code].get("tolerances", {}) if name in limits]
    return gettext(", ").join(_limit(TOLERANCES.get(name), name, limits[name]) for name in names)


def _limit(words: Promise | None, name: str, value: float) -> str:
    if words is None:
        return f"{name} {value:g}"
    return str(words).format(value=f"{value:g}", percent=f"{value * 100:g}")


def as_json(report: QualityReport) -> dict[str, Any]:
    """The report for programs; texts in the reader's language."""
    return {
        "upload": report.upload.pk if report.upload else None,
        "version": report.version.pk if report.version else None,
        "village": report.village.code,
        "file": report.file_name,
        "sha256": report.sha256,
        "profile": report.stored["profile"],
        "engine": report.stored["engine"],
        "at": report.at.isoformat(),
        "score": report.score,
        "errors": report.errors,
        "warnings": report.warnings,
        "changes": report.changes,
        "verdict": report.verdict,
        "verdict_text": report.verdict_text,
        "next_text": report.next_text,
        "rules": [_rule_json(line, rule) for line, rule in zip(report.lines, report.stored["rules"], strict=False)],
        "trend": [point.as_json() for point in report.trend],
    }


def _rule_json(line: RuleLine, rule: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": line.code, "name": line.name, "group": line.group, "level": line.level, "state": line.state,
        "errors": line.errors, "warnings": line.warnings, "why": line.why, "tolerances": rule.get("tolerances", {}),
        "source": line.source,
    }  # fmt: skip
