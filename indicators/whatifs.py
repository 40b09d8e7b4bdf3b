"""What if a comment were adopted (假如采纳): ask it, have it computed once, open it as a drawing. The plan never changes by it."""

import datetime
from typing import Any

import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators import guard, whatif_result
from indicators.models import WhatIf
from indicators.whatif_copy import around, zone_of
from indicators.whatif_land import check_class, land_of
from planning import drawing_steps, drawings
from planning.models import DECIDED, ENDED, Comment, Drawing, LandUseClass, PlanVersion
from portal import jobs
from portal.audit import record
from portal.errors import Conflict, NotAllowed, TooMany
from portal.models import Job, User

KIND = "indicators.what_if"
MOST = 8
"""what-ifs of one comment: enough to weigh, few enough to read"""
TRIES = 3
"""how often a computation begins anew because its surroundings changed meanwhile"""


@transaction.atomic
def ask(comment: Comment, *, code: str, by: User, geom: GEOSGeometry | None = None, zone: int | None = None) -> WhatIf:
    """Ask what would change if the land of a comment became the class `code`; the same question is one row, computed once.

    `geom` (EPSG:4490) or `zone` (its number) say which land, where the comment does not. TooMany: as many as one may ask a day.
    """
    # one after the other: two clicks are one question, nobody asks past the limit
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    Comment.objects.select_for_update(of=("self",), no_key=True).get(pk=comment.pk)
    if not by.has_perm("indicators.ask_what_if", comment):
        raise NotAllowed(_("Only who wrote the comment and staff of the division may ask what it would change."))
    version = PlanVersion.objects.with_plan().get(pk=comment.version_id)
    must_be_open(version)
    comment.version = version
    land = land_of(comment, by=by, geom=geom, zone=zone)
    check_class(version, land, code)
    key = whatif_result.keys(version)(land, code)
    row = next((w for w in comment.what_ifs.filter(code=code) if w.geom.equals_exact(land)), None)
    if row and row.key == key and row.state != WhatIf.State.FAILED:
        return row
    if row is None and comment.what_ifs.count() >= MOST:
        raise Conflict(
            _("This comment has %(count)d what-ifs already, as many as one comment may have. Read those.")
            % {"count": MOST},
            code="enough",
        )
    return begin(row or WhatIf(version=version, comment=comment, code=code, geom=land), key, by)


@transaction.atomic
def again(what_if: WhatIf, *, by: User) -> WhatIf:
    """Have a what-if computed again that failed or is out of date; one that holds stays as it is."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    row = WhatIf.objects.select_for_update(of=("self",)).get(pk=what_if.pk)
    if not by.has_perm("indicators.ask_what_if", row.comment):
        raise NotAllowed(_("Only who wrote the comment and staff of the division may ask what it would change."))
    version = PlanVersion.objects.with_plan().get(pk=row.version_id)
    must_be_open(version)
    key = whatif_result.keys(version)(row.geom, row.code)
    if row.state == WhatIf.State.WAITS or (row.key == key and row.state == WhatIf.State.DONE):
        return row
    return begin(row, key, by)


def begin(row: WhatIf, key: str, by: User) -> WhatIf:
    """Store a question, with the answer where the same was asked of another comment, else with the job that computes it."""
    check_count(by)
    row.key, row.by, row.at, row.state, row.result, row.job = key, by, timezone.now(), WhatIf.State.WAITS, {}, None
    known = WhatIf.objects.filter(key=key, state=WhatIf.State.DONE).exclude(pk=row.pk).first()
    if known:
        row.state, row.result = WhatIf.State.DONE, known.result
    row.save()
    if not known:
        row.job = jobs.start(KIND, by=by, what_if=row.pk)
        row.save(update_fields=["job"])
    record("what_if.asked", row, by=by, after={"comment": row.comment_id, "version": row.version_id, "code": row.code})
    return row


def must_be_open(version: PlanVersion) -> None:
    """A plan that is decided, or that another took the place of, is no draft any more."""
    if version.state in (*ENDED, *DECIDED):
        raise Conflict(
            _("The version is now “%(state)s”. What if is asked of drafts.") % {"state": version.get_state_display()},
            code="wrong_state",
        )


def check_count(by: User) -> None:
    """TooMany if the person asked as often today, in Asia/Shanghai, as one may."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    limit = settings.WHAT_IFS_A_DAY
    if WhatIf.objects.filter(by=by, at__gte=midnight).count() >= limit:
        again = midnight + datetime.timedelta(days=1)
        raise TooMany(
            _("You have asked %(count)d times today, as often as one person may. From %(when)s on you can ask again.")
            % {"count": limit, "when": f"{again:%Y-%m-%d %H:%M}"},
            code="what_ifs_a_day", data={"again": again.isoformat(), "limit": limit},
        )  # fmt: skip


