"""An answer, fresh or kept: the number large, what it says, its chart and rows, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from dash_agent.context.catalog import Catalog
from dash_agent.insight.charts.theme import GROUND, recoloured
from dash_agent.insight.headline import Headline, headline, said, verdict
from dash_agent.insight.wording import Wording
from dash_agent.models.answer import Answer, Engine, Source, Status, Trust
from dash_agent.models.plan import TYPO_OF, Clarification, MetricPlan, Refusal
from dashboard.components.chips import Chips
from dashboard.components.table import table
from dashboard.components.text import label, paragraphs, plain
from dashboard.words import Words

BADGES: Final[dict[Trust, tuple[str, Literal["green", "blue", "orange"]]]] = {
    Trust.VERIFIED: (":material/verified:", "green"),
    Trust.GOVERNED: (":material/rule:", "blue"),
    Trust.GENERATED: (":material/smart_toy:", "orange"),
}
MARKS: Final = {Status.REFUSED: ":material/block:", Status.CLARIFY: ":material/help:", Status.ERROR: ":material/error:"}


@dataclass(frozen=True, slots=True)
class AnswerView:
    """wording: in the answer's language. words, and what chips say: in the page's. dark: the ground."""

    words: Words
    wording: Wording
    chips: Chips
    dark: bool = False

    def draw(self, answer: Answer, key: str) -> None:
        """All that the answer says. key: of its parts among others on the page."""
        if answer.status is not Status.ANSWERED:
            st.markdown(f"{MARKS[answer.status]} {paragraphs(answer.text)}")
            self.notes(answer)
            return
        found = headline(answer)
        if found is not None:
            self.number(found, key)
        st.markdown(paragraphs(answer.text))
        self.notes(answer)
        self.badges(answer)
        if answer.plan is not None and not isinstance(answer.plan, Clarification | Refusal):
            self.chips.row(answer.plan, key)
        self.chart(answer, key)
        if found is None:
            table(answer, self.wording, self.words, key)

    def number(self, found: Headline, key: str) -> None:
        """With its change, coloured by what is good for the metric."""
        value = found.value
        assert value.value is not None
        changes = [
            said(one.value, one.unit, self.wording, signed=True) for one in found.changes if one.value is not None
        ]
        delta = f"{changes[0]} ({changes[1]})" if len(changes) > 1 else changes[0] if changes else None
        before = None
        if found.previous is not None:
            before = self.words("ask.before", value=said(found.previous, value.unit, self.wording))
        better = verdict(value.metric, found.changes[0].value, self.wording) if found.changes else None
        with st.container(key=f"number-{key}"):
            st.metric(
                label(value.label),
                said(value.value, value.unit, self.wording),
                delta,
                delta_color="off" if better is None else "green" if better else "red",
                delta_arrow="auto" if found.changes and found.changes[0].value else "off",
                delta_description=before,
            )

    def notes(self, answer: Answer) -> None:
        """What was assumed and what is to be minded."""
        lines = [f":material/lightbulb: {plain(one)}" for one in answer.assumptions]
        lines += [f":material/warning: {plain(one)}" for one in answer.caveats]
        if lines:
            st.caption("  \n".join(lines))

    def badges(self, answer: Answer) -> None:
        """How far it can be trusted, and whether two engines agree."""
        with st.container(horizontal=True, gap="small"):
            if answer.trust is not None:
                icon, color = BADGES[answer.trust]
                told = self.words(f"ask.trust.{answer.trust}")
                st.badge(told, icon=icon, color=color, help=self.words(f"ask.trust_help.{answer.trust}"))
            check = answer.double_check
            if check is not None and check.agrees:
                help_ = self.words("ask.agrees_help")
                st.badge(self.words("ask.agrees"), icon=":material/done_all:", color="green", help=help_)
        if check is not None and not check.agrees:
            differing = plain(check.difference or self.words("ask.differs_somehow"))
            st.warning(self.words("ask.differs", difference=differing), icon=":material/call_split:")

    def chart(self, answer: Answer, key: str) -> None:
        if answer.chart is None:
            return
        figure = recoloured({"data": list(answer.chart.data), "layout": dict(answer.chart.layout)}, self.dark)
        layout = figure["layout"]
        assert isinstance(layout, dict)
        # The page's own ground, whatever it is.
        layout.update(paper_bgcolor=GROUND, plot_bgcolor=GROUND)
        st.plotly_chart(
            figure, theme=None, key=f"chart-{key}", config={"displayModeBar": False}, alt=answer.chart.alt or None
        )

    # How I got this

    def how(self, answer: Answer, key: str) -> None:
        with st.expander(self.words("ask.how"), icon=":material/account_tree:", key=f"how-{key}"):
            self.reading(answer)
            self.definitions(answer)
            if answer.sql:
                st.markdown(f"**{self.words('ask.sql')}**")
                st.code(answer.sql, language="sql", wrap_lines=True)
            self.receipt(answer)

    def reading(self, answer: Answer) -> None:
        read = [one for one in answer.reading if not one.became.startswith(TYPO_OF)]
        if read:
            st.markdown(f"**{self.words('ask.read_as')}**")
            st.markdown("\n".join(f"- “{label(one.words)}” → {label(one.became)}" for one in read))

    def definitions(self, answer: Answer) -> None:
        if not answer.sources:
            return
        st.markdown(f"**{self.words('ask.definitions')}**")
        st.markdown("\n".join(f"- {self.source(one)}" for one in answer.sources))

    def source(self, source: Source) -> str:
        catalog, wording = self.wording.catalog, self.chips.wording
        named, told = _defined(source, catalog, wording)
        kind = self.words(f"ask.layer.{source.layer}") if source.layer in LAYERS else plain(source.layer)
        place = f" · {plain(source.file)}" if source.file else ""
        described = f": {label(told, 400)}" if told else ""
        return f"{kind} **{label(named)}**{described}{place}"

    def receipt(self, answer: Answer) -> None:
        """What is kept of it, for asking again."""
        words, wording = self.words, self.chips.wording
        lines = [(words("ask.receipt.id"), answer.answer_id), (words("ask.receipt.now"), wording.moment(answer.as_of))]
        receipt = answer.receipt
        if receipt is not None:
            filled = wording.moment(receipt.data_as_of) if receipt.data_as_of else words("ask.receipt.unknown")
            lines += [
                (words("ask.receipt.data"), filled),
                (words("ask.receipt.content"), receipt.context_version),
                (words("ask.receipt.hash"), receipt.result_hash),
            ]
        lines += [(words("ask.receipt.engine"), words(f"ask.engine.{answer.engine}"))]
        took = dict(answer.timings_ms).get("total")
        if took is not None:
            lines += [(words("ask.receipt.took"), wording.number(took, "milliseconds", 0))]
        if answer.engine is Engine.LLM or answer.usage.cost_usd:
            lines += [(words("ask.receipt.cost"), wording.number(answer.usage.cost_usd, "usd", 4))]
        if answer.cached:
            lines += [(words("ask.receipt.cached"), answer.cached)]
        st.markdown(f"**{words('ask.receipt')}**")
        st.markdown("\n".join(f"- {name}: {plain(value)}" for name, value in lines))


LAYERS: Final = ("metric", "dimension", "pattern", "table", "value", "rule", "learning", "document")


def _defined(source: Source, catalog: Catalog, wording: Wording) -> tuple[str, str]:
    """Name and meaning, in so far as the content in service still has it."""
    match source.layer:
        case "metric" if source.name in catalog.metrics:
            metric = catalog.metrics[source.name]
            return wording.label(metric.label, metric.name), metric.description
        case "dimension" if source.name in catalog.dimensions:
            dimension = catalog.dimensions[source.name]
            return wording.label(dimension.label, dimension.name), dimension.description
        case "pattern" if source.name in catalog.patterns:
            header = catalog.patterns[source.name].header
            return wording.label(header.label, header.name), header.description
        case "table" if source.name in catalog.tables:
            found = catalog.tables[source.name]
            return wording.label(found.label, source.name), found.description
        case _:
            return source.name, ""


def is_why(answer: Answer) -> bool:
    """Whether the question was what moved the number."""
    return isinstance(answer.plan, MetricPlan) and answer.plan.why
