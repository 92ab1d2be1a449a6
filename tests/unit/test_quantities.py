"""Texts give the bounds, percentiles and numbers of cases/quantities.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import yaml

from dash_agent.models.query import Op
from dash_agent.planning.quantities import QuantityGrammar
from dash_agent.planning.terms import NumberTerm, PercentileTerm, Span, ThresholdTerm
from dash_agent.planning.tokens import Analyser
from tests.conftest import CASES

Case = dict[str, Any]
LISTED: list[Case] = yaml.safe_load((CASES / "quantities.yaml").read_text(encoding="utf-8"))
SIGNS = {Op.GT: ">", Op.GE: ">=", Op.LT: "<", Op.LE: "<="}


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser()


@pytest.fixture(scope="module")
def grammar(analyser: Analyser) -> QuantityGrammar:
    return QuantityGrammar(analyser)


def longest(spans: list[Span]) -> Iterator[Span]:
    """Those that stand within no other one."""
    for span in spans:
        others = (other for other in spans if (other.start, other.end) != (span.start, span.end))
        if not any(other.start <= span.start and span.end <= other.end for other in others):
            yield span


def said(term: object) -> str:
    match term:
        case ThresholdTerm(op, value, unit):
            return f"{SIGNS[op]} {value} {unit}".strip()
        case PercentileTerm(fraction):
            return f"percentile {fraction}"
        case NumberTerm(value):
            return str(value)
    raise TypeError(term)


def found(text: str, analyser: Analyser, grammar: QuantityGrammar, *kinds: type) -> list[str]:
    tokens = analyser.tokens(text)
    spans = [span for span in grammar.spans(tokens) if isinstance(span.term, kinds)]
    read = sorted(longest(spans), key=lambda span: span.start)
    return [f"{said(span.term)}: {' '.join(token.text for token in tokens[span.start : span.end])}" for span in read]


@pytest.mark.parametrize("case", [case for case in LISTED if "reads" in case], ids=lambda case: str(case["ask"]))
def test_bounds_and_percentiles_are_read_and_nothing_else_is(
    case: Case, analyser: Analyser, grammar: QuantityGrammar
) -> None:
    assert found(case["ask"], analyser, grammar, ThresholdTerm, PercentileTerm) == case["reads"]


@pytest.mark.parametrize("case", [case for case in LISTED if "number" in case], ids=lambda case: str(case["ask"]))
def test_whole_numbers_are_read(case: Case, analyser: Analyser, grammar: QuantityGrammar) -> None:
    assert found(str(case["ask"]), analyser, grammar, NumberTerm) == case["number"]


def test_a_third_of_the_cases_must_not_be_read() -> None:
    reading = [case for case in LISTED if "reads" in case]
    assert len(reading) >= 80
    assert sum(not case["reads"] for case in reading) * 3 >= len(reading)


@pytest.mark.parametrize("number", ["7", "0.25", "1,500", "2,5", "40"])
@pytest.mark.parametrize(("bound", "op"), [("more than", Op.GT), ("не меньше", Op.GE), ("under", Op.LT)])
def test_a_bound_takes_numbers_in_every_writing(
    bound: str, op: Op, number: str, analyser: Analyser, grammar: QuantityGrammar
) -> None:
    value = Decimal(number.replace(",", "") if len(number) == 5 else number.replace(",", "."))
    terms = [span.term for span in grammar.spans(analyser.tokens(f"{bound} {number}"))]
    assert ThresholdTerm(op, value) in terms
