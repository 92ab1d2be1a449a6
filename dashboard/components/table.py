"""An answer's rows: a table that sorts by values and shows them as the answer's language writes them, and files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dash_agent.insight.cells import NOTHING, shown
from dash_agent.insight.wording import Wording, unit_name
from dash_agent.models.answer import Answer, AnswerColumn, ColumnRole
from dash_agent.models.query import Grain
from dash_agent.models.sql import Cell
from dashboard.words import Words

if TYPE_CHECKING:
    import pandas as pd

ROW: Final = 35
"""Pixels of a row, as Streamlit draws it."""
MOST_ROWS: Final = 10
"""Rows in view; the others are scrolled to."""
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
UNITS_IN_HEADS: Final = {"percent": "%", "usd": "USD"}


def table(answer: Answer, wording: Wording, words: Words, key: str) -> None:
    """Nothing where there are no columns."""
    if not answer.columns or not answer.rows:
        return
    found = frame(answer, wording)
    styled = found.style.format(
        {column: _written(one, wording) for column, one in zip(found.columns, answer.columns, strict=True)}
    )
    height = ROW * (min(len(found), MOST_ROWS) + 1) + 3
    alt = words("ask.table_alt", count=len(found), columns=", ".join(map(str, found.columns)))
    st.dataframe(styled, hide_index=True, key=f"table-{key}", height=height, alt=alt)


def downloads(answer: Answer, wording: Wording, words: Words, key: str) -> None:
    """The rows as CSV and as XLSX, made when they are asked for."""
    if not answer.columns or not answer.rows:
        return
    name = f"dash-{answer.answer_id}"
    st.download_button(
        "CSV",
        lambda: csv_of(answer, wording),
        f"{name}.csv",
        "text/csv",
        key=f"csv-{key}",
        help=words("ask.csv_help"),
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
    st.download_button(
        "XLSX",
        lambda: xlsx_of(answer, wording),
        f"{name}.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        key=f"xlsx-{key}",
        help=words("ask.xlsx_help"),
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def frame(answer: Answer, wording: Wording) -> pd.DataFrame:
    """Numbers are numbers and times are times; groups have the names that people call them."""
    import pandas as pd

    heads = _heads(answer, wording)
    cells = [[_value(one, row[place], wording) for row in answer.rows] for place, one in enumerate(answer.columns)]
    return pd.DataFrame(dict(zip(heads, cells, strict=True)))


def csv_of(answer: Answer, wording: Wording) -> bytes:
    """With a mark of its encoding, without which a spreadsheet reads Cyrillic wrongly. No text begins a formula."""
    found = frame(answer, wording)
    for column in found.columns:
        found[column] = found[column].map(_disarmed)
    return str(found.to_csv(index=False)).encode("utf-8-sig")


def xlsx_of(answer: Answer, wording: Wording) -> bytes:
    """Text stays text: no formulas, no links."""
    import pandas as pd

    held = BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(held, engine="xlsxwriter", engine_kwargs={"options": plain}) as writer:
        found = frame(answer, wording)
        found.to_excel(writer, sheet_name="Dash", index=False, freeze_panes=(1, 0))
        writer.sheets["Dash"].autofit()
    return held.getvalue()


def _heads(answer: Answer, wording: Wording) -> list[str]:
    """Labels with the units that cells do not say, each once."""
    found: list[str] = []
    for column in answer.columns:
        head = _head(column, wording)
        found.append(head if head not in found else f"{head} ({column.name})")
    return found


def _head(column: AnswerColumn, wording: Wording) -> str:
    unit = unit_name(column.unit, wording.language) or UNITS_IN_HEADS.get(column.unit or "", "")
    return f"{column.label}, {unit}" if unit and column.role is ColumnRole.METRIC else column.label


def _is_number(column: AnswerColumn) -> bool:
    return column.type in ("integer", "number") and not (
        column.role is ColumnRole.DIMENSION and column.name in list(Grain)
    )


def _value(column: AnswerColumn, cell: Cell, wording: Wording) -> object:
    """As it goes into a file."""
    if cell is None:
        return None if _is_number(column) or column.role is not ColumnRole.DIMENSION else shown(column, cell, wording)
    match cell:
        case bool():
            return shown(column, cell, wording)
        case Decimal():
            return float(cell) if _is_number(column) else shown(column, cell, wording)
        case int() | float():
            return cell if _is_number(column) else shown(column, cell, wording)
        case datetime():
            # A spreadsheet knows no time zones: the business's own is told.
            return cell.astimezone(wording.zone).replace(tzinfo=None) if cell.tzinfo is not None else cell
        case date() if column.role is ColumnRole.DIMENSION and column.name in (Grain.MONTH, Grain.QUARTER, Grain.YEAR):
            return cell
        case date():
            return cell
        case _:
            return shown(column, cell, wording)


def _written(column: AnswerColumn, wording: Wording) -> Callable[[Any], str]:
    """How a value of the frame is shown."""

    def written(value: Any) -> str:
        if value is None or value != value:
            return NOTHING
        if isinstance(value, datetime):
            return wording.moment(value.replace(tzinfo=wording.zone))
        if isinstance(value, date):
            grain = Grain(column.name) if column.name in list(Grain) else Grain.DAY
            return wording.bucket(grain, value)
        if isinstance(value, bool | str):
            return str(value)
        number = Decimal(repr(value)) if isinstance(value, float) else value
        return shown(column, _whole(column, number), wording)

    return written


def _whole(column: AnswerColumn, number: Decimal | int) -> Decimal | int:
    """A count that pandas holds as a float, beside one that is not known, has no decimals."""
    if column.type == "integer" and number == int(number):
        return int(number)
    return number


def _disarmed(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
