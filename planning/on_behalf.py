"""Entering comments on behalf of others (代录): what was entered today, and saying that one was entered by mistake.

Comments are never deleted, and the committee takes none out of sight, because most are about the committee: else an objection said
at a meeting could vanish as a mistake. What was entered wrongly is entered again rightly, and township or county, who moderate, are
asked to hide the wrong one with that reason.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planning import participation
from planning.models import MODERATORS, Channel, Comment, PlanVersion
from portal.audit import record
from portal.errors import Conflict, NotAllowed
from portal.models import AuditEntry, User

ENTERED = (Channel.MEETING, Channel.PAPER)
ENTERED_CHOICES = [(channel.value, channel.label) for channel in ENTERED]
MISTAKE = "comment.mistake"
ONLY = gettext_lazy("Only the village committee, its planner or the township enters comments for others.")


def may_enter(user: User, version: PlanVersion) -> bool:
    """The committee, its planner or the township, while the notice runs and for some days after it, until the plan is approved."""
    return user.has_perm("planning.enter_comment", version) and participation.takes_entries(version)


def entered_today(version: PlanVersion) -> QuerySet[Comment]:
    """What was entered for others today, by anybody who enters here, newest first."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return version.comments.for_page().filter(channel__in=ENTERED, created_at__gte=midnight).order_by("-created_at")


def reported(comments: Iterable[Comment]) -> set[str]:
    """Ids of those that were reported as entered by mistake."""
    ids = [comment.pk for comment in comments]
    return set(AuditEntry.objects.filter(verb=MISTAKE, object_id__in=ids).values_list("object_id", flat=True))


@transaction.atomic
def report_mistake(comment: Comment, *, by: User) -> None:
    """Say that a comment was entered by mistake: who moderates is told, and hides it with that reason."""
    if not by.has_perm("planning.enter_comment", comment.version):
        raise NotAllowed(ONLY)
    comment = Comment.objects.select_for_update(of=("self",)).select_related("version__plan").get(pk=comment.pk)
    if comment.channel not in ENTERED:
        raise Conflict(_("Only what was entered for somebody else can be reported as a mistake."), code="not_entered")
    if comment.hidden_at:
        raise Conflict(_("The comment is hidden already."), code="hidden")
    if reported([comment]):
        raise Conflict(_("Township and county know already that it was a mistake."), code="reported")
    record(MISTAKE, comment, by=by)
    participation.tell(MODERATORS, comment.version, "comment_mistake", comment.pk)
