"""Recognising a file that was handed in before: the same bytes for the same village, told only to who may see it."""

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planning import profiles
from planning.models import PlanVersion
from portal.errors import Conflict
from portal.models import Upload, User
from portal.rules import STAFF, prefixes
from portal.templatetags.portal import day as in_words
from villages.models import Village

READ_BY = ("profile", "crs", "encoding")  # the choices that decide what a file says


class Known(Conflict):
    """The same file was handed in before; `upload` is that one, `data` names it for programs."""

    code = "known"

    def __init__(self, upload: Upload) -> None:
        version = version_of(upload)
        data = {
            "upload": upload.pk,
            "state": upload.state,
            "version": version.pk if version else None,
            "page": reverse("upload", args=[upload.pk]),
        }
        super().__init__(sentence(upload), data=data)
        self.upload = upload


def visible_to(user: User | None) -> QuerySet[Upload]:
    """One's own uploads and those for divisions one works for; the system (None) sees all."""
    if user is None:
        return Upload.objects.all()
    seen = Q(created_by=user) if user.is_authenticated else Q(pk="")
    for prefix in prefixes(user, STAFF):
        seen |= Q(division_code__startswith=prefix)
    return Upload.objects.filter(seen)


def earlier(sha256: str, *, village: Village, by: User | None, options: dict[str, Any]) -> Upload | None:
    """The newest upload of the same bytes for the village that answers already what a new one would ask.

    An accepted file counts however it was read: handing it in again would repeat a version. A refused or waiting one
    counts if it was read in the same way; with another profile or coordinate system it deserves a new verdict. A check
    that broke off is no verdict, and one that only checked is none for who hands in.
    """
    same = visible_to(by).filter(sha256=sha256, division_code=village.code).exclude(state=Upload.State.FAILED)
    for upload in same.order_by("-created_at")[:50]:
        if upload.options.get("check_only") and not options.get("check_only"):
            continue
        if upload.state == Upload.State.ACCEPTED or reading(upload.options) == reading(options):
            return upload
    return None


def refuse_known(sha256: str, *, village: Village, by: User | None, options: dict[str, Any]) -> None:
    """Raise Known if the file was handed in before."""
    if upload := earlier(sha256, village=village, by=by, options=options):
        raise Known(upload)


def reading(options: dict[str, Any]) -> tuple[str, ...]:
    return tuple(options.get(name) or (profiles.DEFAULT if name == "profile" else "") for name in READ_BY)


def version_of(upload: Upload) -> PlanVersion | None:
    return PlanVersion.objects.filter(pk=upload.result.get("version") or "").first()


def sentence(upload: Upload) -> str:
    """What became of the earlier one, in one sentence."""
    day, version = in_words(upload.created_at), version_of(upload)
    if version:
        text = _("This file was handed in for this village on %(day)s and accepted as version %(number)d.")
        return text % {"day": day, "number": version.number}
    if upload.state == Upload.State.ACCEPTED and upload.result.get("checked_only"):
        return _("This file was checked for this village on %(day)s and has no error that would refuse it.") % {
            "day": day
        }
    if upload.state == Upload.State.ACCEPTED:
        return _("This file was handed in for this village on %(day)s and accepted.") % {"day": day}
    if upload.state == Upload.State.WAITING:
        return _("This file was handed in for this village on %(day)s and is being checked.") % {"day": day}
    if upload.result.get("overtaken"):
        text = _(
            "This file was handed in for this village on %(day)s and waits for a decision: another version came between."
        )
        return text % {"day": day}
    count = upload.issues.filter(level="error").count()
    text = ngettext(
        "This file was handed in for this village on %(day)s and refused with %(count)d error.",
        "This file was handed in for this village on %(day)s and refused with %(count)d errors.",
        count,
    )
    return text % {"day": day, "count": count}
