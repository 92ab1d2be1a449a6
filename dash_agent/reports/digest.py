"""A digest for a period and a reader: every number in it from an answer, worded in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from babel.dates import format_timedelta
from babel.lists import format_list

from dash_agent.context.catalog import Catalog
from dash_agent.context.digests import Digest, Picture, Section
from dash_agent.errors import QueryError, WrongUse
from dash_agent.insight.doubts import told_of
from dash_agent.insight.messages import locale
from dash_agent.insight.naming import metric_label
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Chart, Status
from dash_agent.models.digest import Number
from dash_agent.models.plan import MetricPlan, PatternPlan
from dash_agent.models.query import Grain, MetricQuery, Period
from dash_agent.reports import funnel as stages
from dash_agent.reports import quality as judged
from dash_agent.reports import readiness as readied
from dash_agent.reports import stuck as worklist
from dash_agent.reports.digest_words import counted, tell
from dash_agent.reports.movers import movers
from dash_agent.reports.narrowing import ALL, pattern
from dash_agent.reports.spans import Preset, Span, span
from dash_agent.reports.tiles import Judged, Tile, tiles
from dash_agent.reports.told import number, rows
from dash_agent.reports.view import View

COST: Final = ("cost", "cost_per_ticket", "hours_saved")
COST_BY: Final = "cost_by_model"
BESIDE_AI: Final = ("auto_send_rate", "escalation_rate", "ai_win_rate", "similarity", "penalty")
APPROVALS: Final = ("pending_approvals", "approval_time")
PRIMARY: Final = "tickets"
MOST_ROWS: Final = 5
OF_STATE: Final = frozenset({"stuck", "approvals", "readiness"})
"""Kinds of sections that rest on what is stored now."""


@dataclass(frozen=True, slots=True)
class Line:
    """label: '' of a sentence. judged: of what changed. beside: what is said of the value in other words."""

    label: str
    text: str
    beside: tuple[str, ...] = ()
    judged: Judged = Judged.NONE
    numbers: tuple[Number, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with what it is called, in words."""

    name: str
    caption: str
    chart: Chart


@dataclass(frozen=True, slots=True)
class Told:
    """A digest in words. heads: below the title, a line each. link: of the same view, '' where there is none."""

    name: str
    title: str
    language: str
    period: str
    heads: tuple[str, ...]
    parts: tuple[Part, ...]
    drawings: tuple[Drawing, ...]
    link: str
    notes: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Each once."""
        found = {one.key: one for part in self.parts for line in part.lines for one in line.numbers}
        return tuple(found.values())


def telling(view: View, digest: Digest, about: Span, link: str, due: datetime) -> Told:
    """What a digest says. What can't be counted is said in its place. Raises Unavailable.

    due: what its questions and charts mean by yesterday, however late it is told.
    """
    wording = view.wording
    heads = [tell(view.language, "compared", period=wording.period(about.compare, view.now))]
    if view.principal.scope:
        heads.append(tell(view.language, "narrowed", rows=_scope(view)))
    heads.append(tell(view.language, "as_of", moment=wording.moment(view.now)))
    caveats: dict[str, None] = {}
    parts = tuple(_section(view, section, Asked(about, due), caveats) for section in digest.sections)
    if caveats:
        known = tuple(Line("", one) for one in caveats)
        parts = (*parts, Part(tell(view.language, "caveats"), known))
    return Told(
        digest.name,
        title(digest, view.language),
        view.language,
        wording.period(about.period, view.now),
        tuple(heads),
        parts,
        tuple(_drawings(view, digest, about, due)),
        link,
    )


def title(digest: Digest, language: str) -> str:
    return digest.title.get(language) or digest.title.get("en") or digest.name


def restated(told: Told, lines: Sequence[Line]) -> Told:
    """With what has changed since the last one, first of all."""
    if not lines:
        return told
    part = Part(tell(told.language, "restated"), tuple(lines))
    return replace(told, parts=(part, *told.parts))


def doubts(view: View, digest: Digest, about: Span) -> tuple[str, ...]:
    """Why the data does not bear this digest, in the reader's language; () where it does. Raises Unavailable."""
    problems = view.dash.preflight(_tables(view.catalog, digest), view.now)
    spans: list[MetricPlan] = [MetricPlan(MetricQuery((), period=about.period, compare=about.compare))]
    if any(section.kind in OF_STATE for section in digest.sections):
        spans.append(MetricPlan(MetricQuery(())))
    scoped = bool(view.principal.scope)
    found = (one for plan in spans for one in told_of(problems, plan, view.wording, view.now, scoped=scoped))
    return tuple(dict.fromkeys(found))


