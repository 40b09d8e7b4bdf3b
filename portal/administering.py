"""Who looks after which accounts (账号管理), and what may be done to one: close it, open it, sign it out, take off its second factor."""

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from portal import audit, second_factor
from portal.errors import Conflict, NotAllowed
from portal.models import Membership, Role, User
from portal.rules import prefixes


def visible_to(by: User) -> QuerySet[User]:
    """Accounts an administrator looks after: every role they ever held lies in the administrator's division."""
    if not by.is_authenticated or not by.is_active:
        return User.objects.none()
    if by.is_superuser:
        return User.objects.all()
    own = Q()
    for prefix in prefixes(by, (Role.ADMINISTRATOR,)):
        own |= Q(division_code__startswith=prefix)
    if not own:
        return User.objects.none()
    elsewhere = Membership.objects.exclude(own).values("user")
    inside = Membership.objects.filter(own).values("user")
    return User.objects.filter(pk__in=inside).exclude(pk__in=elsewhere).exclude(is_superuser=True)


def looks_after_accounts(by: User) -> bool:
    return by.is_active and (by.is_superuser or bool(prefixes(by, (Role.ADMINISTRATOR,))))


def listed(by: User, q: str) -> QuerySet[User]:
    """Those whose user name holds `q`, with what a list shows of them."""
    people = visible_to(by).filter(username__icontains=q) if q else visible_to(by)
    return people.select_related("second_factor").prefetch_related("memberships").order_by("username")


def check(by: User, user: User) -> None:
    """Refuse whoever does not look after the account; nobody does these things to the own one."""
    if by.pk == user.pk:
        raise NotAllowed(_("For your own account another administrator must do this."))
    if not visible_to(by).filter(pk=user.pk).exists():
        raise NotAllowed(_("You do not look after this account."))


@transaction.atomic
def close(user: User, *, by: User, reason: str) -> None:
    """Close an account: its sessions and tokens end at their next request, what it did stays."""
    check(by, user)
    set_active(user, False, by=by, verb="account.closed", reason=reason)


@transaction.atomic
def reopen(user: User, *, by: User, reason: str) -> None:
    check(by, user)
    set_active(user, True, by=by, verb="account.opened", reason=reason)


def set_active(user: User, active: bool, *, by: User, verb: str, reason: str) -> None:
    # what ended with a closed account does not come back when it opens again
    ended = F("sessions_ended") + 1
    if not User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active, sessions_ended=ended):
        raise Conflict(_("This account is open already.") if active else _("This account is closed already."))
    user.is_active = active
    audit.record(verb, user, by=by, before={"is_active": not active}, after={"is_active": active, "reason": reason})


@transaction.atomic
def remove_second_factor(user: User, *, by: User, reason: str) -> None:
    """For who has lost telephone and recovery codes; the reason says how it was made sure who asked."""
    check(by, user)
    second_factor.remove(user, by=by, reason=reason)


@transaction.atomic
def sign_out(user: User, *, by: User) -> None:
    """End all sessions and tokens of an account: one's own, or one that one looks after."""
    if by.pk != user.pk:
        check(by, user)
    user.sessions_ended += 1
    user.save(update_fields=["sessions_ended"])
    audit.record("account.signed_out_everywhere", user, by=by)
