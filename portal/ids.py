"""Public identifiers: short, random, not guessable, safe in URLs and file names."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/l/i: people read them out on the telephone
LENGTH = 12


def new_id() -> str:
    """A 12-character random id (about 59 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
