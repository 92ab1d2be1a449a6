"""Digests: due at times that come, over rows that can be narrowed so, with questions that are understood."""

from __future__ import annotations

from collections.abc import Iterator

from croniter import croniter

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject
from dash_agent.context.digests import Digest, readers
from dash_agent.context.files import nearest
from dash_agent.errors import WrongUse
from dash_agent.models.plan import Clarification, Refusal
from dash_agent.models.principal import ScopeFilter
from dash_agent.semantic.resolve import applies
from dash_agent.semantic.scope import row_rules

EXAMPLE = "write five fields like '0 8 * * mon-fri': at 08:00 from Monday to Friday"


def digests_have_a_time(subject: Subject) -> Iterator[Found]:
    """A digest's schedule is five fields of cron, and has a time that comes."""
    for file, digest in subject.content.digests.items():
        if len(digest.schedule.split()) != 5 or not croniter.is_valid(digest.schedule):
            yield Found(file, "schedule", f"'{digest.schedule}' is no time table; {EXAMPLE}")


def digests_can_be_narrowed(subject: Subject) -> Iterator[Found]:
    """The row scope of whoever gets a digest can be held, and every metric in it has the scope's dimensions."""
    if subject.model is None:
        return
    catalog = subject.model.catalog
    for file, digest in subject.content.digests.items():
        for place, reader in readers(digest):
            for index, rows in enumerate(reader.scope):
                if rows.dimension not in catalog.dimensions:
                    continue
                try:
                    row_rules(catalog, (ScopeFilter(rows.dimension, tuple(rows.values)),))
                except WrongUse as error:
                    yield Found(file, f"{place}.scope[{index}].values", str(error))
                    continue
                for metric in digest.metrics:
                    if metric in catalog.metrics and not applies(subject.model, metric, rows.dimension):
                        said = f"'{metric}' of this digest can't be narrowed by '{rows.dimension}'"
                        yield Found(file, f"{place}.scope[{index}].dimension", said)


def digest_scopes_are_there(subject: Subject) -> Iterator[Found]:
    """The values of a row scope are in values.json or in the database: a misspelt one hides every row."""
    for file, digest in subject.content.digests.items():
        for place, reader in readers(digest):
            for index, rows in enumerate(reader.scope):
                known = {v for one in subject.content.values if one.dimension == rows.dimension for v in one.stored}
                known |= set(subject.live_values.get(rows.dimension, ()))
                for position, value in enumerate(rows.values):
                    if known and value not in known:
                        said = f"'{rows.dimension}' has no value '{value}'{nearest(value, sorted(known))}"
                        yield Found(file, f"{place}.scope[{index}].values[{position}]", said)


def digest_charts_can_be_drawn(subject: Subject) -> Iterator[Found]:
    """A chart's metrics can be split by what it is drawn by, and a mover is of a period."""
    if subject.model is None:
        return
    catalog = subject.model.catalog
    for file, digest in subject.content.digests.items():
        for index, chart in enumerate(digest.charts):
            for metric in chart.metrics:
                known = chart.by in catalog.dimensions and metric in catalog.metrics
                if known and not applies(subject.model, metric, str(chart.by)):
                    yield Found(file, f"charts[{index}].by", f"'{metric}' can't be split by '{chart.by}'")
        yield from _states(subject, file, digest)


def _states(subject: Subject, file: str, digest: Digest) -> Iterator[Found]:
    assert subject.model is not None
    catalog = subject.model.catalog
    for index, section in enumerate(digest.sections):
        for position, name in enumerate(section.metrics if section.kind == "movers" else ()):
            if name in catalog.metrics and catalog.is_state(catalog.metrics[name]):
                said = f"'{name}' is a state of now, which nothing earlier is known of"
                yield Found(file, f"sections[{index}].metrics[{position}]", said)


def digest_questions_are_understood(subject: Subject) -> Iterator[Found]:
    """A question of a digest is understood without a model, in every language that it is given in and read in."""
    if subject.parser is None:
        return
    for file, digest in subject.content.digests.items():
        languages = sorted({reader.language for _, reader in readers(digest)})
        for index, section in enumerate(digest.sections):
            if section.kind != "question":
                continue
            place = f"sections[{index}].question"
            for language in languages:
                if language not in section.question:
                    yield Found(file, place, f"somebody reads this digest in '{language}'; ask in it, too")
            for written, text in section.question.items():
                if isinstance(subject.parser.plan(text, subject.calendar), Clarification | Refusal):
                    said = f"'{text}' is not understood without a model; say it in the words of the metrics"
                    yield Found(file, f"{place}.{written}", said)


RULES = (
    Rule("digest-schedule", digests_have_a_time),
    Rule("digest-scope", digests_can_be_narrowed),
    Rule("digest-scope-value", digest_scopes_are_there, "warning"),
    Rule("digest-chart", digest_charts_can_be_drawn),
    Rule("digest-question", digest_questions_are_understood, "warning"),
)
