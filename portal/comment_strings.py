"""Words that the form of a comment says; only pages with that form hand them over.

The English text is the key, as in portal/browser_strings.py.
"""

from django.utils.translation import gettext

_ = str  # marks the strings; they are translated when a page is made

COMMENT_STRINGS = (
    _("Your area on the map: %(size)s"),
    _("Tap the place on the map, then press “Comment on this place”."),
    _("Look at comment %(number)s"),
    _("You can support one of them instead, or go on writing."),
    _("%(mu)s mu (%(m2)s m²)"),
    _("Finish the area"),
    _("Undo the last corner"),
    _("Corner at the cross"),
    _("Stop drawing"),
    _("Corners: %(count)s. Set at least three."),
    _("Area: %(size)s"),
    _("The line would cross itself there. Set the corner elsewhere."),
    _(
        "Tap the corners of the area on the map, one after the other. With the keyboard: move the map with the arrows, Enter sets a corner at the cross, Backspace takes the last one back."
    ),
    _("This is not sent yet. You wrote it on this device earlier; look at it and send it, or discard it."),
    _("Sending your comment…"),
    _(
        "No connection. Your comment is kept on this device and is sent by itself when the line is back. You may close the page and come again."
    ),
    _("Your comment is not sent yet: please sign in again. It is kept on this device."),
    _("Your comment is not sent yet; it is kept on this device."),
    _(
        "Your comment had arrived already as you wrote it first. What you changed since is kept here; send it as another comment, or discard it."
    ),
    _(
        "Your comment could not be sent, its words are kept here. You may copy them and hand them to the village committee."
    ),
    _("Your comment is not sent yet, nothing of it is lost. Please put right what is said here, and send it again."),
    _("One other comment is about zone %(number)s."),
    _("%(count)s other comments are about zone %(number)s."),
    _("One other comment is about this project."),
    _("%(count)s other comments are about this project."),
    _("One other comment is about this place."),
    _("%(count)s other comments are about this place."),
    _("Sign in"),
    _("Thank you. Your comment is public now; the village committee will answer it here."),
    _("Load the page again later to see it in the list."),
    _("This comment has a telephone or identity number; others see stars."),
    _("The draft was discarded."),
    _("1 person supports it"),
    _("%(count)s people support it"),
    _("(1 more whose identity is not confirmed)"),
    _("(%(count)s more whose identities are not confirmed)"),
    _("Take my support back"),
    _("I support this"),
    _("Getting the photo ready…"),
    _("Added"),
    _("The connection was lost. It is sent when the line is back."),
    _("Send it again"),
    _("Photo %(number)s"),
    _("Remove photo %(number)s"),
    _("What does photo %(number)s show?"),
    _("The photo was removed."),
    _("Choose photos"),
    _("Take a photo"),
    _("A comment takes at most %(most)s photos."),
    _("A photo was not sent yet. Send it again, or send the comment once more to leave it out."),
    _("The comment is sent as soon as the photos are there."),
)


def comment_strings() -> dict[str, str]:
    """Only what differs from the key."""
    return {text: said for text in COMMENT_STRINGS if (said := gettext(text)) != text}
