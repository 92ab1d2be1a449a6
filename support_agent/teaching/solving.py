"""Ridge regression on rows of few signs and short vectors, without a matrix of every example with every other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Places = NDArray[np.int64]

ENOUGH: Final = 1e-4
"""What may be left of a solution's error, as a share of what was wanted."""

MOST_ROUNDS: Final = 300


class Rows:
    """Sparse rows beside dense ones. listed: of each row, the places and values of its signs. width: all signs."""

    def __init__(self, listed: Sequence[tuple[Places, Floats]], width: int, vectors: Floats | None) -> None:
        """vectors: (rows, dimensions), as long as they count."""
        counts = [len(places) for places, _ in listed]
        self._owners = np.repeat(np.arange(len(listed)), counts)
        self._places = np.concatenate([places for places, _ in listed])
        self._values = np.concatenate([values for _, values in listed]).astype(np.float64)
        self._size = len(listed), width
        self._vectors = None if vectors is None else vectors.astype(np.float64)

    def weights(self, share: Doubles) -> Doubles:
        """(width, classes): what the rows say together, each by its share of (rows, classes)."""
        return _summed(self._places, self._values, share[self._owners].T, self._size[1])

    def directions(self, share: Doubles) -> Doubles | None:
        """(dimensions, classes): the same for the vectors."""
        return None if self._vectors is None else self._vectors.T @ share

    def alike(self, share: Doubles) -> Doubles:
        """(rows, classes): every row with what all of them say together."""
        said = self.weights(share)
        total = _summed(self._owners, self._values, said[self._places].T, self._size[0])
        return total if self._vectors is None else total + self._vectors @ (self._vectors.T @ share)

    def lengths(self) -> Doubles:
        """(rows,): every row with itself."""
        own = np.bincount(self._owners, self._values**2, self._size[0]).astype(np.float64)
        return own if self._vectors is None else own + (self._vectors**2).sum(axis=1)


def shares(rows: Rows, wanted: Doubles, held: Doubles) -> Doubles:
    """(rows, classes): what each example adds, so that `alike(shares) + held * shares` is what was wanted.

    held: (rows,), how much each is held back. By conjugate gradients; every class goes its own way.
    """
    scale = (1 / (rows.lengths() + held))[:, None]
    found = np.zeros_like(wanted)
    left = wanted.copy()
    aim = scale * left
    size = (left * aim).sum(axis=0)
    enough = ENOUGH**2 * size
    for _ in range(MOST_ROUNDS):
        if (size <= enough).all():
            break
        made = rows.alike(aim) + held[:, None] * aim
        step = size / np.maximum((aim * made).sum(axis=0), np.finfo(float).tiny)
        found += step * aim
        left -= step * made
        nearer = scale * left
        before, size = size, (left * nearer).sum(axis=0)
        aim = nearer + size / np.maximum(before, np.finfo(float).tiny) * aim
    return found


def _summed(places: Places, values: Doubles, by_class: Doubles, width: int) -> Doubles:
    return np.stack([np.bincount(places, values * row, width) for row in by_class], axis=1)
