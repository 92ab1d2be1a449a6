"""Names that another word parts: 'new premium subscriptions' are new subscriptions, of the premium plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dash_agent.planning.languages.language import Operator
from dash_agent.planning.lexicon import Lexicon
from dash_agent.planning.terms import MetricTerm, OperatorTerm, ValueTerm
from dash_agent.planning.tokens import Token

COUNT: Final = OperatorTerm(Operator.COUNT)


def joined(tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[tuple[Token, ...]]:
    """The question with the value, or the 'how many', before the name that it parts, for each such name."""
    for between in lexicon.spans(tokens):
        if not isinstance(between.term, ValueTerm) and between.term != COUNT:
            continue
        said = tokens[between.start : between.end]
        kept = (*tokens[: between.start], *tokens[between.end :])
        for name in lexicon.spans(kept):
            if isinstance(name.term, MetricTerm) and name.start < between.start < name.end:
                yield (*kept[: name.start], *said, *kept[name.start :])
