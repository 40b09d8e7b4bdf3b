"""One step on a drawing: judged, applied and kept, in one transaction, once (绘制步骤).

The browser says which revision it has seen. Steps of others since then are let in if they touch other zones; else the
step is refused with what they did, and nothing of either is lost.
"""

from typing import Any

import shapely
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from planning import drawing_kinds, drawing_reading, drawing_rows, drawing_undo, drawing_words
from planning.drawing_kinds import Body, Change, Desk
from planning.models import Drawing, DrawingStep
from portal.errors import Conflict, PortalError
from portal.geo.partition import Board, Impossible
from portal.geo.partition_check import measured
from portal.models import User

NO_LAND_M2 = 0.02
"""land without a zone below this is the rounding of what was measured"""


@transaction.atomic
def take(pk: str, *, by: User, body: Body) -> dict[str, Any]:
    """Make a step and answer what has changed since the revision the browser had. 404 for a stranger."""
    drawing = held(pk, by)
    seen, key = body["revision"], body["key"]
    if earlier := drawing.steps.filter(key=key).select_related("by").first():
        return answer(drawing, seen, earlier, by)
    must_be_open(drawing)
    if seen > drawing.revision:
        raise PortalError(_("The drawing has no such revision. Load it again."), code="revision")
    since = list(drawing.steps.filter(revision__gt=seen).defer("before", "after").select_related("by"))
    try:
        change = made(drawing, since, body, by)
    except shapely.errors.GEOSException as error:  # nothing is written; what cannot be computed is not drawn
        raise drawing_words.refused(Impossible("unclear")) from error
    except Impossible as error:
        raise_if_changed(drawing, since, by)
        raise drawing_words.refused(error) from error
    touched = [step for step in since if meets(step, change)]
    raise_if_changed(drawing, touched, by)
    step = write(drawing, change, body, by)
    return answer(drawing, seen, step, by)


def held(pk: str, by: User) -> Drawing:
    """The drawing, held until the transaction ends. The one way to a drawing that is to change."""
    rows = Drawing.objects.visible_to(by).select_for_update(of=("self",))
    return get_object_or_404(rows.select_related("village__division"), pk=pk)


def must_be_open(drawing: Drawing) -> None:
    if drawing.state == Drawing.State.HANDED_IN:
        raise Conflict(
            _("The drawing was handed in. Reopen it, or start a new one from the version it became."), code="state"
        )
    if drawing.state == Drawing.State.DISCARDED:
        raise Conflict(_("The drawing was put away. Reopen it first."), code="state")


def made(drawing: Drawing, since: list[DrawingStep], body: Body, by: User) -> Change:
    if body["kind"] in ("undo", "redo"):
        raise_if_changed(drawing, since, by)
        return drawing_undo.change(drawing, body, by)
    last = drawing.steps.order_by("-revision").defer("before", "after").first()
    top = drawing.zones.order_by("-number").values_list("number", flat=True).first() or 0
    top_project = drawing.projects.order_by("-number").values_list("number", flat=True).first() or 0
    told = last.said if last else {}
    desk = Desk(drawing, max(top, told.get("top", 0)), max(top_project, told.get("top_project", 0)))
    change = drawing_kinds.KINDS[body["kind"]](desk, body)
    change.said |= {"top": desk.top, "top_project": desk.top_project}
    return change


def meets(step: DrawingStep, change: Change) -> bool:
    """A step that changed what this one would change."""
    zones, projects = set(map(int, change.zones)), set(map(int, change.projects))
    return bool(zones & set(step.said["zones"]) or projects & set(step.said["projects"]))


def raise_if_changed(drawing: Drawing, steps: list[DrawingStep], by: User) -> None:
    if steps:
        raise Conflict(
            _(
                "Others changed the same zones meanwhile. Look at what they did, then do it again if it is still wanted."
            ),
            code="changed_meanwhile",
            data={
                "revision": drawing.revision,
                "steps": [{**s, "at": s["at"].isoformat()} for s in (drawing_words.said(step, by) for step in steps)],
                "zones": sorted({number for step in steps for number in step.said["zones"]}),
            },
        )


def write(drawing: Drawing, change: Change, body: Body, by: User) -> DrawingStep:
    """Put the rows in place and keep the step with what was there before."""
    before = {
        "zones": drawing_rows.kept(drawing, "zones", change.zones),
        "projects": drawing_rows.kept(drawing, "projects", change.projects),
        "measured": [drawing.unfilled_m2, drawing.overlap_m2, drawing.outside_m2],
    }
    after: dict[str, Any] = {"zones": change.zones, "projects": change.projects}
    drawing_rows.put(drawing, after)
    if drawing.zones.count() > drawing_kinds.MAX_ZONES:
        raise drawing_kinds.too_many()
    if change.measured is not None:
        drawing.unfilled_m2, drawing.overlap_m2, drawing.outside_m2 = change.measured
    elif change.geometry:
        measure(drawing, change)
    after["measured"] = [drawing.unfilled_m2, drawing.overlap_m2, drawing.outside_m2]
    drawing.revision += 1
    drawing.changed_by = by
    drawing.save(update_fields=["revision", "changed_by", "changed_at", "unfilled_m2", "overlap_m2", "outside_m2"])
    if change.undone is None:
        drawing.steps.filter(state=DrawingStep.State.UNDONE).update(state=DrawingStep.State.DROPPED)
    else:
        DrawingStep.objects.filter(pk=change.undone[0]).update(state=change.undone[1])
    told = {**change.said, "zones": sorted(map(int, change.zones)), "projects": sorted(map(int, change.projects))}
    return DrawingStep.objects.create(
        drawing=drawing, revision=drawing.revision, key=body["key"], kind=body["kind"], said=told, before=before,
        after=after, by=by,
    )  # fmt: skip


def measure(drawing: Drawing, change: Change) -> None:
    """A step makes no gap and no overlap, so the figures change by the land that got a zone; where the plan came with
    overlaps the whole village is measured anew."""
    if drawing.overlap_m2 or drawing.outside_m2:
        board = Board(drawing_rows.shapes(drawing.zones.all()), drawing_rows.outline_of(drawing))
        drawing.unfilled_m2, drawing.overlap_m2, drawing.outside_m2 = measured(board)
        return
    left = drawing.unfilled_m2 - change.gained_m2
    drawing.unfilled_m2 = left if left > NO_LAND_M2 else 0.0


def answer(drawing: Drawing, seen: int, step: DrawingStep, by: User) -> dict[str, Any]:
    """What a step changed, with everything else that is new to the browser."""
    told = drawing_reading.changes(drawing, seen, by)
    steps = told.pop("steps")
    others = [s for s in steps if s["revision"] != step.revision]
    return {**told, "said": drawing_words.said(step, by), "others": others}