def _tables(catalog: Catalog, digest: Digest) -> tuple[str, ...]:
    """That its sections rest on, as far as its metrics and those of its kinds tell."""
    kinds = {section.kind for section in digest.sections}
    named = [*digest.metrics, *(PRIMARY if {"funnel", "stuck", "question", "movers"} & kinds else "",)]
    named += [*COST] if "cost" in kinds else []
    named += [*BESIDE_AI, judged.COUNTED] if {"ai_and_people", "readiness"} & kinds else []
    named += [*APPROVALS] if "approvals" in kinds else []
    named += [*catalog.board.movers] if "movers" in kinds else []
    known = (catalog.metrics[name] for name in named if name in catalog.metrics)
    return tuple(dict.fromkeys(part.table for metric in known for part in catalog.counted(metric)))


def _scope(view: View) -> str:
    wording, here = view.wording, locale(view.language)
    told = []
    for one in view.principal.scope:
        dimension = view.catalog.dimensions[one.dimension]
        values = format_list([wording.value(one.dimension, value) for value in one.values], locale=here)
        told.append(f"{wording.label(dimension.label, one.dimension)}: {values}")
    return "; ".join(told)


# Sections


@dataclass(frozen=True, slots=True)
class Asked:
    """What a section is about. due: when the digest was."""

    about: Span
    due: datetime


Teller = Callable[[View, Section, Span, dict[str, None]], Iterator[Line]]


def _section(view: View, section: Section, asked: Asked, caveats: dict[str, None]) -> Part:
    heading = section.title.get(view.language) or section.title.get("en") or tell(view.language, section.kind)
    try:
        lines = tuple(_told(view, section, asked, caveats))
    except (QueryError, WrongUse) as error:
        lines = (Line("", tell(view.language, "not_counted", reason=error.message)),)
    return Part(heading, lines)


def _metrics(view: View, section: Section, about: Span, caveats: dict[str, None]) -> Iterator[Line]:
    yield from _tiles(view, section.metrics, about, caveats)


def _tiles(view: View, names: Sequence[str], about: Span, caveats: dict[str, None]) -> Iterator[Line]:
    for tile in tiles(view, names, about):
        caveats.update(dict.fromkeys(tile.caveats))
        yield line_of(view, tile)


def line_of(view: View, tile: Tile) -> Line:
    """A metric with its change and target."""
    if tile.problem:
        return Line(tile.label, tell(view.language, "not_counted", reason=tile.problem))
    wording = view.wording
    told = wording.measure(tile.value, tile.unit, tile.decimals)
    beside = [_change(tile, wording)]
    if tile.target is not None:
        key = {True: "target_met", False: "target_missed", None: "target_open"}[tile.met]
        beside.append(tell(view.language, key, target=wording.measure(tile.target, tile.unit, tile.decimals)))
    again = (tile.metric, str(tile.value)) if tile.series and tile.value is not None else ("", "")
    kept = Number(tile.metric, tile.label, told, again[0], tile.answer_id, again[1])
    return Line(tile.label, told, tuple(filter(None, beside)), tile.judged, (kept,))


def _change(tile: Tile, wording: Wording) -> str:
    """With its sign; '' where nothing was there to be held against."""
    if tile.change is None or tile.value is None:
        return ""
    if not tile.change:
        return tell(wording.language, "no_change")
    told = wording.difference(tile.change, tile.unit, tile.decimals, signed=True)
    if tile.relative is not None:
        told = f"{told}, {wording.number(tile.relative, 'percent', 1, signed=True)}"
    return told


