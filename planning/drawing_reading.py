"""A drawing as the browser reads it: in full, or what is new since a revision."""

from typing import Any

from django.db.models import Count, Max, Sum

from planning import drawing_rows, drawing_undo, maps
from planning.drawing_words import said
from planning.models import Drawing, DrawingStep, PlanVersion
from portal.models import User


def brief(drawing: Drawing) -> dict[str, Any]:
    """What stands in a list of drawings."""
    village, base = drawing.village, drawing.based_on
    return {
        "id": drawing.pk, "village": {"code": village.code, "name": village.short_name}, "title": drawing.title,
        "start": drawing.start, "based_on": base and {"id": base.pk, "number": base.number}, "state": drawing.state,
        "revision": drawing.revision, "created_by": str(drawing.created_by), "created_at": drawing.created_at,
        "changed_by": str(drawing.changed_by), "changed_at": drawing.changed_at, "upload": drawing.upload_id,
    }  # fmt: skip


def in_full(drawing: Drawing, reader: User) -> dict[str, Any]:
    """Everything of a drawing."""
    zones, projects = list(drawing.zones.all()), list(drawing.projects.all())
    classes = maps.classes(zone.code for zone in zones)
    village = drawing.village
    place = {
        "code": village.code, "name": village.short_name, "bounds": list(village.geom.extent),
        "outline": drawing_rows.geojson(drawing_rows.outline_of(drawing)),
    }  # fmt: skip
    return {
        **brief(drawing), "village": place, "newer": newer(drawing), **ways(drawing, reader), "totals": totals(drawing),
        "zones": [drawing_rows.zone_json(zone, classes) for zone in zones],
        "projects": [drawing_rows.project_json(project) for project in projects],
    }  # fmt: skip


def changes(drawing: Drawing, since: int, reader: User) -> dict[str, Any]:
    """What differs from an earlier revision: zones and projects as they are now (null: gone), and the steps."""
    steps = list(drawing.steps.filter(revision__gt=since).defer("before", "after").select_related("by"))
    numbers = sorted({number for step in steps for number in step.said["zones"]})
    wanted = sorted({number for step in steps for number in step.said["projects"]})
    zones = list(drawing.zones.filter(number__in=numbers))
    classes = maps.classes(zone.code for zone in zones)
    now = {zone.number: drawing_rows.zone_json(zone, classes) for zone in zones}
    projects = {p.number: drawing_rows.project_json(p) for p in drawing.projects.filter(number__in=wanted)}
    return {
        "revision": drawing.revision, "zones": {str(number): now.get(number) for number in numbers},
        "projects": {str(number): projects.get(number) for number in wanted},
        "steps": [said(step, reader) for step in steps], **ways(drawing, reader), "totals": totals(drawing),
    }  # fmt: skip


def ways(drawing: Drawing, reader: User) -> dict[str, Any]:
    """The steps that undo and redo would take back and do again."""
    steps: dict[str, DrawingStep | None] = {
        "undo": drawing_undo.last_done(drawing),
        "redo": drawing_undo.first_undone(drawing),
    }
    return {name: step and said(step, reader) for name, step in steps.items()}


def totals(drawing: Drawing) -> dict[str, Any]:
    """Areas by class, and whether the village is covered once; all ellipsoidal, m²."""
    rows = list(drawing.zones.order_by("code").values("code").annotate(m2=Sum("area_m2"), count=Count("pk")))
    known = maps.classes(row["code"] for row in rows)
    by_code = [
        {
            "code": row["code"], "name": known[row["code"]].name if row["code"] in known else row["code"],
            "colour": known[row["code"]].colour if row["code"] in known else "", "area_m2": row["m2"], "count": row["count"],
        }
        for row in rows
    ]  # fmt: skip
    return {
        "zones": sum(row["count"] for row in rows), "area_m2": sum(row["m2"] for row in rows),
        "village_m2": drawing.village.area_m2, "unfilled_m2": drawing.unfilled_m2, "overlap_m2": drawing.overlap_m2,
        "outside_m2": drawing.outside_m2, "no_code": sum(row["count"] for row in rows if not row["code"]), "by_code": by_code,
    }  # fmt: skip


def seen_number(drawing: Drawing) -> int:
    """Number of the newest version there was when the drawing was begun; 0 for none."""
    there = PlanVersion.objects.filter(plan__village=drawing.village_id, created_at__lte=drawing.created_at)
    newest = there.aggregate(number=Max("number"))["number"] or 0
    return max(newest, drawing.based_on.number if drawing.based_on else 0)


def newer(drawing: Drawing) -> dict[str, Any] | None:
    """The newest version that was stored since the drawing was begun, other than by handing it in."""
    later = PlanVersion.objects.filter(plan__village=drawing.village_id, number__gt=seen_number(drawing))
    if drawing.upload_id:
        later = later.exclude(upload=drawing.upload_id)
    found = later.select_related("created_by").order_by("-number").first()
    return found and {
        "id": found.pk,
        "number": found.number,
        "by": str(found.created_by or "–"),
        "at": found.created_at,
    }
