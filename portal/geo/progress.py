"""How far the reading child is: it writes a share into a small file of its job folder, the parent reads it now and then.

Standard library only: both sides import it. The parent believes nothing but a number from 0 to 100.
"""

import os
import re
from contextlib import suppress
from pathlib import Path

FILE = "progress"
_NUMBER = re.compile(rb"(\d{1,3})\n")
_open: dict[str, int] = {}
"""the child's own file, opened once"""


def begin(folder: Path) -> None:
    """The child's first act; where nobody began, `tell` does nothing."""
    _open[FILE] = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)


def tell(share: float) -> None:
    """`share` (0..1) of the reading is done. Never a reason to fail: a full disk shows elsewhere."""
    if FILE in _open:
        with suppress(OSError):
            os.pwrite(_open[FILE], b"%03d\n" % max(0, min(100, int(100 * share))), 0)


def told(folder: Path) -> float:
    """What the child said last, 0 for anything strange: it may have been taken over by what it read."""
    try:
        handle = os.open(folder / FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return 0.0
    try:
        number = _NUMBER.fullmatch(os.read(handle, 5))
    except OSError:
        return 0.0
    finally:
        os.close(handle)
    return min(int(number[1]), 100) / 100 if number else 0.0
