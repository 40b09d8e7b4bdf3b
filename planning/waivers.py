"""Authorised exceptions (授权例外): an official asks for one with reason and document, a second one confirms or refuses.

The order of locks is always versions, then the exception: a computation that writes findings holds the version too.
"""

import shutil
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from planning import documents, waived
from planning.models import Finding, PlanVersion, Waiver
from portal import notify
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import Role, User
from portal.rules import STAFF, prefixes

REASON_CHARS, NUMBER_CHARS = 2000, 100
OPEN = (Waiver.State.PROPOSED, Waiver.State.CONFIRMED)


def visible_to(user: User) -> QuerySet[Waiver]:
    """Exceptions of the divisions one works for; residents read reason and number with the finding."""
    seen = Q(pk__in=[])
    for prefix in prefixes(user, STAFF):
        seen |= Q(plan__village__division__code__startswith=prefix)
    rows = Waiver.objects.filter(seen)
    return rows.select_related(
        "plan__village__division__parent", "version", "proposed_by", "decided_by", "withdrawn_by"
    )


def propose(finding: Finding, *, reason: str, document: File, document_number: str, by: User, key: str = "") -> Waiver:
    """Ask for an exception for a real conflict. `key` is the name of the conflict the person saw: a computation between
    reading and asking may have numbered the findings anew."""
    version = PlanVersion.objects.with_plan().get(pk=finding.version_id)
    check_right(by, version)
    reason, number = words(reason, document_number)
    sha256 = documents.checked(document)
    waiver = Waiver(plan=version.plan, version=version, proposed_by=by)
    try:
        with transaction.atomic():
            finding = locked(version, finding, key)
            fill(waiver, finding)
            waiver.reason, waiver.document_number, waiver.sha256 = reason, number, sha256
            waiver.document_name = printable(Path(document.name or "").name)[:255]
            waiver.document.save("document", document, save=False)
            waiver.save(force_insert=True)
            after = {
                "waiver": waiver.pk,
                "finding": finding.key,
                "reason": reason,
                "document": number,
                "sha256": sha256,
            }
            record("waiver.proposed", waiver, by=by, after=after)
            tell_second(waiver, by)
    except BaseException as error:  # no row will tell of this file
        if waiver.document and waiver.document.name:
            shutil.rmtree(Path(waiver.document.path).parent, ignore_errors=True)
        if isinstance(error, IntegrityError) and "waiver_once_for_a_conflict" in str(error):
            raise asked_already() from error
        raise
    return waiver


def tell_second(waiver: Waiver, by: User) -> None:
    """Tell those who may be the second person."""
    version = waiver.version
    people = notify.holders([Role.COUNTY_REVIEWER, Role.COUNTY_LEADER], version.division_code)
    notify.tell(
        [person for person in people if person.pk != by.pk and may_deal(person, version)], "waiver_asked",
        url=reverse("waiver", args=[waiver.pk]), plan=version.plan.name, number=version.number,
    )  # fmt: skip


def check_right(by: User, version: PlanVersion) -> None:
    """County reviewers and leaders, but nobody who handed in a version of this plan."""
    if not by.has_perm("planning.except", version):
        raise NotAllowed(_("Only a reviewer or leader of the county may deal with exceptions."))
    if version.plan.versions.filter(created_by=by).exists():
        raise NotAllowed(
            _("Whoever handed in a plan may not deal with exceptions from its conflicts."), code="own_plan"
        )


def words(reason: str, number: str) -> tuple[str, str]:
    """Reason and number of the document as they are kept."""
    reason, number = reason.replace("\x00", "").strip(), printable(number).strip()
    if not reason or len(reason) > REASON_CHARS:
        raise PortalError(
            _("Please give a reason of 1 to %(limit)d characters.") % {"limit": REASON_CHARS}, code="reason"
        )
    if not number or len(number) > NUMBER_CHARS:
        raise PortalError(_("Please give the number of the document, at most %(limit)d characters.")
                          % {"limit": NUMBER_CHARS}, code="document_number")  # fmt: skip
    return reason, number


def printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())


def locked(version: PlanVersion, finding: Finding, key: str) -> Finding:
    """The finding as it stands now, with its version held: it must be a real conflict of a version that is not decided."""
    row = PlanVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if row.state not in waived.UNDECIDED:
        raise Conflict(_("The version is now “%(state)s”; no exception can be asked for any more.")
                       % {"state": row.get_state_display()}, code="wrong_state")  # fmt: skip
    found = row.findings.select_related("zone").filter(number=finding.number).first()
    if found is None or found.key != (key or finding.key):
        raise Conflict(
            _("The conflicts were computed again meanwhile. Open the review page and look once more."), code="changed"
        )
    if not found.key:
        raise Conflict(
            _("The conflicts of this version have no names yet. Have it computed again first."), code="unnamed"
        )
    if found.category == Finding.Category.EXCEPTION:
        raise asked_already()
    if not needs_one(found):
        raise Conflict(
            _("Only a real conflict needs an exception; this one does not stand in the way of approval."),
            code="not_needed",
        )
    if Waiver.objects.filter(plan=version.plan, key=found.key, state__in=OPEN).exists():
        raise asked_already()
    return found


