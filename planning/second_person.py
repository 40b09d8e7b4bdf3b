"""A second person (双人办理): who handed a plan in or submitted it does not approve it, who approved it does not publish it."""

from collections.abc import Callable, Iterable

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from planning.models import PlanVersion, State, Step
from portal.errors import NotAllowed
from portal.models import User


def own_plan(user: User) -> Q:
    """The person handed in a version of the plan, or submitted (报批) it since it was last decided on."""
    handed_in = PlanVersion.objects.filter(plan=OuterRef("plan"), created_by=user)
    decided = Step.objects.filter(
        to_state=State.APPROVED, version__plan=OuterRef("version__plan"),
        version__number__gte=OuterRef("version__number"), version__number__lt=OuterRef(OuterRef("number")),
    )  # fmt: skip
    submitted = Step.objects.filter(
        to_state=State.SUBMITTED, by=user, version__plan=OuterRef("plan"), version__number__lte=OuterRef("number")
    )
    return Q(Exists(handed_in)) | Q(Exists(submitted.exclude(Exists(decided))))


def approved(user: User) -> Q:
    """The person approved the version."""
    return Q(Exists(Step.objects.filter(version=OuterRef("pk"), to_state=State.APPROVED, by=user)))


BARS: dict[str, Callable[[User], Q]] = {State.APPROVED: own_plan, State.PUBLISHED: approved}
"""what a person did before that bars from bringing a version to a state"""


def barred(user: User, target: str, version: PlanVersion) -> bool:
    """Whether bringing the version to that state takes somebody else."""
    known = getattr(version, "_barred", {})
    if user.pk in known:
        return target in known[user.pk]
    return target in BARS and PlanVersion.objects.filter(BARS[target](user), pk=version.pk).exists()


def remember(versions: Iterable[PlanVersion], user: User) -> None:
    """Ask once for many versions that are shown to a person."""
    versions = list(versions)
    rows = PlanVersion.objects.filter(pk__in=[version.pk for version in versions])
    found = {target: set(rows.filter(bar(user)).values_list("pk", flat=True)) for target, bar in BARS.items()}
    for version in versions:
        version._barred = {user.pk: {target for target, pks in found.items() if version.pk in pks}}


def check(user: User, target: str, version: PlanVersion) -> None:
    """NotAllowed, if it takes somebody else."""
    if not barred(user, target, version):
        return
    if target == State.APPROVED:
        raise NotAllowed(_("Whoever handed in or submitted a plan may not approve it."), code="own_plan")
    raise NotAllowed(_("Whoever approved a plan may not publish it: a second person is needed."), code="second_person")
