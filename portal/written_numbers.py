"""Identity and mobile numbers in what people write, starred out for whoever is not meant to read them.

Logs and the record of acts have `portal.sealing.without_numbers`, which touches nothing that may be a digest. People leave gaps,
type full-width digits (全角), put 86 before and letters beside a number.
"""

import re

GAP = r"[ \u3000\-－–—.]?"
FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")
ID_NUMBER = re.compile(
    rf"(?<!\d)[1-9]\d{{5}}{GAP}(?:18|19|20)\d{{2}}{GAP}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){GAP}\d{{3}}[\dXx](?!\d)",
    re.ASCII,
)
PHONE = re.compile(rf"(?<!\d)(?:(?:\+|00)?86{GAP})?1[3-9]\d{GAP}\d{{4}}{GAP}\d{{4}}(?!\d)", re.ASCII)


def starred_numbers(text: str) -> str:
    """The text with the identity and mobile numbers in it starred out, of the same length."""
    plain = text.translate(FULL_WIDTH)
    for pattern in (ID_NUMBER, PHONE):
        for found in reversed(list(pattern.finditer(plain))):
            start, end = found.span()
            stars = "*" * (end - start)
            text, plain = text[:start] + stars + text[end:], plain[:start] + stars + plain[end:]
    return text
