"""Words of two kinds that stand in one list are of one kind: 'monthly, bimonthly and quarterly' subscribers."""

from __future__ import annotations

from collections.abc import Sequence

from dash_agent.planning.sentence import LINKS
from dash_agent.planning.terms import FillerTerm, GrainTerm, OperatorTerm, Span, ValueTerm
from dash_agent.planning.tokens import Token


def as_values(tokens: Sequence[Token], spans: Sequence[Span], values: Sequence[Span]) -> tuple[Span, ...]:
    """The spans with buckets of time that are listed with values, or with other buckets, as the values they name.

    values: what every span might mean as a value of a dimension.
    """
    known = {(span.start, span.end): span for span in values}
    members = [known.get((span.start, span.end)) for span in spans]
    listed: set[int] = set()
    for at, one in enumerate(members):
        behind = _linked(tokens, spans, at)
        other = members[behind] if behind is not None else None
        if behind is not None and one is not None and other is not None and _dimensions(one) & _dimensions(other):
            listed |= {place for place in (at, behind) if isinstance(spans[place].term, GrainTerm)}
    return tuple(members[at] or span if at in listed else span for at, span in enumerate(spans))


def _linked(tokens: Sequence[Token], spans: Sequence[Span], at: int) -> int | None:
    """The next of a list: behind a comma, an 'and', an 'or' or a 'vs', over words that carry nothing."""
    linked = False
    for place in range(at + 1, len(spans)):
        span = spans[place]
        linked = linked or tokens[span.start].after_comma
        if isinstance(span.term, OperatorTerm) and span.term.operator in LINKS:
            linked = True
        elif not isinstance(span.term, FillerTerm):
            return place if linked else None
    return None


def _dimensions(span: Span) -> frozenset[str]:
    return frozenset(name for name, _ in span.term.choices) if isinstance(span.term, ValueTerm) else frozenset()
