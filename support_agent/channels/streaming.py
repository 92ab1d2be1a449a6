"""An answer of the dialogue API as events: `delta` by sentences, `action` for what waits, `done` with all of it."""

from __future__ import annotations

import re
from typing import Final

from support_agent.channels.shapes import Object

SENTENCE: Final = re.compile(r"(?<=[.!?…])(\s+)|(\n+)")


def events_of(answer: Object) -> list[tuple[str, Object]]:
    deltas: list[tuple[str, Object]] = [("delta", {"text": part}) for part in sentences(str(answer["response"]))]
    actions: list[tuple[str, Object]] = [("action", action) for action in answer["pending_actions"]]
    return [*deltas, *actions, ("done", answer)]


def sentences(text: str) -> list[str]:
    """Put together they are the text again."""
    found, start = [], 0
    for gap in SENTENCE.finditer(text):
        found.append(text[start : gap.end()])
        start = gap.end()
    return [part for part in (*found, text[start:]) if part]
