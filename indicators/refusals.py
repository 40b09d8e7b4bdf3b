"""A verdict of bounds.TooComplex as a sentence that names what crosses: a person asked, and learns what to mend."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from indicators.compute.bounds import Place, TooComplex
from portal.errors import PortalError

NAMED = 3
"""so many of the worst pairs are named: a job's message has 300 characters"""


@contextmanager
def spoken() -> Iterator[None]:
    """What is too complex to be measured ends the work with words instead of memory."""
    try:
        yield
    except TooComplex as error:
        raise PortalError(sentence(error), code="too_complex", data=numbers(error)) from error


def sentence(error: TooComplex) -> str:
    """Who crosses whom, how often, and what to do."""
    said = _(
        "Boundaries cross so often that they cannot be measured: at least %(count)s times, and %(limit)s is the limit. "
        "Nothing was stored. Check the shapes of: %(places)s."
    )
    return said % {
        "count": f"{error.counted:,}",
        "limit": f"{error.limit:,}",
        "places": _("; ").join(place_in_words(place) for place in error.places[:NAMED]),
    }


def numbers(error: TooComplex) -> dict[str, object]:
    """The verdict for programs."""
    return {"counted": error.counted, "limit": error.limit, "places": [place._asdict() for place in error.places]}


def place_in_words(place: Place) -> str:
    return _("%(one)s and %(other)s") % {"one": named(place.layer_a, place.a), "other": named(place.layer_b, place.b)}


def named(layer: str, number: int) -> str:
    """A row by its number; a polygon that was made on the way has no name but its place in the list."""
    names = {
        "plan": _("zone %(number)s"),
        "base": _("base-year parcel %(number)s"),
        "lines": _("control line %(number)s"),
        "features": _("feature %(number)s of the plan"),
    }
    return names.get(layer, _("polygon %(number)s")) % {"number": number}
