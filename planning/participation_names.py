"""Under which name a comment is shown: one answer for pages, API, tables and exports."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from planning.models import Channel, Comment, Reply
from portal import names_shown
from portal.models import Role, User
from portal.people import VERIFIERS
from portal.rules import has_role
from portal.sealing import starred
from portal.templatetags.portal import day


def shown_name(comment: Comment, reader: User | AnonymousUser) -> str:
    """Who says it: the author's nickname or masked name; the real name for committee and township of the village, who verify
    identities (实名只对核实身份的村委会、乡镇可见), and that it was shown to them is on record.

    Of a comment on behalf of somebody (代录) it is who said it, masked alike, or that a villager did; never who entered it.
    A table or file for the public is made with `AnonymousUser()` as its reader.
    """
    masked, real = names_of(comment)
    if real == masked or not has_role(reader, VERIFIERS, comment.division_code):
        return masked
    if not is_own(comment, reader):
        names_shown.note(reader, comment.version, comment.pk)
    return real


def names_of(comment: Comment) -> tuple[str, str]:
    """Under which name it stands in public, and the real one; the same where there is none."""
    if not comment.on_behalf:
        return comment.author.masked_name, str(comment.author)
    if comment.channel == Channel.IMPORT:
        return (participant(comment),) * 2
    if comment.speaker:
        return starred(comment.speaker), comment.speaker
    return (_("A villager"),) * 2


def participant(comment: Comment) -> str:
    """Who said it in an earlier consultation: "Participant 357". A number of that file, no person, so nothing is masked."""
    number = comment.speaker.removeprefix("participant ")
    return _("Participant %(number)s") % {"number": number} if number else _("Somebody in an earlier consultation")


def said_where(comment: Comment) -> str:
    """How a comment on behalf of somebody came (代录), in words; empty for one that its author wrote here."""
    on = {"day": day(comment.said_on or comment.created_at)}
    if comment.channel == Channel.MEETING:
        return _("Said at the village meeting on %(day)s, entered for the villager") % on
    if comment.channel == Channel.PAPER:
        return _("Written on paper on %(day)s, entered for the villager") % on
    if comment.channel == Channel.IMPORT:
        return _("From an earlier consultation: %(title)s") % {"title": comment.consultation.title}
    return ""


def is_own(comment: Comment, reader: User | AnonymousUser) -> bool:
    """Whether the reader wrote it; who entered it for somebody else did not."""
    return comment.author_id == reader.pk and not comment.on_behalf


def office(reply: Reply, division_code: str) -> str:
    """In which office an answer was given, which matters to residents and not the person: committee, township or planner.

    Offices that have ended since count, or an old answer would come from nobody."""
    held = {m.role for m in reply.author.memberships.all() if division_code.startswith(m.prefix)}
    for role in (Role.COMMITTEE, Role.TOWNSHIP, Role.PLANNER):
        if role in held:
            return str(role.label)
    return _("Village committee, planner or township")
