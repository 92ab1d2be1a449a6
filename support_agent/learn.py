"""Learns what attacks and bad replies are like, from the guards' examples: `make learn`.

It takes minutes. `--check` says by the exit code whether what lies there was learned from the examples of today.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import yaml

from dash_agent.adapters.embeddings import SentenceEncoder
from support_agent.guardrails.likeness import ATTACKS, CLASSES, ORDINARY, examples
from support_agent.guardrails.signs import KINDS, signs
from support_agent.router.examples import letters, phrases
from support_agent.teaching import BEGINNING, EMBEDDED, Floats, Lesson

HERE: Final = Path(__file__).parent
DATA: Final = HERE / "guardrails" / "data"
PAGES: Final = HERE.parent / "knowledge" / "categories"
MEANING: Final = 1.2
RIDGE: Final = 1.0
SHOWN: Final = 500

Row = tuple[str, str, str]
"""Language, class, text."""


def rows(what: str) -> list[Row]:
    """Examples; of ordinary messages also what the router and the shop's pages know."""
    found = [
        (language, name, text)
        for language, classes in examples(what).items()
        for name, texts in classes.items()
        for text in texts
    ]
    if what == ATTACKS:
        found += [(language, ORDINARY, text) for language, text in _ordinary()]
    return list(dict.fromkeys(found))


def learned(what: str, listed: Sequence[Row]) -> str:
    names = CLASSES[what]
    owners = [names.index(name) for _, name, _ in listed]
    lesson = Lesson(names, owners, [signs(text) for _, _, text in listed], KINDS)
    return lesson.learned(_vectors(listed), meaning=MEANING, ridge=RIDGE).dumped()


def _ordinary() -> Iterator[tuple[str, str]]:
    for language, classes in phrases().items():
        yield from ((language, text) for texts in classes.values() for text in texts)
    for language, listed in letters().items():
        yield from ((language, words) for letter in listed for _, words in letter)
    for page in sorted(PAGES.glob("*.md")):
        front = yaml.safe_load(page.read_text("utf-8").split("---")[1])
        yield from ((language, text) for language, texts in front["examples"].items() for text in texts)


def _vectors(listed: Sequence[Row]) -> Floats:
    encoder = SentenceEncoder()
    found = []
    for at, (language, _, text) in enumerate(listed):
        if at % SHOWN == 0:
            print(f"{at:,} of {len(listed):,} examples read", file=sys.stderr)
        known = language in EMBEDDED
        (vector,) = encoder.embed([text[:BEGINNING] if known else ""])
        found.append(np.array(vector.parts, dtype=np.float32) * known)
    return np.array(found, dtype=np.float32)


def _digest(listed: Sequence[Row]) -> str:
    return sha256(json.dumps([KINDS, MEANING, RIDGE, listed], default=str).encode()).hexdigest()


def run(arguments: Sequence[str]) -> int:
    stale = False
    for what in CLASSES:
        written, listed = DATA / f"{what}.json", rows(what)
        digest = _digest(listed)
        kept = json.loads(written.read_text("utf-8")).get("examples") if written.exists() else None
        if kept == digest:
            continue
        stale = True
        if "--check" in arguments:
            print(f"{written.name} was learned from other examples; run `make learn`", file=sys.stderr)
            continue
        fresh = {"examples": digest, **json.loads(learned(what, listed))}
        written.write_text(json.dumps(fresh, ensure_ascii=False), "utf-8")
    return int(stale and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
