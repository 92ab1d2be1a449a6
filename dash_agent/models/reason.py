"""Why something was not sent, or not looked at: a code and what it is about, to be worded for whoever reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from dash_agent.errors import DashError

IN_WORDS: Final = "in_words"
"""A reason that was worded when it came up, in every language."""


@dataclass(frozen=True, slots=True)
class Reason:
    """said: in English. values: by name, as they are told. words: by language, of a reason IN_WORDS."""

    code: str
    said: str
    values: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.said

    @property
    def kept(self) -> str:
        """As it stands in the database."""
        told = {"code": self.code, "said": self.said, "values": dict(self.values), "words": dict(self.words)}
        return json.dumps({name: one for name, one in told.items() if one}, ensure_ascii=False)


def reason_of(kept: str) -> Reason:
    """What `kept` made. Anything else is taken as it stands."""
    try:
        told = json.loads(kept) if kept.startswith('{"code": ') else {}
    except ValueError:
        told = {}
    if not isinstance(told, dict) or "code" not in told:
        return Reason("", kept)
    return Reason(str(told["code"]), str(told.get("said", "")), told.get("values", {}), told.get("words", {}))


def why_of(error: DashError) -> Reason:
    """Of what kept something from being done, with what to do next."""
    return Reason(error.reason or error.code, str(error), error.values)