def _movers(view: View, section: Section, about: Span, caveats: dict[str, None]) -> Iterator[Line]:
    del caveats
    names = section.metrics or view.catalog.board.movers
    found = movers(view, names, about)
    for mover in found:
        told = view.wording.measure(mover.tile.value, mover.tile.unit, mover.tile.decimals)
        number = Number(f"moved:{mover.tile.metric}", mover.tile.label, told, "", mover.answer.answer_id)
        yield Line("", mover.answer.text, (), mover.tile.judged, (number,))
    if not found:
        yield Line("", tell(view.language, "nothing_moved"))


def _funnel(view: View, section: Section, about: Span, caveats: dict[str, None]) -> Iterator[Line]:
    del section
    found = stages.funnel(view, about)
    caveats.update(dict.fromkeys(found.answer.caveats))
    for stage in found.stages:
        count = view.wording.number(stage.tickets, None, 0)
        share = view.wording.measure(stage.share, "percent", 1)
        told = tell(view.language, "share_of_all", count=count, share=share)
        number = Number(f"funnel:{stage.name}", stage.label, told, "", found.answer.answer_id)
        yield Line(stage.label, told, numbers=(number,))


def _stuck(view: View, section: Section, about: Span, caveats: dict[str, None]) -> Iterator[Line]:
    del section, about, caveats
    found, wording = worklist.stuck(view), view.wording
    count = len(found.tickets)
    if not count:
        yield Line("", tell(view.language, "nothing_stuck"), numbers=(Number("stuck", found.label, "0"),))
        return
    told = f"{wording.number(count, None, 0)}{'+' if found.more else ''}"
    kept = Number("stuck", found.label, told, "", found.answer.answer_id)
    yield Line(counted(view.language, "hours", found.hours), told, numbers=(kept,))
    for one in found.tickets[:MOST_ROWS]:
        age = format_timedelta(one.age, threshold=1.5, locale=locale(view.language))
        words = {
            "id": one.ticket_id,
            "category": wording.value("request_type", one.category),
            "urgency": wording.value("urgency", one.urgency),
            "owner": one.owner or tell(view.language, "nobody"),
        }
        yield Line("", tell(view.language, "ticket", age=age, **words))
    if count > MOST_ROWS:
        yield Line("", counted(view.language, "and_more", count - MOST_ROWS))


def _ai_and_people(view: View, section: Section, about: Span, caveats: dict[str, None]) -> Iterator[Line]:
    yield from _tiles(view, section.metrics or _known(view, BESIDE_AI), about, caveats)
    if not judged.is_defined(view.catalog):
        return
    found = judged.quality(view, about)
    known = [one for one in found.groups if one.figures.get(judged.RATE) is not None and not one.few]
    if known:
        rate = view.wording.measure(known[0].figures[judged.RATE], "percent", 1)
        name = view.wording.value(judged.CATEGORY, known[0].category)
        count = view.wording.number(known[0].comparisons, None, 0)
        told = tell(view.language, "weakest", category=name, rate=rate, count=count)
        yield Line("", told, numbers=(Number("weakest", name, told, "", found.groups_id),))


def _cost(view: View, section: Section, about: Span, caveats: dict[str, None]) -> Iterator[Line]:
    yield from _tiles(view, section.metrics or _known(view, COST), about, caveats)
    if COST_BY not in view.catalog.patterns:
        return
    answer = view.answered(pattern(view.catalog, COST_BY, ALL, about.period))
    for row in list(rows(answer))[:MOST_ROWS]:
        model = view.wording.value("model", row["model"])
        cost = view.wording.measure(number(row["cost"]), "usd", 2)
        share = view.wording.measure(number(row["share"]), "percent", 1)
        told = tell(view.language, "by_model", cost=cost, share=share)
        yield Line(model, told, numbers=(Number(f"cost:{model}", model, told, "", answer.answer_id),))


