"""The catalogue page: `python -m dash_agent.preview.page` prints docs/metrics.md for the content of this folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Final
from zoneinfo import ZoneInfo

from dash_agent.context.business import Dimension
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.context.files import LocalText
from dash_agent.insight.wording import Wording
from dash_agent.preview.definition import Definition, defined
from dash_agent.preview.messages import tell
from dash_agent.preview.words import described, words_of
from dash_agent.semantic.model import SemanticModel

WIDTH: Final = 120
SHOWN_WORDS: Final = 12
LANGUAGE: Final = "en"
INTRODUCTION: Final = """\
What `business/*.json` defines, written from it by `make generate`. `dash-agent metric NAME` shows a metric with its
value and SQL. Of the words that mean a thing the first ones stand here. How questions and periods are read is in
[definitions.md](definitions.md)."""
SPECIAL: Final = str.maketrans({char: f"\\{char}" for char in "\\*<>|`[]"})


def page(catalog: Catalog) -> str:
    """Every metric, dimension and constant of a catalogue, as Markdown."""
    model = SemanticModel(catalog)
    metrics = [defined(model, name) for name in catalog.metrics]
    wording = Wording(catalog, LANGUAGE, ZoneInfo("UTC"))
    blocks = [
        "# Metrics and dimensions",
        INTRODUCTION,
        "## Metrics",
        _table(("Metric", "English", "Russian", "Unit", "Good when", "Table"), map(_metric_row, metrics)),
        *(block for found in metrics for block in _metric_blocks(found, wording)),
        "## Dimensions",
        *(block for dimension in catalog.dimensions.values() for block in _dimension_blocks(dimension, metrics)),
        "## Constants",
        "Numbers that the SQL of metrics and query patterns names, as in `:stuck_hours`. They stand in "
        "`business/rules.json`.",
        _table(("Constant", "Value", "Unit", "What it is", "Metrics"), _constant_rows(catalog, metrics)),
    ]
    return "\n\n".join(blocks) + "\n"


def _metric_row(found: Definition) -> Sequence[str]:
    metric = found.metric
    return (
        f"[{metric.name}](#{metric.name})",
        _label(metric.label, "en"),
        _label(metric.label, "ru"),
        tell(LANGUAGE, f"unit.{metric.unit}"),
        tell(LANGUAGE, f"direction.{metric.direction}"),
        ", ".join(table.table for table in found.tables),
    )


def _metric_blocks(found: Definition, wording: Wording) -> Iterator[str]:
    metric = found.metric
    yield f"### {metric.name}"
    yield _paragraph(f"{_names(metric.label)}. {metric.description}")
    rows = described(found, wording, words=SHOWN_WORDS)
    yield "\n".join(_bullet(heading, lines) for heading, lines in rows)


def _dimension_blocks(dimension: Dimension, metrics: Sequence[Definition]) -> Iterator[str]:
    yield f"### {dimension.name}"
    yield _paragraph(f"{_names(dimension.label)}. {dimension.description}")
    tables = dict.fromkeys(t.table for m in metrics if dimension.name in m.dimensions for t in m.tables)
    elsewhere = [f"{column} for metrics of {table}" for table, column in dimension.on.items()]
    rows = (
        ("Column", ["; ".join([dimension.column, *elsewhere])]),
        ("Splits metrics of", [", ".join(tables)]),
        ("Words", list(words_of(dimension, LANGUAGE, SHOWN_WORDS))),
    )
    yield "\n".join(_bullet(heading, lines) for heading, lines in rows)


def _constant_rows(catalog: Catalog, metrics: Sequence[Definition]) -> Iterator[Sequence[str]]:
    for constant in catalog.constants.values():
        using = [found.metric.name for found in metrics if constant in found.constants]
        unit = tell(LANGUAGE, f"unit.{constant.unit}")
        yield constant.name, str(constant.value), unit, constant.description, ", ".join(using)


def _names(labels: LocalText) -> str:
    return " · ".join(labels.values())


def _label(labels: Mapping[str, str], language: str) -> str:
    return labels.get(language, "")


def _bullet(heading: str, lines: Sequence[str]) -> str:
    """A line of a list, or with several lines a list below it."""
    if len(lines) == 1:
        return _wrapped(f"- **{heading}:** {_escaped(lines[0])}", "  ")
    below = (_wrapped(f"  - {_escaped(line)}", "    ") for line in lines)
    return "\n".join((f"- **{heading}:**", *below))


def _paragraph(text: str) -> str:
    return _wrapped(_escaped(text), "")


def _wrapped(text: str, indent: str) -> str:
    return fill(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _escaped(text: str) -> str:
    return text.translate(SPECIAL)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    print(page(load_catalog(Path())), end="")
