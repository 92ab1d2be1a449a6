"""Fits what says which categories are matters of a message: `python -m tests.router_fit`.

It prints AT_ALL and AS_WELL of support_agent/router/matters.py, and how they do on messages that were left out. A
letter of the router is weighed by what was learned without it. Takes some minutes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import yaml
from numpy.typing import NDArray

from dash_agent.adapters.embeddings import SentenceEncoder
from dash_agent.adapters.shelf import FolderShelf
from dash_agent.context.documents import read_documents
from support_agent.router import CategoryPage
from support_agent.router.evidence import weigh
from support_agent.router.examples import STORY, Letters, letters
from support_agent.router.matters import SECOND, Logistic, Told, shown, shown_beside, tell
from support_agent.router.reading import Reader
from support_agent.router.rules import Board
from support_agent.router.teaching import Taught, taught
from tests.conftest import ROOT

Rows = NDArray[np.float64]

CASES: Final = ROOT / "tests" / "cases" / "support" / "messages"
APART: Final = 3
"""Parts of the letters, of which each is weighed by what the others teach."""
FOLDS: Final = 5
HELD: Final = 1.0
"""How much a weight is held back, of numbers whose spread is one."""
ROUNDS: Final = 25
ENOUGH: Final = 1e-8


@dataclass(frozen=True, slots=True)
class Case:
    """source: the file. kind: one of 'short', 'long' and 'letter'. wants: its matters, the first said first."""

    source: str
    kind: str
    wants: tuple[str, ...]
    told: Told


class School:
    """Reads messages as the router does. folder: for what is learned."""

    def __init__(self, folder: Path) -> None:
        fronts = [document.front for document in read_documents(ROOT)[0] if document.front.kind == "category"]
        self._pages = [CategoryPage(front.category or "", front.title, front.examples) for front in fronts]
        self._known = {page.name: page for page in self._pages}
        self._reader, self._encoder, self._shelf = Reader(), SentenceEncoder(), FolderShelf(folder)

    def taught(self, of_letters: Letters | None = None) -> Taught:
        found = taught(self._pages, self._reader, self._encoder, self._shelf, of_letters=of_letters)
        assert found is not None
        return found

    def told(self, text: str, known: Taught) -> Told | None:
        """None of a message without a word."""
        read = self._reader.read(text, None)
        if not read.words:
            return None
        found = weigh(Board(read.words, read.hits), self._reader.rules, self._known)
        return tell(read, found, known, self._reader.rules, self._known)


def cases(school: School) -> Iterator[Case]:
    ours = [(code, letter) for code, listed in letters().items() for letter in listed]
    for left_out in range(APART):
        rest: dict[str, list[Sequence[tuple[str, str]]]] = {code: [] for code, _ in ours}
        for at, (code, letter) in enumerate(ours):
            if at % APART != left_out:
                rest[code].append(letter)
        known = school.taught(rest)
        for _, letter in ours[left_out::APART]:
            told = school.told(" ".join(words for _, words in letter), known)
            wants = tuple(dict.fromkeys(name for name, _ in letter if name != STORY))
            if told is not None:
                yield Case("letters", "letter", wants, told)
    known = school.taught()
    for file in sorted(CASES.glob("*.yaml")):
        for kind, text, wants in of_file(yaml.safe_load(file.read_text("utf-8"))):
            told = school.told(text, known)
            if told is not None:
                yield Case(file.stem, kind, wants, told)


def of_file(data: Mapping[str, object]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from (("short", text, (category,)) for category, texts in value.items() for text in texts)
        elif key in ("two", "one_long") and isinstance(value, list):
            yield from (("long" if key == "one_long" else "short", one["text"], tuple(one["wants"])) for one in value)
        elif key == "unclear" and isinstance(value, list):
            yield from (("short", one["text"], ()) for one in value if not one["wants"])


def fitted(rows: Rows, true: Rows) -> Logistic:
    """By Newton's rounds, on numbers of mean 0 and spread 1; the weights are told for the numbers as they are."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    known = np.hstack([(rows - mean) / spread, np.ones((len(rows), 1))])
    weights = np.zeros(known.shape[1])
    for _ in range(ROUNDS):
        share = 1 / (1 + np.exp(-known @ weights))
        down = known.T @ (share - true) + HELD * weights
        bent = (known * (share * (1 - share))[:, None]).T @ known + HELD * np.eye(len(weights))
        step = np.linalg.solve(bent, down)
        weights -= step
        if np.abs(step).max() < ENOUGH:
            break
    plain = weights[:-1] / spread
    return Logistic(float(weights[-1] - plain @ mean), tuple(map(float, plain)))


