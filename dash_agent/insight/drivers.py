"""Where a change comes from: the split that tells most, and its few groups. Arithmetic, never a cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from dash_agent.context.business import RatioMetric
from dash_agent.insight.analysis.change import Effect, Pair, explains, leading, of_rate, of_sum, surprise
from dash_agent.insight.changes import unit_of_change
from dash_agent.insight.finding import Case, Finding, Rank, exact, rounded
from dash_agent.insight.messages import say
from dash_agent.insight.naming import dimension_label
from dash_agent.insight.probes import BY, Seen, is_average
from dash_agent.models.answer import Fact
from dash_agent.models.sql import Cell
from dash_agent.semantic.legs import PREVIOUS

TELLS: Final = Fraction(1, 10)
"""A split that explains less than this leaves a change spread over its groups."""

NEAR: Final = 0.75
"""A split that strays so much of what the farthest does tells the same: boxes that lie still are of a carrier, and of
the country where it delivers.
"""

Groups = Mapping[Cell, tuple[Pair, ...]]


@dataclass(frozen=True, slots=True)
class Split:
    """A dimension with its groups' numbers and effects. scale: 100 of a percentage."""

    dimension: str
    groups: Groups
    effects: tuple[Effect[Cell], ...]
    scale: int

    @property
    def told(self) -> Fraction:
        return explains(self.effects)


def why(case: Case) -> Iterator[Finding]:
    """The split with the group that strays most first; the others leave facts."""
    if not case.plan.why or len(case.query.metrics) > 1 or not _has_moved(case):
        return
    looked_at = [one for one in case.seen if one.probe.name.startswith(BY)]
    splits = [split for one in looked_at if (split := _split(case, one)) is not None]
    if not splits:
        yield from _moved_most(case, looked_at)
        return
    telling = _in_order([s for s in splits if s.told >= TELLS and _named(case, s)])
    if not telling:
        names = ", ".join(dimension_label(split.dimension, case.wording) for split in splits)
        yield Finding(Rank.DRIVERS, say(case.language, "why.spread", splits=names), ())
        return
    yield _parts(case, telling[0])
    if _is_rate(case):
        yield from _mix(case, telling[0])
    for other in telling[1:]:
        yield replace(_parts(case, other), text="")


def _in_order(splits: list[Split]) -> list[Split]:
    """By how far a named group strays; of those that are near to the first, the one that the rules name first."""
    if not splits:
        return []
    strays = {split.dimension: surprise(split.effects) for split in splits}
    first = next(split for split in splits if strays[split.dimension] >= NEAR * max(strays.values()))
    others = sorted(splits, key=lambda split: -strays[split.dimension])
    return [first, *(split for split in others if split is not first)]


def _has_moved(case: Case) -> bool:
    """A single value that changed, or one of several groups that did."""
    return any(exact(row[case.first + 2]) for row in case.result.rows)


def _is_rate(case: Case) -> bool:
    return isinstance(case.metric, RatioMetric) or is_average(case.query, case.metric)


def _split(case: Case, seen: Seen) -> Split | None:
    """None where the groups are not all there, or are no parts of the whole (a median's, customers in two groups)."""
    if seen.result.truncated:
        return None
    dimension = seen.probe.query.dimensions[0]
    groups = _groups(seen)
    if not case.adds_up and not _is_rate(case):
        return None
    scale = case.metric.scale if isinstance(case.metric, RatioMetric) else 1
    effects = (
        of_rate({key: (pairs[0], pairs[1]) for key, pairs in groups.items()})
        if _is_rate(case)
        else of_sum({key: pairs[0] for key, pairs in groups.items()})
    )
    if effects is None or not _is_whole(case, effects, scale):
        return None
    return Split(dimension, groups, effects, scale)


def _groups(seen: Seen) -> Groups:
    """Numbers of both periods by group, in the order of the probe's metrics."""
    at = {column.name: place for place, column in enumerate(seen.columns)}
    names = seen.probe.query.metrics
    return {
        row[0]: tuple(Pair.of(exact(row[at[name]]), exact(row[at[name + PREVIOUS]])) for name in names)
        for row in seen.result.rows
    }


def _is_whole(case: Case, effects: tuple[Effect[Cell], ...], scale: int) -> bool:
    """Whether the effects add up to the change that the answer shows, as far as its rounding can tell."""
    if not case.is_single:
        return True
    change = exact(case.result.rows[0][2])
    found = sum((effect.total for effect in effects), Fraction(0)) * scale
    step = Fraction(1, 10**case.metric.decimals)
    # A count is exact; the groups of a rounded sum are each off by half a step.
    slack = step / 2 * (len(effects) + 1) if case.adds_up and case.metric.decimals else step / 2
    return change is not None and abs(found - Fraction(change)) <= slack


