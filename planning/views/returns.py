"""Itemised returns: the page that lists the points of one, and the part of a case that shows and settles them."""

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from planning import conflicts, issue_texts, returns, workflow
from planning.models import Finding, PlanVersion, ReturnItem, State
from planning.reports.sketch import sketch
from planning.views.evidence import seen, trail
from portal.errors import NotAllowed, PortalError
from portal.models import User

ROWS, MORE_ROWS = 5, 5
FIELDS = ("zone", "rule", "page", "text", "suggestion")


def section(version: PlanVersion, user: User) -> dict[str, Any]:
    """Points of this version's own return, and those of returns before it that it has to answer."""
    before = list(returns.before(version))
    own = (
        version.return_items.select_related("zone", "by", "answer__by", "answer__version")
        if own_return(version)
        else []
    )
    may_settle = returns.may_settle(user, version)
    return {
        "returns": {
            "step": own_return(version),
            "own": [shown(item) for item in own],
            "before": [
                {**shown(item), "may_settle": may_settle and awaiting(item), "may_answer": answerable(item, version, user)}
                for item in before
            ],
            "open": sum(not settled(item) for item in before),
        }
    }  # fmt: skip


def own_return(version: PlanVersion) -> Any:
    return (
        version.steps.select_related("by").filter(to_state=State.RETURNED).last()
        if version.state == State.RETURNED
        else None
    )


def shown(item: ReturnItem) -> dict[str, Any]:
    return {"item": item, "rule": rule_name(item.rule), "sketch": sketch(item), "answer": getattr(item, "answer", None)}


def rule_name(code: str) -> str:
    if code in conflicts.CHECKS:
        return conflicts.name(code)
    return issue_texts.rule(code) if code else ""


def settled(item: ReturnItem) -> bool:
    return hasattr(item, "answer") and item.answer.settled is True


def awaiting(item: ReturnItem) -> bool:
    """Answered, and not accepted by the county."""
    return hasattr(item, "answer") and item.answer.settled is not True


def answerable(item: ReturnItem, version: PlanVersion, user: User) -> bool:
    return returns.may_answer(user, version) and not settled(item)


@login_required
@require_http_methods(["GET", "POST"])
def return_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Return a version with its points: the form has a row for each, and as many more as are asked for."""
    version = seen(request.user, pk)
    if "return" not in {t.name for t in workflow.allowed(version, request.user)}:
        raise NotAllowed(_("Your role may not return this version now."))
    note, rows, errors, status = "", [], [], 200
    if request.method == "POST":
        note, rows = request.POST.get("note", "")[:5000], typed(request)
        rows += chosen_findings(version, request.POST)
        if "more" in request.POST:
            rows += [{}] * MORE_ROWS
        else:
            try:
                returns.return_with_items(version, read(rows), by=request.user, note=note)
            except PortalError as error:
                errors, status = [{"field": place_of(error), "text": str(error.message)}], error.status
            else:
                messages.success(request, _("Returned with its points. The village answers each in its next version."))
                return redirect(f"{reverse('case', args=[pk])}#returns")
    else:
        rows = chosen_findings(version, request.GET)
        rows += [{}] * max(ROWS - len(rows), 1)
    context = {
        "version": version, "note": note, "rows": list(enumerate(rows, 1)), "errors": errors,
        "rules": [(code, rule_name(code)) for code in (*conflicts.CHECKS, *issue_texts.RULES)],
        "trail": trail(version, _("Return with points")),
    }  # fmt: skip
    return render(request, "planning/case/return_new.html", context, status=status)


def chosen_findings(version: PlanVersion, given: QueryDict) -> list[dict[str, str]]:
    """Points made of conflicts that were chosen on the review page (`finding`, by number): zone, rule and the conflict in
    words, to be changed and sent by a person."""
    chosen = given.getlist("finding")[: returns.MOST_ITEMS]
    numbers = [int(number) for number in chosen if number.isascii() and number.isdigit() and len(number) < 10]
    found = (
        version.findings.filter(number__in=numbers).select_related("zone").defer("geom", "zone__geom", "zone__geom_web")
    )
    return [point_of(finding) for finding in found.order_by("number")]


def point_of(finding: Finding) -> dict[str, str]:
    said = conflicts.sentence(finding.code, finding.category, finding.area_m2, finding.detail)
    return {"zone": str(finding.zone.number) if finding.zone else "", "rule": finding.code, "text": said}


def made(request: HttpRequest, version: PlanVersion, name: str, note: str) -> PlanVersion:
    """A step sent from a page; a return takes the points that were sent with it."""
    if name == "return" and (rows := read(typed(request))):
        return returns.return_with_items(version, rows, by=request.user, note=note)
    return workflow.move(version, name, by=request.user, note=note)


def typed(request: HttpRequest) -> list[dict[str, str]]:
    """The rows of the form as they were typed."""
    count = min(max((len(request.POST.getlist(name)) for name in FIELDS), default=0), returns.MOST_ITEMS)
    columns = {name: request.POST.getlist(name) for name in FIELDS}
    return [
        {name: said[n].replace("\x00", "") if n < len(said) else "" for name, said in columns.items()} for n in range(count)
    ]  # fmt: skip


def read(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Points of the rows that were filled in; a row keeps its number in what is said about it."""
    found = []
    for row in rows:
        if not any(value.strip() for value in row.values()):
            continue
        zone = row["zone"].strip()
        if zone and not (zone.isascii() and zone.isdigit() and len(zone) < 8):
            raise PortalError(_("“%(zone)s” is no number of a zone.") % {"zone": zone[:20]}, code="zone")
        found.append({**row, "zone": int(zone) if zone else None, "suggestion": parsed(row["suggestion"])})
    return found


def parsed(text: str) -> Any:
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PortalError(_("The suggested outline is no GeoJSON polygon."), code="suggestion") from error


def place_of(error: PortalError) -> str:
    if error.code == "note_missing":
        return "note"
    field = error.code if error.code in FIELDS else "text"
    return f"{field}-{error.data['item']}" if "item" in error.data else ""
