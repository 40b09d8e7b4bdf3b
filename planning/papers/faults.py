"""Why a photograph of a marked sheet could not be read, in words that say what to do next."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

CORNERS = (
    gettext_lazy("upper left"),
    gettext_lazy("upper right"),
    gettext_lazy("lower right"),
    gettext_lazy("lower left"),
)
"""in the order of the corner marks of a page"""
STATES = {
    "waits": gettext_lazy("Being read"), "read": gettext_lazy("Marks found"), "failed": gettext_lazy("Could not be read"),
    "done": gettext_lazy("Done"),
}  # fmt: skip
"""short words for `Scan.state`"""


def words(code: str) -> str:
    """The sentence for a code of `Scan.fault`; empty for none."""
    if not code:
        return ""
    kind, _dash, corner = code.rpartition("_")
    if kind in ("corner", "cut") and corner in ("0", "1", "2", "3"):
        said = {"corner": CORNERS[int(corner)]}
        if kind == "cut":
            return _("The %(corner)s corner of the map is not in the picture: photograph the whole sheet once more.") % said  # fmt: skip
        return _("The %(corner)s corner mark is not in the picture: photograph the whole sheet once more.") % said
    return {
        "too_small": _("The picture is too small: send the photo as the camera took it, not a preview."),
        "no_code": _("The square code of the sheet cannot be read: choose the sheet below, or photograph it once more in good light."),
        "other_code": _("The code in the picture is not one of a printed map: photograph a sheet that was printed here."),
        "other_sheet": _("This sheet is not one of this village: photograph a sheet that was printed from this plan."),
        "other_version": _("This sheet shows another version of the plan: hand it in on the page of that version."),
        "corners": _("The four black corner marks cannot be found: lay the sheet flat, and photograph it from above with all four corners."),
        "not_this_page": _("The picture does not look like this page: check the sheet and page, or photograph it once more."),
        "too_many": _("So much is drawn on the sheet that single marks cannot be told apart: add them by hand on a cleaner sheet."),
        "timeout": _("Reading took too long: send a smaller photo."),
        "memory": _("The photo is too large to be read: send a smaller one."),
        "gone": _("The photo is not kept any more: send it again."),
    }.get(code) or _("The photo could not be read. Photograph the sheet once more.")  # fmt: skip
