"""Long geometry work tells how far it is at least every second, because a job is cancelled through that call."""

import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

Result = TypeVar("Result")

EVERY_SECONDS = 0.5
_CHUNK_VERTICES = 100_000

Progress = Callable[[float], None]
"""takes the share done, 0 to 1; whatever it raises ends the work"""


class Patience:
    """Passes shares on to `progress`, at most twice a second and never backwards; without `progress` it costs nothing."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.progress = progress
        self.done = 0.0
        self.said = time.monotonic()

    def __call__(self, share: float | None = None) -> None:
        if self.progress is None:
            return
        self.done = max(self.done, min(share or 0.0, 1.0))
        if time.monotonic() - self.said >= EVERY_SECONDS:
            self.progress(self.done)
            self.said = time.monotonic()

    def during(self, work: Callable[[], Result]) -> Result:
        """The result of one call that cannot be cut into pieces; GEOS lets other threads run meanwhile.

        When `progress` raises, the call is left to end by itself: nothing waits for its result.
        """
        if self.progress is None:
            return work()
        ended: list[Any] = []
        thread = threading.Thread(target=_keep, args=(work, ended), daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(EVERY_SECONDS / 2)
            self()
        result, error = ended
        if error is not None:
            raise error
        return result

    def each(self, work: Callable[..., np.ndarray], sizes: np.ndarray, *arrays: np.ndarray) -> np.ndarray:
        """`work(*arrays)` element by element, in pieces of so many vertices (`sizes` of each element)."""
        pieces = []
        for piece in chunks(sizes):
            pieces.append(work(*(array[piece] for array in arrays)))
            self(piece.stop / len(sizes))
        return np.concatenate(pieces) if pieces else work(*arrays)


def chunks(sizes: np.ndarray, most: int = _CHUNK_VERTICES) -> Iterator[slice]:
    """Runs of elements whose sizes add up to about `most`."""
    if not len(sizes):
        return
    group = np.cumsum(np.minimum(sizes, most)) // most
    edges = np.flatnonzero(np.diff(group, prepend=-1, append=-1))
    for start, stop in pairwise(edges):
        yield slice(int(start), int(stop))


def _keep(work: Callable[[], Any], ended: list[Any]) -> None:
    try:
        ended[:] = [work(), None]
    except BaseException as error:  # raised again where it is waited for
        ended[:] = [None, error]
