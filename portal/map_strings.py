"""Words that the layers and tools of a map say; only pages with such a map hand them over.

The English text is the key, as in portal/browser_strings.py.
"""

from django.utils.translation import gettext

_ = str  # marks the strings; they are translated when a page is made

MAP_STRINGS = (
    _("Zones that match: %(count)s, %(area)s."),
    _("Zoom in to see the zones marked."),
    _("Find zones"),
    _("From (mu)"),
    _("The first %(shown)s are listed."),
    _("To (mu)"),
    _("State"),
    _("In conflict"),
    _("All zones"),
    _("Show all zones again"),
    _("Other use than today"),
    _("Class: code or its beginning"),
    _("Go"),
    _("This is no place. Write longitude and latitude, or X and Y with the zone number before Y."),
    _("Coordinates"),
    _("Go to coordinates"),
    _("The map shows %(place)s."),
    _("Middle of the map"),
    _("Such as 116.805, 36.105 or 116°48′18″E 36°06′18″N or X=3997540.1 Y=39482456.7"),
    _("Pointer: %(degrees)s; %(plane)s"),
    _("Words on the map"),
    _("Without a kind"),
    _("Land"),
    _("All control lines"),
    _("Marks"),
    _("Layers"),
    _("No land use"),
    _("Loading…"),
    _("There is no land of this map in the view."),
    _("Pieces and areas inside the present view; measured on the ellipsoid."),
    _("Together %(area)s"),
    _("Land in this view"),
    _("%(count)s · %(area)s"),
    _("No corner is set yet."),
    _("Corners: %(count)s; set at least three."),
    _("The outline crosses itself: take the last corner back."),
    _("The outline would cross itself there. Choose another place."),
    _("Please set at least three corners on the map first."),
    _("Point at the cross"),
    _("Set at least two points."),
    _("Tap points on the map, or press Enter to set one at the cross and Backspace to take the last one back."),
    _("Points: %(count)s"),
    _("Set at least three points."),
    _("The line crosses itself"),
    _("Measure an area"),
    _("Measure a distance"),
    _("Measured on the ellipsoid of CGCS2000."),
    _("Distance: %(length)s"),
    _("Stop measuring"),
    _("Measure"),
    _("%(km)s km"),
    _("Undo the last point"),
    _("Area: %(m2)s m², %(area)s; around it %(length)s"),
    _("Border between %(left)s (left) and %(right)s (right)"),
    _("Both maps move together."),
    _("There is no other version that you may see."),
    _("Version %(number)s"),
    _("Put beside this plan"),
    _("Side by side"),
    _("%(left)s beside %(right)s"),
    _("%(name)s, moves with the map beside it"),
    _("Compare"),
    _("One map again"),
    _("Swipe"),
    _("Copy a link to this view"),
)


def map_strings() -> dict[str, str]:
    """Only what differs from the key."""
    return {text: said for text in MAP_STRINGS if (said := gettext(text)) != text}
