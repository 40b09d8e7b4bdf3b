"""Every reason a photo can be refused; joined to those of other files by reasons.py."""


def _(text: str) -> str:
    """Mark a sentence for makemessages: the reading child imports this module and must not load Django for gettext."""
    return text


# reason: (rule code, sentence)
PHOTO: dict[str, tuple[str, str]] = {
    "photo_type": ("F1", _("This is no photo that can be shown here. Please send a JPEG, PNG or WebP picture.")),
    "photo_heic": (
        "F1",
        _(
            "The photo is in the format HEIC, which most phones cannot show. On an iPhone choose “Settings, Camera, Formats, "
            "Most Compatible” and take it again, or take a screenshot of it and send that."
        ),
    ),
    "photo_pixels": ("F3", _("The photo has more than {limit} million pixels. Please send a smaller one.")),
    "photo_moves": ("F1", _("This picture moves. Please send a photo that stands still.")),
    "photo_damaged": ("F1", _("The photo is damaged or incomplete. Please take it again, or choose another one.")),
}
