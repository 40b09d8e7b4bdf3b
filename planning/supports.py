"""Supporting another's comment (附议) instead of repeating it.

Everybody who is signed in may support, once. What is counted are people somebody knows: their identity was verified, they were
invited with the code of their household in this village, or they hold an office. The others are told apart, and count as soon
as they are known.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext as _

from planning.models import Comment, PlanVersion, State, Support
from portal.audit import record
from portal.errors import Conflict, NotAllowed
from portal.models import Membership, Person, Role, User
from villages.models import HouseholdMember


@dataclass(frozen=True)
class Supports:
    """Who supports a comment: known people, others, and whether the reader is one of them and may be."""

    count: int = 0
    unconfirmed: int = 0
    mine: bool = False
    may: bool = False

    def as_json(self) -> dict[str, int | bool]:
        return {"count": self.count, "unconfirmed": self.unconfirmed, "mine": self.mine}


def is_open(version: PlanVersion) -> bool:
    """Supports are taken as long as comments are: until the last day of the public notice."""
    return (
        version.state == State.NOTICE
        and hasattr(version, "notice")
        and timezone.localdate() <= version.notice.closes_on
    )


@transaction.atomic
def support(comment: Comment, *, by: User) -> bool:
    """Support a comment; again, and it stays one support. Whether it is new."""
    comment = locked(comment, by)
    _row, created = Support.objects.get_or_create(comment=comment, user=by)
    if created:
        record("comment.supported", comment, by=by)
    return created


@transaction.atomic
def take_back(comment: Comment, *, by: User) -> bool:
    """Take a support back; whether there was one."""
    comment = locked(comment, by)
    gone, _rows = Support.objects.filter(comment=comment, user=by).delete()
    if gone:
        record("comment.support_taken_back", comment, by=by)
    return bool(gone)


def locked(comment: Comment, by: User) -> Comment:
    """The comment, locked, for somebody who may support it now."""
    if not by.has_perm("planning.comment", comment.version):
        raise NotAllowed(_("Please sign in to support a comment."))
    rows = Comment.objects.select_for_update(of=("self",), no_key=True).select_related(
        "version__plan", "version__notice"
    )
    comment = rows.get(pk=comment.pk)
    if comment.author_id == by.pk:
        raise Conflict(_("This comment is from yourself; others may support it."), code="own_comment")
    if comment.waits or comment.hidden_at:
        raise Conflict(_("The comment is not public, so it cannot be supported."), code="not_public")
    if not is_open(comment.version):
        raise Conflict(_("Comments are supported only while the plan is in public notice."), code="notice_closed")
    return comment


def by_known(version: PlanVersion) -> Q:
    """For a query of supports: whether the person is one that is counted. Of those known by their household alone as many count
    as belong to it by the table of households, the first ones: one slip opens more accounts than people live there."""
    member = HouseholdMember.objects.filter(user=OuterRef("user"), household__village=version.plan.village_id)
    persons = member.values(n=Greatest("household__persons", 1))
    household = "user__household_member__household"
    before = (
        Support.objects.filter(comment=OuterRef("comment"), **{household: OuterRef(household)})
        .filter(Q(pk__lt=OuterRef("pk")) | by_person())
        .order_by()
        .values("comment")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return by_person() | Q(GreaterThan(Coalesce(Subquery(persons), 0), Coalesce(Subquery(before), 0)))


def by_person() -> Q:
    """For a query of supports: whether an office knows the person, and not the household alone."""
    known = Exists(Person.objects.filter(user=OuterRef("user"), verified_at__isnull=False))
    return known | Exists(Membership.objects.active().filter(user=OuterRef("user")).exclude(role=Role.RESIDENT))


def counted(version: PlanVersion) -> Coalesce:
    """For a query of comments of a version: how many known people support each."""
    rows = Support.objects.filter(by_known(version), comment=OuterRef("pk")).order_by().values("comment")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def of_comments(comments: Iterable[Comment], reader: User | AnonymousUser, version: PlanVersion) -> dict[str, Supports]:
    """Comment id -> its supports, for comments of one version, in two questions however many they are."""
    comments = list(comments)
    rows = Support.objects.filter(comment__in=[comment.pk for comment in comments])
    told = rows.annotate(known=by_known(version)).order_by().values("comment_id")
    counts = {
        row["comment_id"]: (row["count"], row["others"])
        for row in told.annotate(count=Count("pk", filter=Q(known=True)), others=Count("pk", filter=Q(known=False)))
    }
    signed_in = reader.is_authenticated
    own = set(rows.filter(user=reader).values_list("comment_id", flat=True)) if signed_in else set()
    opened = signed_in and is_open(version) and reader.has_perm("planning.comment", version)
    return {
        comment.pk: Supports(
            *counts.get(comment.pk, (0, 0)),
            mine=comment.pk in own,
            may=opened and comment.author_id != reader.pk and not comment.waits and not comment.hidden_at,
        )
        for comment in comments
    }