def _readiness(view: View, section: Section, about: Span, caveats: dict[str, None]) -> Iterator[Line]:
    del section, about, caveats
    if not readied.is_defined(view.catalog):
        raise WrongUse(f"the content has no pattern '{readied.PATTERN}'")
    found, wording = readied.readiness(view), view.wording
    ready = [wording.value(readied.CATEGORY, one.category) for one in found.categories if one.ready]
    told = tell(view.language, "ready_count", ready=len(ready), all=len(found.categories))
    yield Line("", told, numbers=(Number("ready", "", told, "", found.answer_id),))
    if ready:
        names = format_list(ready, locale=locale(view.language))
        yield Line("", tell(view.language, "ready_list", names=names))
    others = [one for one in found.categories if not one.ready]
    if others:
        nearest = min(others, key=lambda one: one.missed)
        header = view.catalog.patterns[readied.PATTERN].header
        missed = [
            wording.label(header.columns[check.threshold.column].label, check.threshold.column).lower()
            for check in nearest.checks
            if not check.passed
        ]
        name = wording.value(readied.CATEGORY, nearest.category)
        said = format_list(missed, locale=locale(view.language))
        yield Line("", tell(view.language, "nearest", name=name, missed=said))


def _approvals(view: View, section: Section, about: Span, caveats: dict[str, None]) -> Iterator[Line]:
    yield from _tiles(view, section.metrics or _known(view, APPROVALS), about, caveats)


def _told(view: View, section: Section, asked: Asked, caveats: dict[str, None]) -> Iterator[Line]:
    if section.kind == "question":
        return _question(view, section, asked.due, caveats)
    return _TELLERS[section.kind](view, section, asked.about, caveats)


def _question(view: View, section: Section, due: datetime, caveats: dict[str, None]) -> Iterator[Line]:
    asked = section.question.get(view.language) or next(iter(section.question.values()))
    answer = view.dash.ask(asked, view.principal, now=due, language=view.language)
    caveats.update(dict.fromkeys(answer.caveats))
    if answer.status is not Status.ANSWERED:
        yield Line(asked, tell(view.language, "not_counted", reason=answer.text))
        return
    yield Line(asked, answer.text, numbers=(Number(f"asked:{asked}", asked, answer.text, "", answer.answer_id),))


_TELLERS: Final[Mapping[str, Teller]] = {
    "metrics": _metrics,
    "movers": _movers,
    "funnel": _funnel,
    "stuck": _stuck,
    "ai_and_people": _ai_and_people,
    "cost": _cost,
    "readiness": _readiness,
    "approvals": _approvals,
}


def _known(view: View, names: Sequence[str]) -> tuple[str, ...]:
    """What a kind tells by itself, as far as the content has it."""
    return tuple(name for name in names if name in view.catalog.metrics)


# Charts


def _drawings(view: View, digest: Digest, about: Span, due: datetime) -> Iterator[Drawing]:
    calendar = view.dash.calendar(due)
    for index, picture in enumerate(digest.charts):
        over = about.period if picture.period is None else span(Preset(picture.period), calendar).period
        answer = view.answer(_plan(view, picture, over))
        if answer.status is Status.ANSWERED and answer.chart is not None:
            yield Drawing(f"{digest.name}-{index + 1}", _caption(view, picture, over), answer.chart)


def _plan(view: View, picture: Picture, over: Period) -> MetricPlan | PatternPlan:
    if not picture.metrics:
        return pattern(view.catalog, stages.PATTERN, ALL, over)
    if picture.by in list(Grain):
        return MetricPlan(MetricQuery(tuple(picture.metrics), period=over, grain=Grain(picture.by)))
    return MetricPlan(MetricQuery(tuple(picture.metrics), (picture.by or "",), period=over))


def _caption(view: View, picture: Picture, over: Period) -> str:
    told = view.wording.period(over, view.now)
    own = picture.title.get(view.language) or picture.title.get("en")
    if own is None and not picture.metrics:
        return tell(view.language, "funnel_of", period=told)
    label = own or ", ".join(metric_label(name, view.wording) for name in picture.metrics)
    return tell(view.language, "picture", label=label, period=told)
