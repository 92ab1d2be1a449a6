"""What the examples teach: weights of signs and of meaning for every category, by ridge regression."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from support_agent.router.signs import Signs

Floats = NDArray[np.float32]

SELDOM: Final = 3
"""Examples that a sign must stand in: what is rarer says who wrote, not what about."""

RIDGE: Final = 2.0
"""How much the weights are held back from following single examples; of 0.3 to 3 the best, by a little."""

PIECES: Final = 1.5
MEANING: Final = 1.5
"""What pieces of words and what the vector count beside the families. From half to twice as much changed little."""

BLOCK: Final = 2_000


@dataclass(frozen=True, slots=True)
class Learned:
    """families, pieces: sign → row. weights: (rows, categories). rarity: of each row, 1 for families.

    directions: (dimensions, categories), None where only words were learned from.
    """

    names: tuple[str, ...]
    families: Mapping[str, int]
    pieces: Mapping[str, int]
    rarity: Floats
    weights: Floats
    directions: Floats | None

    def scores(self, shown: Signs, vector: Floats | None) -> dict[str, float]:
        """By category, from about -0.3 to 1: how much it is like its examples and unlike others'."""
        rows, values = _row(shown, self.families, self.pieces, self.rarity)
        total = values @ self.weights[rows]
        if self.directions is not None and vector is not None:
            total = total + MEANING * (vector @ self.directions)
        return dict(zip(self.names, total.tolist(), strict=True))

    def dumped(self) -> str:
        arrays = {"rarity": self.rarity, "weights": self.weights, "directions": self.directions}
        packed = {name: _packed(array) for name, array in arrays.items()}
        return json.dumps({"names": self.names, "families": list(self.families), "pieces": list(self.pieces), **packed})

    @classmethod
    def loaded(cls, text: str) -> Self:
        data = json.loads(text)
        names, count = tuple(data["names"]), len(data["families"])
        rarity, weights = _unpacked(data["rarity"], 1), _unpacked(data["weights"], len(names))
        assert rarity is not None
        assert weights is not None
        return cls(
            names,
            {sign: at for at, sign in enumerate(data["families"])},
            {sign: count + at for at, sign in enumerate(data["pieces"])},
            rarity[:, 0],
            weights,
            _unpacked(data["directions"], len(names)),
        )


class Lesson:
    """Examples by what they show. owners: the place in names of each one's category.

    Every category weighs the same, whether it has ten examples or a hundred.
    """

    def __init__(self, names: Sequence[str], owners: Sequence[int], shown: Sequence[Signs]) -> None:
        self._names = tuple(names)
        self._owner = np.array(owners)
        families = _common(signs[0] for signs in shown)
        pieces = _common(signs[1] for signs in shown)
        seldom = [np.log(len(shown) / count) for count in pieces.values()]
        self._rarity: Floats = np.array([1.0] * len(families) + seldom, dtype=np.float32)
        self._families = {sign: at for at, sign in enumerate(families)}
        self._pieces = {sign: len(families) + at for at, sign in enumerate(pieces)}
        self._rows = [_row(signs, self._families, self._pieces, self._rarity) for signs in shown]
        self._alike = _alike(self._rows, len(self._rarity))

    def learned(self, vectors: Floats | None) -> Learned:
        """vectors: of each example, a row of zeros where there is none; None learns from words alone."""
        alike = self._alike if vectors is None else self._alike + MEANING**2 * (vectors @ vectors.T)
        counts = np.bincount(self._owner, minlength=len(self._names))
        light = counts[self._owner] * np.mean(1 / counts[self._owner])
        wanted = np.eye(len(self._names))[self._owner] - 1 / len(self._names)
        share = np.linalg.solve(alike + RIDGE * np.diag(light), wanted).astype(np.float32)
        weights = np.zeros((len(self._rarity), len(self._names)), dtype=np.float32)
        for (places, values), part in zip(self._rows, share, strict=True):
            weights[places] += values[:, None] * part
        directions = MEANING * (vectors.T @ share) if vectors is not None else None
        return Learned(self._names, self._families, self._pieces, self._rarity, weights, directions)


def _common(listed: Iterable[Sequence[str]]) -> dict[str, int]:
    counted = Counter(sign for signs in listed for sign in signs)
    return {sign: count for sign, count in counted.items() if count >= SELDOM}


def _row(
    shown: Signs, families: Mapping[str, int], pieces: Mapping[str, int], rarity: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """Places and values of what is known of a message: of length 1 for the families, of PIECES for the pieces."""
    one = [families[sign] for sign in shown[0] if sign in families]
    two = [pieces[sign] for sign in shown[1] if sign in pieces]
    places = np.array([*one, *two], dtype=np.int64)
    values = rarity[places]
    for start, end, length in ((0, len(one), 1.0), (len(one), len(places), PIECES)):
        if end > start:
            values[start:end] *= length / np.linalg.norm(values[start:end])
    return places, values


def _alike(rows: Sequence[tuple[NDArray[np.int64], Floats]], width: int) -> NDArray[np.float64]:
    """Every example with every other, a block of signs at a time: all at once would take 100 MB."""
    total = np.zeros((len(rows), len(rows)))
    for start in range(0, width, BLOCK):
        block = np.zeros((len(rows), min(BLOCK, width - start)), dtype=np.float32)
        for at, (places, values) in enumerate(rows):
            inside = (places >= start) & (places < start + BLOCK)
            block[at, places[inside] - start] = values[inside]
        total += block @ block.T
    return total


def _packed(array: Floats | None) -> str | None:
    return None if array is None else b64encode(array.astype(np.float32).tobytes()).decode()


def _unpacked(text: str | None, width: int) -> Floats | None:
    return None if text is None else np.frombuffer(b64decode(text), dtype=np.float32).reshape(-1, width)