def _parts(case: Case, split: Split) -> Finding:
    named = _named(case, split)
    items: list[str] = []
    facts: list[Fact] = []
    for place, effect in enumerate(named):
        group = case.wording.value(split.dimension, effect.key)
        size = rounded(effect.total * split.scale, case.metric.decimals)
        value, before = _own(case, split, effect)
        told = {
            "group": group,
            "effect": case.wording.difference(size, case.metric.unit, case.metric.decimals, signed=True),
            "before": _worded(case, before),
            "now": _worded(case, value),
        }
        items.append(say(case.language, "why.next" if place else "why.first", **told))
        facts += _facts(case, group, size, value, before)
    text = say(case.language, "why.parts", split=dimension_label(split.dimension, case.wording), items="; ".join(items))
    return Finding(Rank.DRIVERS, text, tuple(facts))


def _named(case: Case, split: Split) -> list[Effect[Cell]]:
    """Without those that are too small to be seen in the metric's decimals."""
    return [e for e in leading(split.effects) if rounded(e.total * split.scale, case.metric.decimals)]


def _facts(case: Case, group: str, size: Decimal, value: Decimal | None, before: Decimal | None) -> Iterator[Fact]:
    yield case.fact("contribution", size, unit=unit_of_change(case), segment=group)
    yield case.fact("value", value, segment=group, previous=before)


def _own(case: Case, split: Split, effect: Effect[Cell]) -> tuple[Decimal | None, Decimal | None]:
    """The group's own number now and before; None where it has none."""
    pairs, decimals = split.groups[effect.key], case.metric.decimals
    if not _is_rate(case):
        return rounded(pairs[0].now, decimals), rounded(pairs[0].before, decimals)
    top, bottom = pairs
    return (
        rounded(top.now / bottom.now * split.scale, decimals) if bottom.now else None,
        rounded(top.before / bottom.before * split.scale, decimals) if bottom.before else None,
    )


def _worded(case: Case, value: Decimal | None) -> str:
    return say(case.language, "why.absent") if value is None else case.worded(value)


def _mix(case: Case, split: Split) -> Iterator[Finding]:
    """What the groups' weights and the groups themselves did; left out where the weights did next to nothing."""
    unit, decimals = case.metric.unit, case.metric.decimals
    mix, within = (
        rounded(sum(parts, Fraction(0)) * split.scale, decimals)
        for parts in ([e.mix for e in split.effects], [e.performance for e in split.effects])
    )
    if not mix:
        return
    told = [case.wording.difference(part, unit, decimals, signed=True) for part in (mix, within)]
    text = say(case.language, "why.mix", mix=told[0], within=told[1])
    name = dimension_label(split.dimension, case.wording)
    facts = tuple(
        case.fact("mix", part, unit=unit_of_change(case), segment=name, label=say(case.language, key, label=case.label))
        for key, part in (("mix_of", mix), ("within_of", within))
    )
    yield Finding(Rank.MIX, text, facts)


def _moved_most(case: Case, looked_at: list[Seen]) -> Iterator[Finding]:
    """Of what has no parts, such as a median: the group that moved most the way of the whole, by its rows."""
    changes = [change for row in case.result.rows if (change := exact(row[case.first + 2]))]
    way = 1 if changes[0] > 0 else -1
    fewest = case.wording.catalog.rules.small_sample
    found: tuple[Fraction, str, Cell, Pair] | None = None
    for seen in looked_at:
        groups = {key: pairs for key, pairs in _groups(seen).items() if _enough(pairs, fewest)}
        rows = sum((pairs[1].now for pairs in groups.values()), Fraction(0)) if not case.adds_up else Fraction(1)
        for key, pairs in groups.items():
            weight = pairs[1].now / rows if len(pairs) > 1 and rows else Fraction(1)
            moved = pairs[0].change * way * weight
            if moved > 0 and (found is None or moved > found[0]):
                found = (moved, seen.probe.query.dimensions[0], key, pairs[0])
    if found is None:
        return
    _, dimension, key, pair = found
    group = case.wording.value(dimension, key)
    value, before = rounded(pair.now, case.metric.decimals), rounded(pair.before, case.metric.decimals)
    told = {"group": group, "before": case.worded(before), "now": case.worded(value)}
    text = say(case.language, "why.moved", split=dimension_label(dimension, case.wording), **told)
    yield Finding(Rank.DRIVERS, text, (case.fact("value", value, segment=group, previous=before),))


def _enough(pairs: tuple[Pair, ...], fewest: int) -> bool:
    return len(pairs) < 2 or min(pairs[1].now, pairs[1].before) >= fewest
