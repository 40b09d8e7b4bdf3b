"""What the portal tells a person (消息): rows that stay until they are read, once for the same thing.

tell(holders([Role.TOWNSHIP], code), "deadline_near", url=…, once=f"near:{pk}:5", subject=version.plan.name, …)
"""

import datetime
import hashlib
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.ids import new_id
from portal.models import Consent, Department, Membership, Notification, Person, User
from portal.templatetags.portal import day

LANGUAGES = ("zh-hans", "en")

# kind -> sentence; a kind that is told nowhere is removed. `plan` is the name of a plan, `number` that of a version.
KINDS = {
    "notice_opened": _("The public notice of %(plan)s, version %(number)s, is open until %(day)s."),
    "notice_ends": _("The public notice of %(plan)s, version %(number)s, ends on %(day)s; %(comments)s."),
    "step_blocked": _("“%(step)s” is due for %(plan)s, version %(number)s, but cannot be made yet: %(missing)s"),
    "in_force": _("%(plan)s, version %(number)s, is in force."),
    "deadline_near": _("%(what)s: %(plan)s, version %(number)s, is due on %(day)s; %(left)s."),
    "deadline_late": _("%(what)s: %(plan)s, version %(number)s, was due on %(day)s and is late."),
    "deadline_counted_anew": _("%(what)s: %(plan)s, version %(number)s, is now due on %(day)s; the calendar changed."),
    "commission_near": _("The plan of %(village)s is to be handed in by %(day)s; %(left)s."),
    "commission_late": _("The plan of %(village)s was to be handed in by %(day)s and is late."),
    "date_moved": _("%(plan)s, version %(number)s: “%(state)s” is now planned for %(day)s."),
    "step_made": _("%(plan)s, version %(number)s, is now “%(state)s”."),
    "returned": _("%(plan)s, version %(number)s, was returned: read what is to be changed."),
    "comment_new": _("A new comment on %(plan)s, version %(number)s, waits for an answer."),
    "comment_answered": _("Your comment on %(plan)s was answered."),
    "supported_answered": _("A comment on %(plan)s that you support was answered."),
    "comment_held": _("A comment on %(plan)s, version %(number)s, waits for a look before it is public, until %(day)s."),
    "comment_released": _("Your comment on %(plan)s is public now."),
    "comments_many": _("One person has written as many comments on %(plan)s, version %(number)s, as a day allows: please look."),
    "comment_mistake": _("A comment on %(plan)s, version %(number)s, was entered by mistake: please take it out of sight."),
    "comment_hidden": _("Your comment on %(plan)s was taken out of sight: %(reason)s"),
    "opinion_asked": _("You are asked for an opinion on %(plan)s, version %(number)s, by %(day)s."),
    "opinion_given": _("%(who)s has given an opinion on %(plan)s, version %(number)s."),
    "opinion_answered": _("Your opinion on %(plan)s, version %(number)s, was answered."),
    "opinion_called_back": _("Your opinion on %(plan)s, version %(number)s, is not needed any more."),
    "opinion_conflict": _(
        "%(who)s cannot give an opinion on %(plan)s, version %(number)s, because of a conflict of interest: ask somebody else."
    ),
    "condition_met": _("A condition of the approval of %(plan)s was marked as met."),
    "many_looks": _("%(who)s has looked at the data of people %(looks)s times within five minutes; please ask why."),
    "account_locked": _(
        "Somebody typed a wrong password for your account too often; sign-in was locked for %(minutes)s minutes. If it was not you, "
        "change your password and tell your administrator."
    ),
    "account_guessed": _(
        "Sign-in of %(who)s was locked %(locks)s times within a day: somebody may be guessing the password. Please ask its owner, and "
        "give a one-time link if it is needed."
    ),
    "notice_ends_soon": _("The public notice of %(plan)s, version %(number)s, ends on %(day)s; %(left)s."),
    "area_new": _("%(plan)s, version %(number)s, can be read now. In “%(area)s” it has %(zones)s."),
    "area_changed": _("%(plan)s, version %(number)s, can be read now. In “%(area)s” %(zones)s from version %(before)s."),
    "area_answered": _("In “%(area)s” (%(place)s) %(answers)s."),
    "password_slip": _(
        "Your village committee or township printed a slip with which a new password can be set for your account. If you did not "
        "ask for it, tell the administrator of your county."
    ),
    "waiver_asked": _("An exception for %(plan)s, version %(number)s, waits for a second person."),
}  # fmt: skip


