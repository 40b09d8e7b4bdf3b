"""Comments that say nearly the same: pure functions on texts, to answer them together (归并答复)."""

import unicodedata

ALIKE = 0.35
"""the least share of pairs of characters that two texts have in common (Jaccard)"""


def groups(texts: list[str]) -> list[list[int]]:
    """Positions of texts that are alike, largest group first; a text that is like none stands alone.

    A text joins the group whose first text it is most like: no chain of small likenesses puts strangers together.
    """
    shingles = [pairs(text) for text in texts]
    found: list[list[int]] = []
    for position, own in enumerate(shingles):
        best = max(found, key=lambda group: likeness(own, shingles[group[0]]), default=None)
        if best is not None and likeness(own, shingles[best[0]]) >= ALIKE:
            best.append(position)
        else:
            found.append([position])
    return sorted(found, key=lambda group: (-len(group), group[0]))


def pairs(text: str) -> frozenset[str]:
    """Neighbouring characters of a text, without spaces and signs: works for Chinese, which has no spaces, and for English."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1)) or frozenset([plain])


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
