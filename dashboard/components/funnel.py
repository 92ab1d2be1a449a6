"""Tables of the funnel page: time in stage, the worklist of stuck tickets, the breach forecast with its record."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from dash_agent.insight.wording import Wording
from dash_agent.reports.breaches import Forecast, Record
from dash_agent.reports.funnel import Step
from dash_agent.reports.stuck import StuckTicket, Worklist
from dashboard.components.text import plain
from dashboard.words import Words

Rows = Mapping[str, Sequence[object]]
HEIGHT: Final = 420
"""Pixels of a long table; it scrolls within."""

LONG: Final = 10


def step_table(steps: Sequence[Step], words: Words) -> None:
    rows: Rows = {
        words("funnel.step"): [step.label for step in steps],
        words("funnel.tickets"): [step.tickets for step in steps],
        words("funnel.median"): [_float(step.median) for step in steps],
        words("funnel.slow"): [_float(step.slow) for step in steps],
    }
    numbers = [words(f"funnel.{name}") for name in ("tickets", "median", "slow")]
    columns = {name: st.column_config.NumberColumn(format="localized", width="small") for name in numbers}
    st.dataframe(rows, hide_index=True, column_config=columns, alt=words("funnel.steps"))


def worklist(found: Worklist, words: Words, wording: Wording) -> None:
    """A table that every column sorts, with the same rows as CSV."""
    if not found.tickets:
        st.success(words("funnel.none_stuck", hours=found.hours), icon=":material/check_circle:")
        return
    count = len(found.tickets)
    key = "funnel.stuck_more" if found.more else "funnel.stuck_count"
    st.markdown(words(key, count=count, hours=found.hours))
    rows: Rows = {
        words("funnel.ticket"): [ticket.ticket_id for ticket in found.tickets],
        words("funnel.age"): [_hours(ticket.age) for ticket in found.tickets],
        words("funnel.status"): [wording.value("status", ticket.status) for ticket in found.tickets],
        words("funnel.category"): [wording.value("request_type", ticket.category) for ticket in found.tickets],
        words("funnel.urgency"): [wording.value("urgency", ticket.urgency) for ticket in found.tickets],
        words("funnel.owner"): [_owner(ticket.owner, words, wording) for ticket in found.tickets],
        words("funnel.channel"): [wording.value("channel", ticket.channel) for ticket in found.tickets],
        words("funnel.changed"): [_local(ticket.updated_at, wording.zone) for ticket in found.tickets],
    }
    columns = {
        words("funnel.ticket"): st.column_config.NumberColumn(format="%d", width="small"),
        words("funnel.age"): st.column_config.NumberColumn(
            format="localized", width="small", help=words("funnel.age_help")
        ),
        words("funnel.changed"): st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
    }
    st.dataframe(
        rows,
        hide_index=True,
        column_config=columns,
        height=HEIGHT if count > LONG else "auto",
        alt=words("funnel.stuck"),
    )
    st.download_button(
        words("funnel.csv"),
        csv_of(found.tickets, words, wording),
        file_name="stuck_tickets.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def csv_of(tickets: Sequence[StuckTicket], words: Words, wording: Wording) -> bytes:
    """For a spreadsheet: UTF-8 with its mark, moments in the business time zone, no cell that begins a formula."""
    text = io.StringIO()
    written = csv.writer(text)
    names = ("ticket", "age", "status", "category", "urgency", "owner", "channel", "created", "changed")
    written.writerow([words(f"funnel.{name}") for name in names])
    for ticket in tickets:
        cells = (
            ticket.ticket_id,
            _hours(ticket.age),
            wording.value("status", ticket.status),
            wording.value("request_type", ticket.category),
            wording.value("urgency", ticket.urgency),
            _owner(ticket.owner, words, wording),
            wording.value("channel", ticket.channel),
            f"{_local(ticket.created_at, wording.zone):%Y-%m-%d %H:%M}",
            f"{_local(ticket.updated_at, wording.zone):%Y-%m-%d %H:%M}",
        )
        written.writerow([_no_formula(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def risk_table(forecast: Forecast, words: Words, wording: Wording) -> None:
    if not forecast.risks:
        st.success(words("funnel.none_waiting"), icon=":material/check_circle:")
        return
    risks = forecast.risks
    rows: Rows = {
        words("funnel.ticket"): [risk.ticket_id for risk in risks],
        words("funnel.left"): [_float(risk.minutes_left) for risk in risks],
        words("funnel.chance"): [_float(risk.chance) for risk in risks],
        words("funnel.named"): [words("funnel.yes") if risk.likely else words("funnel.no") for risk in risks],
        words("funnel.urgency"): [wording.value("urgency", risk.urgency) for risk in risks],
        words("funnel.category"): [wording.value("request_type", risk.category) for risk in risks],
        words("funnel.status"): [wording.value("status", risk.status) for risk in risks],
        words("funnel.owner"): [_owner(risk.owner, words, wording) for risk in risks],
        words("funnel.channel"): [wording.value("channel", risk.channel) for risk in risks],
        words("funnel.rests_on"): [_basis(risk.past, risk.by_category, words) for risk in risks],
    }
    columns = {
        words("funnel.ticket"): st.column_config.NumberColumn(format="%d", width="small"),
        words("funnel.left"): st.column_config.NumberColumn(format="localized", width="small"),
        words("funnel.chance"): st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100),
    }
    st.dataframe(
        rows,
        hide_index=True,
        column_config=columns,
        height=HEIGHT if len(risks) > LONG else "auto",
        alt=words("funnel.breaches"),
    )


def record(found: Record, words: Words, wording: Wording) -> None:
    """How the forecast did, beside what naming every ticket would have hit."""
    if not found.waiting:
        st.caption(words("funnel.no_record"))
        return
    for column, (key, value, told) in zip(
        st.columns(3),
        (
            (
                "hit_rate",
                found.hit_rate,
                words("funnel.hit_rate_told", right=_count(found.right, wording), count=found.named),
            ),
            (
                "found",
                found.found,
                words("funnel.found_told", right=_count(found.right, wording), count=found.breached),
            ),
            (
                "usual",
                found.usual,
                words("funnel.usual_told", right=_count(found.breached, wording), count=found.waiting),
            ),
        ),
        strict=True,
    ):
        with column, st.container(border=True, height="stretch"):
            st.metric(words(f"funnel.{key}"), plain(wording.measure(value, "percent", 1)))
            st.caption(told)
    with st.expander(words("funnel.by_day")):
        rows: Rows = {
            words("funnel.day"): [day.day for day in found.days],
            words("funnel.waiting"): [day.waiting for day in found.days],
            words("funnel.breached"): [day.breached for day in found.days],
            words("funnel.named_count"): [day.named for day in found.days],
            words("funnel.right"): [day.right for day in found.days],
        }
        st.dataframe(rows, hide_index=True, height=HEIGHT, alt=words("funnel.by_day"))


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _count(number: int, wording: Wording) -> str:
    return wording.number(Decimal(number), None, 0)


def _hours(age: timedelta) -> float:
    """To the tenth."""
    return round(age.total_seconds() / 3600, 1)


def _owner(name: str | None, words: Words, wording: Wording) -> str:
    return words("funnel.nobody") if name is None else wording.value("assigned_to", name)


def _basis(past: int, by_category: bool, words: Words) -> str:
    return words("funnel.basis_category" if by_category else "funnel.basis_urgency", count=past)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """The business's clock, without its zone: a browser would move it into its own."""
    return moment.astimezone(zone).replace(tzinfo=None)


def _no_formula(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