def tell(users: Iterable[User], kind: str, *, url: str = "", once: str = "", **values: Any) -> list[Notification]:
    """Tell people something; with `once` each of them at most once, however often and however parallel it is called.

    Values are plain text or numbers, dates, or lazy translations: those are kept in every language of the portal, so that
    each reads them in the own one. Personal data does not belong here. Answers the new rows.
    """
    kept = ready(kind, values)
    people = {user.pk: user for user in users if user.is_active}
    rows = [Notification(user=u, kind=kind, values=kept, url=url, once=key_of(once)) for u in people.values()]
    return keep(rows, once=bool(once))


def ready(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    """Values as a row keeps them; a kind that does not exist, or a value that lacks, fails here and not on the reader's page."""
    kept = {name: stored(value) for name, value in values.items()}
    KINDS[kind] % kept
    return kept


def keep(rows: list[Notification], *, once: bool) -> list[Notification]:
    """Store notifications of active people, with as many queries for many as for one; those that go out by e-mail too are marked."""
    if once:
        keys = {row.once for row in rows}
        told = Notification.objects.filter(user__in={row.user_id for row in rows}, once__in=keys)
        known = set(told.values_list("user", "once"))
        rows = [row for row in rows if (row.user_id, row.once) not in known]
    mailed = by_mail({row.user_id for row in rows})
    for row in rows:
        row.by_mail = row.user_id in mailed
    return Notification.objects.bulk_create(rows, ignore_conflicts=True)  # somebody else may tell it at this moment


def by_mail(numbers: set[int]) -> set[int]:
    """Of these people those who agreed to e-mail and confirmed their address; none where no mail server is set up."""
    if not settings.MAIL_SET_UP or not numbers:
        return set()
    agreed = Consent.objects.filter(user__in=numbers, purpose=Consent.Purpose.EMAIL, withdrawn_at=None)
    confirmed = Person.objects.filter(pk__in=agreed.values("user"), email_confirmed_at__isnull=False)
    return set(confirmed.values_list("pk", flat=True))


def key_of(once: str) -> str:
    """The name of a notification among those of a person, for addresses too: it gives away no number of a row."""
    return hashlib.sha256(once.encode()).hexdigest()[:20] if once else new_id()


def stored(value: Any) -> Any:
    """A value as the row keeps it: words and dates in each language, the rest as it is."""
    if isinstance(value, datetime.date):
        return {language: in_language(language, day, value) for language in LANGUAGES}
    if isinstance(value, Promise):
        return {language: in_language(language, str, value) for language in LANGUAGES}
    return value


def in_language(language: str, function: Any, *arguments: Any) -> str:
    with translation.override(language):
        return function(*arguments)


def words(notification: Notification, *, instead: dict[str, str] | None = None) -> str:
    """The sentence of a notification in the reader's language; `instead`: what stands for values that are not to be said."""
    language = "en" if get_language() == "en" else "zh-hans"
    told = {k: v[language] if isinstance(v, dict) else v for k, v in notification.values.items()}
    told |= {name: text for name, text in (instead or {}).items() if name in told}
    return str(KINDS[notification.kind]) % told


def holders(roles: Iterable[str], division_code: str, *, department: str = "") -> list[User]:
    """Active people who hold one of the roles over a division today, in the division itself or in one above it."""
    codes = {division_code[:length].ljust(12, "0") for length in (2, 4, 6, 9, 12)}
    held = Membership.objects.active().filter(role__in=list(roles), division_code__in=codes, user__is_active=True)
    if department:
        held = held.filter(department=Department(department))
    return list(User.objects.filter(pk__in=held.values("user")).order_by("pk"))


def unread(user: User) -> int:
    """How many notifications a person has not read."""
    return user.notifications.filter(read_at=None).count()


def mark_read(user: User, key: str = "") -> int:
    """Mark one notification as read, or all of them; how many were not read before."""
    rows = user.notifications.filter(read_at=None)
    return (rows.filter(once=key) if key else rows).update(read_at=timezone.now())
