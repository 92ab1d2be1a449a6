"""Weights of what texts show and of what they mean, for every class of a list, by ridge regression over examples."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

import numpy as np

from support_agent.teaching.solving import Doubles, Floats, Places, Rows, shares

Signs = tuple[Sequence[str], ...]
"""What a text shows, by kind of sign; each is weighed within its own kind."""


@dataclass(frozen=True, slots=True)
class Kind:
    """weight: the length of what one text shows of a kind of signs. by_rarity: what few examples show tells more.

    seldom: examples that a sign must stand in; what is rarer says who wrote, not what about.
    """

    weight: float
    by_rarity: bool = True
    seldom: int = 3


@dataclass(frozen=True, slots=True)
class Learned:
    """kinds: for each, its weight and sign → row. weights: (rows, classes). rarity: of each row.

    directions: (dimensions, classes), None where only words were learned from.
    """

    names: tuple[str, ...]
    kinds: tuple[tuple[float, Mapping[str, int]], ...]
    rarity: Floats
    weights: Floats
    directions: Floats | None

    def scores(self, shown: Signs, vector: Floats | None) -> dict[str, float]:
        """By class, from about -0.3 to 1: how much it is like its examples and unlike others'."""
        rows, values = _row(shown, self.kinds, self.rarity)
        total = values @ self.weights[rows]
        if self.directions is not None and vector is not None:
            total = total + vector @ self.directions
        return dict(zip(self.names, total.tolist(), strict=True))

    def dumped(self) -> str:
        arrays = {"rarity": self.rarity, "weights": self.weights, "directions": self.directions}
        packed = {name: _packed(array) for name, array in arrays.items()}
        kinds = [[weight, list(known)] for weight, known in self.kinds]
        return json.dumps({"names": self.names, "kinds": kinds, **packed}, ensure_ascii=False)

    @classmethod
    def loaded(cls, text: str) -> Self:
        data = json.loads(text)
        names = tuple(data["names"])
        starts = accumulate((len(known) for _, known in data["kinds"]), initial=0)
        kinds = tuple(
            (weight, {sign: start + at for at, sign in enumerate(known)})
            for (weight, known), start in zip(data["kinds"], starts, strict=False)
        )
        aimed = data["directions"]
        return cls(
            names,
            kinds,
            _unpacked(data["rarity"], 1)[:, 0],
            _unpacked(data["weights"], len(names)),
            None if aimed is None else _unpacked(aimed, len(names)),
        )


class Lesson:
    """Examples by what they show. owners: the place in names of each one's class.

    Every class weighs the same, whether it has ten examples or a hundred.
    """

    def __init__(
        self, names: Sequence[str], owners: Sequence[int], shown: Sequence[Signs], kinds: Sequence[Kind]
    ) -> None:
        self._names = tuple(names)
        self._owner = np.array(owners)
        counted = [_common((signs[at] for signs in shown), kind.seldom) for at, kind in enumerate(kinds)]
        rare = [[np.log(len(shown) / many) for many in common.values()] for common in counted]
        self._rarity: Floats = np.array(
            [value if kind.by_rarity else 1.0 for kind, row in zip(kinds, rare, strict=True) for value in row],
            dtype=np.float32,
        )
        starts = accumulate(map(len, counted), initial=0)
        self._kinds = tuple(
            (kind.weight, {sign: start + at for at, sign in enumerate(common)})
            for kind, common, start in zip(kinds, counted, starts, strict=False)
        )
        self._rows = [_row(signs, self._kinds, self._rarity) for signs in shown]

    def learned(self, vectors: Floats | None, *, meaning: float, ridge: float) -> Learned:
        """vectors: of each example, a row of zeros where there is none; None learns from words alone.

        meaning: what a vector counts beside the signs. ridge: how much single examples are held back from deciding.
        """
        rows = Rows(self._rows, len(self._rarity), None if vectors is None else meaning * vectors)
        counts = np.bincount(self._owner, minlength=len(self._names))
        light = counts[self._owner] * np.mean(1 / counts[self._owner])
        wanted = np.eye(len(self._names))[self._owner] - 1 / len(self._names)
        share = shares(rows, wanted, ridge * light)
        weights, directions = rows.weights(share), rows.directions(share)
        directions = None if directions is None else meaning * directions
        aimed = None if directions is None else _halved(directions)
        return Learned(self._names, self._kinds, _halved(self._rarity), _halved(weights), aimed)


def _common(listed: Iterable[Sequence[str]], least: int) -> dict[str, int]:
    counted = Counter(sign for signs in listed for sign in signs)
    return {sign: count for sign, count in counted.items() if count >= least}


def _row(shown: Signs, kinds: Sequence[tuple[float, Mapping[str, int]]], rarity: Floats) -> tuple[Places, Floats]:
    """Places and values of what is known of a text: of the length of its weight for each kind."""
    found = [[known[sign] for sign in signs if sign in known] for signs, (_, known) in zip(shown, kinds, strict=True)]
    places = np.array([at for some in found for at in some], dtype=np.int64)
    values = rarity[places]
    start = 0
    for some, (weight, _) in zip(found, kinds, strict=True):
        part = values[start : start + len(some)]
        if some and part.any():
            part *= weight / np.linalg.norm(part)
        start += len(some)
    return places, values


def _halved(array: Floats | Doubles) -> Floats:
    """As it is kept, so that what was learned just now and what was kept say the same."""
    return array.astype(np.float16).astype(np.float32)


def _packed(array: Floats | None) -> str | None:
    return None if array is None else b64encode(array.astype(np.float16).tobytes()).decode()


def _unpacked(text: str, width: int) -> Floats:
    return np.frombuffer(b64decode(text), dtype=np.float16).astype(np.float32).reshape(-1, width)
