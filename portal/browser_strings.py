"""Words that scripts in the browser say; a page hands them over as JSON, `t("…")` in static/js/lib/words.js looks them up.

The English text is the key. tests/portal/test_browser_strings.py holds every t("…") in static/js to this list.
"""

from django.utils.translation import gettext

_ = str  # marks the strings; they are translated when a page is made

STRINGS = (
    _("Loading the map…"),
    _("The map is ready. Tap a place to read what is planned there."),
    _("Part of the map could not be loaded. Check the connection and try again."),
    _("This map needs a newer browser. The list view says the same without a map."),
    _("Zoom in"),
    _("Zoom out"),
    _("Full screen"),
    _("Leave full screen"),
    _("Where am I?"),
    _("Looking for your position…"),
    _("You are here, within about %(metres)s m."),
    _("Your position is outside this map."),
    _("Your position could not be found. Tap the map instead."),
    _("This device does not tell its position. Tap the map instead."),
    _("Looking up this place…"),
    _("About this place"),
    _("There is nothing on record for this place."),
    _("This place could not be looked up: %(reason)s"),
    _("Comment on this place"),
    _("Open the village page"),
    _("Zone %(number)s"),
    _("Comment %(number)s"),
    _("A pin was set on the map. Write your comment below."),
    _("Pinned to the place you chose on the map."),
    _("Pinned to the place you chose on the map, in zone %(number)s."),
    _("Comments shown: %(count)s"),
    _("The map shows the place of comment %(number)s."),
    _("Part of the page could not be loaded. Check the connection and load it again."),
    _("Zones shown: %(shown)s of %(total)s."),
    _("The portal does not answer. Check the connection and try again."),
    _("The answer took too long. Try again."),
    _("The answer could not be read. Try again."),
    _("You may not do this."),
    _("Not found."),
    _("Something went wrong on our side (%(status)s)."),
    _("Nothing was heard of this work for a while. It goes on; load the page again later."),
    _("%(sent)s of %(total)s MB, %(percent)s"),
    _("%(name)s for %(village)s: %(percent)s is sent, begun on %(day)s."),
    _(
        "This is another file than %(name)s, or it was changed since. To send it from the start choose “Hand in and check”."
    ),
    _("%(decided)s of %(total)s zones decided"),
    _("%(at)s of %(total)s"),
    _("This is the last conflict of the list."),
    _("This is the first conflict of the list."),
    _("None"),
    _("Base map"),
    _("Base map: %(source)s"),
    _("Map approval number: %(number)s"),
    _("This base map is in GCJ-02 and was shifted to fit the middle of the view: not for measuring."),
    _("No base map is set: the map shows the portal’s own data only."),
    _("%(name)s does not answer. The map goes on without it."),
    _("%(m2)s m² (%(mu)s mu)"),
    _("%(ha)s ha (%(mu)s mu)"),
    _("Shown on the map: %(name)s"),
    _("Go there"),
    _("Public facilities"),
    _("Land today (base year)"),
    _("Comments"),
    _("Conflicts"),
    _("Projects"),
    _("Planned land use"),
    _("Control lines"),
    _("%(metres)s m"),
    _("Coordinates (CGCS2000)"),
    _("Read it"),
    _("%(metres)s m away"),
    _("Degrees, minutes, seconds"),
    _("Copied: %(text)s"),
    _("answered"),
    _("Gauss-Kruger, zone %(zone)s"),
    _("All layers here (%(count)s)"),
    _("Parcel %(number)s"),
    _("Copy"),
    _("Longitude, latitude"),
    _("Layers and tools could not be loaded. Check the connection and try again."),
    _("Tap the places on the picture. By keys: arrows move the cross, Enter sets a place."),
    _("Tap the right place on the picture. By keys: arrows move the cross, Enter sets the place."),
)


def browser_strings() -> dict[str, str]:
    """Only what differs from the key: an English page carries nothing."""
    return {text: said for text in STRINGS if (said := gettext(text)) != text}
