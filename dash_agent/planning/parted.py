"""Names that a value parts: 'new premium subscriptions' are new subscriptions, of the premium plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dash_agent.planning.lexicon import Lexicon
from dash_agent.planning.terms import MetricTerm, ValueTerm
from dash_agent.planning.tokens import Token


def joined(tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[tuple[Token, ...]]:
    """The question with the value before the name that it parts, for each such name."""
    for value in lexicon.spans(tokens):
        if not isinstance(value.term, ValueTerm):
            continue
        said = tokens[value.start : value.end]
        kept = (*tokens[: value.start], *tokens[value.end :])
        for name in lexicon.spans(kept):
            if isinstance(name.term, MetricTerm) and name.start < value.start < name.end:
                yield (*kept[: name.start], *said, *kept[name.start :])