def answer(what_if: WhatIf, progress: jobs.Progress = jobs.quiet) -> WhatIf:
    """Compute a what-if and keep what it shows, under the name of what it was really computed from."""
    for _try in range(TRIES):
        version = PlanVersion.objects.with_plan().get(pk=what_if.version_id)
        key = whatif_result.keys(version)(what_if.geom, what_if.code)
        if what_if.state == WhatIf.State.DONE and what_if.key == key:  # a second message does no harm
            return what_if
        result = guard.child(lambda step: whatif_result.compute(what_if, step), progress)
        version = PlanVersion.objects.with_plan().get(pk=what_if.version_id)
        if whatif_result.keys(version)(what_if.geom, what_if.code) == key:
            WhatIf.objects.filter(pk=what_if.pk).update(key=key, result=result, state=WhatIf.State.DONE)
            what_if.refresh_from_db()
            return what_if
    raise Conflict(_("The data of the village keep changing. Ask again in a moment."))


def job_ended(job: Job) -> None:
    """A computation that failed or was cancelled: the page says so, and offers to try again."""
    WhatIf.objects.filter(job=job, state=WhatIf.State.WAITS).update(state=WhatIf.State.FAILED)


def stale(rows: list[WhatIf]) -> set[str]:
    """Ids of those that no longer hold: base data, control lines, profiles or exceptions changed since."""
    found: set[str] = set()
    versions = {row.version_id: row.version for row in rows if row.state == WhatIf.State.DONE}
    for pk, version in versions.items():
        key = whatif_result.keys(version)
        found |= {row.pk for row in rows if row.version_id == pk and row.state == "done" and key(row.geom, row.code) != row.key}  # fmt: skip
    return found


# --- from a what-if to a plan


@transaction.atomic
def as_drawing(what_if: WhatIf, *, by: User) -> Drawing:
    """Open the changed plan as a drawing (在线绘制), for whoever may hand the plan in; pressed twice, it is the same drawing."""
    version = what_if.version
    must_be_open(version)
    steps = steps_of(what_if)
    mine = Drawing.objects.filter(based_on=version, created_by=by, state=Drawing.State.OPEN, revision=len(steps))
    if found := mine.filter(title__endswith=what_if.pk).first():
        return found
    title, village = title_of(what_if), version.plan.village
    drawing = drawings.begin(village, by=by, start=Drawing.Start.VERSION, version=version, title=title)
    for revision, step in enumerate(steps):
        drawing_steps.take(drawing.pk, by=by, body={**step, "revision": revision, "key": f"what-if-{what_if.pk}-{revision}"})  # fmt: skip
    record("what_if.drawn", what_if, by=by, after={"drawing": drawing.pk})
    drawing.refresh_from_db()
    return drawing


def title_of(what_if: WhatIf) -> str:
    found = LandUseClass.objects.filter(code=what_if.code, code_version="2023").first()
    name = found.name if found else what_if.code
    return (_("What if: %(name)s") % {"name": name})[:80] + f" · {what_if.pk}"


def steps_of(what_if: WhatIf) -> list[dict[str, Any]]:
    """The change as steps of the drawing board: a zone that gets another class, or land that is cut out."""
    land = shapely.from_wkb(bytes(what_if.geom.wkb))
    if (number := zone_of(around(what_if.version, land.bounds), land)) is not None:
        return [{"kind": "set", "zones": [number], "code": what_if.code}]
    return [{"kind": "place", "geometry": part, "code": what_if.code} for part in shapely.get_parts(land)]
