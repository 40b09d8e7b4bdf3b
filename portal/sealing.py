"""Personal data at rest: sealed with AES-256-GCM, found again by a keyed digest, shown masked.

The keys come from the environment, never from the database: a dump of it tells no name, telephone or identity number.
"""

import base64
import hashlib
import hmac
import json
import logging
import os
import re
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
# 18 digits with a date of birth in them, and mobile numbers; not as a part of a longer number or a digest
ID_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
PHONE = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])")


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
    return digests(text)[0]


def digests(text: str) -> list[str]:
    """Digests by all keys: until everything is sealed anew, a value may be known by the digest of an older one."""
    value = text.strip().upper().encode()
    derivations = [derived(secret, "personal data digest") for secret in settings.PERSONAL_DATA_KEYS]
    return [hmac.digest(key, value, hashlib.sha256).hex() for key in derivations]


def masked(text: str, first: int = 3, last: int = 4) -> str:
    """138****1234; what is too short to hide anything by is hidden whole."""
    if len(text) <= first + last:
        return "*" * len(text)
    return text[:first] + "*" * (len(text) - first - last) + text[len(text) - last :]


def starred(name: str) -> str:
    """柳大娘 -> 柳**: the first sign of a name stays, the rest becomes one or two stars."""
    return name[:1] + "*" * min(max(len(name) - 1, 1), 2)


def without_numbers(text: str) -> str:
    """The text with the identity numbers and mobile numbers in it starred out."""
    return PHONE.sub("***********", ID_NUMBER.sub("******************", text))


class UnnumberedLogs(logging.Filter):
    """Takes identity and mobile numbers out of every line of the log, whoever wrote it there."""

    def filter(self, line: logging.LogRecord) -> bool:
        line.msg, line.args = without_numbers(line.getMessage()), ()
        return True


class SealedField(models.TextField):
    """Text that lies sealed in the database (加密字段); it cannot be searched or sorted by."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else unseal(value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return None if value is None else seal(value)


class SealedJSONField(SealedField):
    """Data that lie sealed in the database; nothing ({}) stays empty, so that rows without can be found."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        text = super().from_db_value(value, expression, connection)
        return None if text is None else json.loads(text or "{}")

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(json.dumps(value, ensure_ascii=False) if value else "")