def needs_one(finding: Finding) -> bool:
    """Whether a finding stands in the way of anything."""
    return finding.category == Finding.Category.REAL and finding.severity != Finding.Severity.INFO


def asked_already() -> Conflict:
    return Conflict(
        _("An exception for this conflict was asked for already. Withdraw it first, if another one is needed."),
        code="asked",
    )


def fill(waiver: Waiver, finding: Finding) -> None:
    """What the exception is for, as the finding says it now."""
    waiver.code, waiver.key, waiver.subject = finding.code, finding.key, finding.subject
    waiver.area_m2, waiver.geom = finding.area_m2, finding.geom
    waiver.zone_number = finding.zone.number if finding.zone else None
    waiver.land_use = waived.land_use_of(finding)


def confirm(waiver: Waiver, *, by: User, note: str = "") -> Waiver:
    """Confirm as the second person; the conflict becomes an authorised exception in every version that is not decided."""
    return decide(waiver, Waiver.State.CONFIRMED, by=by, note=note)


def refuse(waiver: Waiver, *, by: User, note: str) -> Waiver:
    """Refuse as the second person, with reasons; the conflict stays real."""
    if not note.replace("\x00", "").strip():
        raise PortalError(_("Please give the reasons."), code="note_missing")
    return decide(waiver, Waiver.State.REFUSED, by=by, note=note)


@transaction.atomic
def decide(waiver: Waiver, state: Waiver.State, *, by: User, note: str) -> Waiver:
    """Write the decision of the second person; of two who decide at once exactly one does."""
    check_right(by, waiver.version)
    held = held_with_versions(waiver)
    if held.proposed_by_id == by.pk:
        raise NotAllowed(_("A second person must decide: you asked for this exception yourself."), code="same_person")
    must_be(held, Waiver.State.PROPOSED)
    held.state, held.decided_by, held.decided_at = state, by, timezone.now()
    held.decision_note = note.replace("\x00", "").strip()[:REASON_CHARS]
    held.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])
    changed = waived.apply_to_plan(held.plan) if state == Waiver.State.CONFIRMED else 0
    told(held, by, before=Waiver.State.PROPOSED, note=held.decision_note, findings=changed)
    return held


@transaction.atomic
def withdraw(waiver: Waiver, *, by: User, note: str = "") -> Waiver:
    """Take an exception back: whoever asked, while it waits; afterwards any reviewer or leader, unless an approval rests on it."""
    check_right(by, waiver.version)
    held = held_with_versions(waiver)
    must_be(held, *OPEN)
    before = held.state
    if before == Waiver.State.PROPOSED and held.proposed_by_id != by.pk:
        raise NotAllowed(_("Only whoever asked for an exception may withdraw it while it waits; refuse it instead."))
    if approved := waived.stands_on(held):
        raise Conflict(
            _("The approval of version %(number)d rests on this exception.") % {"number": approved.number},
            code="in_force",
        )
    held.state, held.withdrawn_by, held.withdrawn_at = Waiver.State.WITHDRAWN, by, timezone.now()
    held.save(update_fields=["state", "withdrawn_by", "withdrawn_at"])
    changed = waived.apply_to_plan(held.plan) if before == Waiver.State.CONFIRMED else 0
    told(held, by, before=before, note=note.replace("\x00", "").strip()[:REASON_CHARS], findings=changed)
    return held


def held_with_versions(waiver: Waiver) -> Waiver:
    """The exception, locked after the versions it may change; these the newest first, as the steps of the workflow do."""
    versions = PlanVersion.objects.filter(plan=waiver.plan_id, state__in=waived.UNDECIDED)
    list(versions.select_for_update(no_key=True).order_by("-number").values_list("pk"))
    return Waiver.objects.select_for_update(of=("self",)).select_related("plan", "version").get(pk=waiver.pk)


def must_be(waiver: Waiver, *states: Waiver.State) -> None:
    if waiver.state not in states:
        raise Conflict(
            _("The exception is now “%(state)s”; this is not possible any more.")
            % {"state": waiver.get_state_display()},
            code="wrong_state",
        )


def told(waiver: Waiver, by: User, *, before: str, **after: Any) -> None:
    record(
        f"waiver.{waiver.state}",
        waiver,
        by=by,
        before={"state": str(before)},
        after={"state": str(waiver.state), **after},
    )


def may_decide(user: User, waiver: Waiver) -> bool:
    """Whether this person may be the second one."""
    return waiver.state == Waiver.State.PROPOSED and waiver.proposed_by_id != user.pk and may_deal(user, waiver.version)


def may_withdraw(user: User, waiver: Waiver) -> bool:
    own = waiver.state == Waiver.State.PROPOSED and waiver.proposed_by_id == user.pk
    return (own or waiver.state == Waiver.State.CONFIRMED) and may_deal(user, waiver.version)


def may_ask(user: User, version: PlanVersion) -> bool:
    """Whether this person may ask for exceptions from conflicts of a version now."""
    return version.state in waived.UNDECIDED and may_deal(user, version)


def may_deal(user: User, version: PlanVersion) -> bool:
    try:
        check_right(user, version)
    except NotAllowed:
        return False
    return True
