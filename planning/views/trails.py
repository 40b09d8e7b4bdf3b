"""Where the pages of a version lie (面包屑)."""

from django.urls import reverse
from django.utils.translation import gettext as _

from planning.models import PlanVersion


def version_trail(version: PlanVersion, *last: tuple[str, str] | str, desk: str = "") -> list[tuple[str, str]]:
    """The way to a page of a version, its own name `last`: from the villages, or from the desk of those who work on the
    version, whose page for it is then `desk`."""
    village = version.village
    return [
        (_("My desk"), reverse("desk")) if desk else (_("Villages"), reverse("village-list")),
        (village.short_name, reverse("village", args=[village.code])),
        (_("Version %(number)s") % {"number": version.number}, desk or reverse("version", args=[version.pk])),
        *((text, "") if isinstance(text, str) else text for text in last),
    ]
