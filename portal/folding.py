"""Words as they are looked for: wide, accented and look-alike letters made plain, all between letters taken out."""

import unicodedata

# letters of other scripts and signs that look like Latin ones, so that a word cannot be hidden behind them
LOOKALIKE = str.maketrans(
    "авекмнорстухіјѕԁһԛԝαβεικνορτυχ013457@$!|",
    "abekmhopctyxijsdhqwabeikvoptuxoleastasil",
)


def fold(text: str) -> str:
    """A text as words are looked for in it.

    >>> fold("样 例·违\u200b禁 词")
    '样例违禁词'
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(LOOKALIKE)
    return "".join(sign for sign in plain if unicodedata.category(sign)[0] in "LN")
