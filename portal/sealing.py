"""Personal data at rest: sealed with AES-256-GCM, found again by a keyed digest, shown masked.

The keys come from the environment, never from the database: a dump of it tells no name, telephone or identity number.
"""

import base64
import hashlib
import hmac
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

MARK = "v1:"
NONCE_BYTES = 12


@lru_cache(maxsize=32)
def derived(secret: str, purpose: str) -> bytes:
    """A 32-byte key for one purpose, made of a secret of any length (HKDF, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())


def keys() -> list[bytes]:
    """Keys of personal data: the first seals, all open, so that a key can be changed."""
    return [derived(secret, "personal data") for secret in settings.PERSONAL_DATA_KEYS]


def seal(text: str) -> str:
    """Text as it is stored; the empty text stays empty."""
    if not text:
        return ""
    nonce = os.urandom(NONCE_BYTES)
    return MARK + base64.b64encode(nonce + AESGCM(keys()[0]).encrypt(nonce, text.encode(), None)).decode()


def unseal(stored: str) -> str:
    """The text that was sealed; ValueError if no key opens it or it was changed."""
    if not stored.startswith(MARK):
        return stored
    raw = base64.b64decode(stored.removeprefix(MARK))
    for key in keys():
        try:
            return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None).decode()
        except InvalidTag:
            continue
    raise ValueError("a sealed value is opened by none of PERSONAL_DATA_KEYS")


def digest(text: str) -> str:
    """A keyed digest (HMAC-SHA256, hex) by which the same value is found again without being stored."""
    key = derived(settings.PERSONAL_DATA_KEYS[-1], "personal data digest")
    return hmac.new(key, text.strip().upper().encode(), hashlib.sha256).hexdigest()


class SealedField(models.TextField):
    """Text that lies sealed in the database (加密字段); it cannot be searched or sorted by."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else unseal(value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return None if value is None else seal(value)
