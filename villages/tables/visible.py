"""Whose tables a person may see: those of kinds and divisions the person may hand in. Strangers are told there is nothing."""

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from portal.models import User
from portal.rules import prefixes
from villages.models import Division, TableImport, Village
from villages.tables.kinds import KINDS, Kind


def kinds_of(user: User) -> list[Kind]:
    """Kinds of tables the person may hand in somewhere."""
    return [kind for kind in KINDS.values() if prefixes(user, kind.roles)]


def imports_of(user: User) -> QuerySet[TableImport]:
    seen = Q(pk__in=[])
    for kind in KINDS.values():
        for prefix in prefixes(user, kind.roles):
            seen |= Q(kind=kind.name, division_code__startswith=prefix)
    return TableImport.objects.brief().filter(seen).select_related("job", "created_by")


def import_of(user: User, pk: str) -> TableImport:
    """The one way to an imported table."""
    return get_object_or_404(imports_of(user), pk=pk)


def divisions_of(user: User, kind: Kind) -> QuerySet[Division]:
    """Where the person may hand in tables of a kind: the divisions of the roles, and the villages below them."""
    if kind.name == "divisions":
        return Division.objects.filter(
            pk__in=[m.division_code for m in user.active_memberships() if m.role in kind.roles]
        )
    below = Q(pk__in=[])
    for prefix in prefixes(user, kind.roles):
        below |= Q(pk__startswith=prefix)
    own = [m.division_code for m in user.active_memberships() if m.role in kind.roles]
    villages = Q(pk__in=Village.objects.values("pk"))
    return Division.objects.filter(below & (villages if kind.village_only else villages | Q(pk__in=own)))
