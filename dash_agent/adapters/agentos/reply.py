"""An answer as the Markdown that a chat shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from dash_agent.adapters.agentos import markdown
from dash_agent.insight.cells import shown
from dash_agent.insight.definitions import definitions
from dash_agent.insight.messages import say
from dash_agent.insight.wording import Wording, unit_name
from dash_agent.models.answer import Answer, AnswerColumn, ColumnRole, Status
from dash_agent.models.query import Grain

SHOWN_ROWS: Final = 20

RECEIPT: Final[Mapping[str, str]] = {
    "en": "Answer `{id}` · as of {as_of} · content `{version}` · ask again: `dash-agent replay {id}`",
    "ru": "Ответ `{id}` · на {as_of} · контент `{version}` · повторить: `dash-agent replay {id}`",
}
"""In a language that is not here, in English."""

MORE: Final[Mapping[str, str]] = {
    "en": "… {count} more rows: `GET /api/v1/answers/{id}` has all.",
    "ru": "… ещё строк: {count}. Все – в `GET /api/v1/answers/{id}`.",
}


def reply(answer: Answer, wording: Wording) -> str:
    """Text, first rows, what it rests on, SQL where the answer has it, and the receipt."""
    return "\n\n".join(filter(None, _parts(answer, wording)))


def _parts(answer: Answer, wording: Wording) -> Iterator[str]:
    yield markdown.plain(answer.text)
    yield _table(answer, wording)
    hidden = len(answer.rows) - SHOWN_ROWS
    if hidden > 0:
        yield MORE.get(answer.language, MORE["en"]).format(count=hidden, id=answer.answer_id)
    choices = [o.question if o.label == o.question else f"{o.label}: {o.question}" for o in answer.options]
    yield _listed(answer, "choices", choices)
    yield _listed(answer, "assumed", answer.assumptions)
    yield _listed(answer, "caveats", answer.caveats)
    yield _listed(answer, "sources", tuple(definitions(answer.sources, wording.catalog)))
    if answer.sql:
        yield f"**SQL**\n\n{markdown.code(answer.sql, 'sql')}"
    yield _listed(answer, "suggestions", answer.suggestions)
    if answer.status is Status.ANSWERED and answer.receipt is not None:
        told = RECEIPT.get(answer.language, RECEIPT["en"])
        as_of = markdown.plain(wording.moment(answer.as_of))
        yield told.format(id=answer.answer_id, as_of=as_of, version=answer.receipt.context_version)


def _table(answer: Answer, wording: Wording) -> str:
    """'' for the one number that the text has told already."""
    columns, rows = answer.columns, answer.rows[:SHOWN_ROWS]
    if not rows or (len(columns) == 1 and len(answer.rows) == 1):
        return ""
    cells = [[shown(column, cell, wording) for column, cell in zip(columns, row, strict=True)] for row in rows]
    return markdown.table(
        [_label(column, wording) for column in columns], [_is_number(column) for column in columns], cells
    )


def _label(column: AnswerColumn, wording: Wording) -> str:
    unit = unit_name(column.unit, wording.language) if column.role is ColumnRole.METRIC else ""
    return f"{column.label}, {unit}" if unit else column.label


def _is_number(column: AnswerColumn) -> bool:
    number = column.role is ColumnRole.METRIC or column.type in ("integer", "number")
    return number and column.name not in list(Grain)


def _listed(answer: Answer, heading: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    return f"**{say(answer.language, f'heading.{heading}')}**\n\n{markdown.bullets(lines)}"
