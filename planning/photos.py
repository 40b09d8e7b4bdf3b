"""Photographs that go with comments: kept without anything hidden in the file, and only with their comment in public."""

from django.utils.translation import gettext as _

from planning.models import Comment, Photo
from portal.errors import PortalError
from portal.models import User

MOST = 4
"""photos of one comment"""


def attach(comment: Comment, ids: list[str], *, by: User) -> None:
    """Give photos that the person sent before to a comment; PortalError if one is not theirs or has a comment already."""
    if len(set(ids)) > MOST:
        raise PortalError(_("A comment takes at most %(most)d photos.") % {"most": MOST}, code="photos")
    rows = Photo.objects.select_for_update().filter(pk__in=ids, by=by, comment=None, version=comment.version_id)
    if len(rows) != len(set(ids)):
        raise PortalError(_("A photo is not there any more; please add it again."), code="photos")
    Photo.objects.filter(pk__in=[row.pk for row in rows]).update(comment=comment)