def of_all(some: Sequence[Case]) -> Logistic:
    pairs = [(shown(case.told, name), name in case.wants) for case in some for name in case.told.whole]
    return fitted(np.array([row for row, _ in pairs]), np.array([true for _, true in pairs], dtype=float))


def of_others(some: Sequence[Case], shares: Sequence[Mapping[str, float]]) -> Logistic:
    pairs = [
        (shown_beside(case.told, name, main, by_name[name]), name in case.wants)
        for case, by_name in zip(some, shares, strict=True)
        for main in [max(by_name, key=lambda name: by_name[name])]
        for name in by_name
        if name != main
    ]
    return fitted(np.array([row for row, _ in pairs]), np.array([true for _, true in pairs], dtype=float))


def by_category(case: Case, fit: Logistic) -> dict[str, float]:
    return {name: fit.share(shown(case.told, name)) for name in case.told.whole}


def found(case: Case, shares: Mapping[str, float], fit: Logistic) -> set[str]:
    main = max(shares, key=lambda name: shares[name])
    others = (name for name in shares if name != main)
    beside = {name for name in others if fit.share(shown_beside(case.told, name, main, shares[name])) >= SECOND}
    return {main, *beside}


def left_out(known: Sequence[Case]) -> tuple[list[dict[str, float]], list[set[str]]]:
    """Of each case by what the others say: how likely each category is, and the matters that are found."""
    fold = np.random.default_rng(0).integers(0, FOLDS, len(known))
    shares: list[dict[str, float]] = [{} for _ in known]
    for at in range(FOLDS):
        fit = of_all([case for case, own in zip(known, fold, strict=True) if own != at])
        for place in np.flatnonzero(fold == at):
            shares[place] = by_category(known[place], fit)
    matters: list[set[str]] = [set() for _ in known]
    for at in range(FOLDS):
        inside = [place for place in range(len(known)) if fold[place] != at]
        fit = of_others([known[place] for place in inside], [shares[place] for place in inside])
        for place in np.flatnonzero(fold == at):
            matters[place] = found(known[place], shares[place], fit)
    return shares, matters


def tell_figures(known: Sequence[Case]) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    for case, shares, matters in zip(known, *left_out(known), strict=True):
        main = max(shares, key=lambda name: shares[name])
        what = f"{case.kind}, {len(case.wants)} matters"
        counted[case.source, what] += 1
        counted[case.source, f"{what}: whole"] += matters == set(case.wants)
        counted[case.source, f"{what}: found"] += matters >= set(case.wants)
        counted[case.source, f"{what}: the likeliest is one"] += main in case.wants
    for source, what in sorted(key for key in counted if ":" not in key[1]):
        parts = (f"{part} {counted[source, f'{what}: {part}']}" for part in ("found", "whole", "the likeliest is one"))
        print(f"{source:8} {what}: {counted[source, what]}; {', '.join(parts)}")


def tell_fit(name: str, fit: Logistic) -> None:
    numbers = ", ".join(f"{weight:.3g}" for weight in fit.weights)
    print(f"{name}: Final = Logistic({fit.at_none:.3g}, ({numbers}))")


def main() -> None:
    with TemporaryDirectory() as folder:
        known = list(cases(School(Path(folder))))
    tell_figures(known)
    at_all = of_all(known)
    tell_fit("AT_ALL", at_all)
    tell_fit("AS_WELL", of_others(known, [by_category(case, at_all) for case in known]))


if __name__ == "__main__":
    main()
