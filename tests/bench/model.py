"""Questions planned by a model: its calls, the prompt's tokens, and what of the time is ours.

The model is a stub that speaks OpenAI's protocol and submits what the parser planned, so that every kind of plan comes.
Ours is the whole less the statements in PostgreSQL and the time inside the stub: the briefing with its search, agno,
the client, reading the plan, checks, words and the chart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter, thread_time

from pydantic import SecretStr

from dash_agent.ask import Dash
from dash_agent.bootstrap import open_dash
from dash_agent.models.answer import Engine
from dash_agent.models.plan import ListPlan, MetricPlan, PatternPlan
from dash_agent.models.wire import plan_json
from dash_agent.settings import load_settings
from tests.bench.answers import WHO, Line
from tests.bench.data import NOW
from tests.bench.figures import Limits, Report, lines
from tests.stubs.openai_server import KEY, openai_server
from tests.stubs.scripted import Call, Provider, Request

CALLS = Limits(worst=2)
TOKENS = Limits(worst=6_000)
OVERHEAD_MS = Limits(median=100, p95=100)


@dataclass(slots=True)
class Model:
    """Submits the plan that it is given."""

    plan: Mapping[str, object]

    def __call__(self, _: Request) -> Call:
        return Call("submit_plan", self.plan)


@dataclass(frozen=True, slots=True)
class Taken:
    """ms: of ours, with whatever else the machine did meanwhile. cpu_ms: of the asking thread alone."""

    question: str
    calls: int
    tokens: int
    ms: float
    cpu_ms: float


def bench_model(report: Report, rounds: int) -> None:
    """One round to warm up, then `rounds`, of which the quickest counts for each question."""
    model, best = Model({}), dict[str, Taken]()
    with openai_server(otherwise=model) as provider:
        reached = {"openai_api_key": SecretStr(KEY), "openai_base_url": f"{provider.url}/v1", "model": "openai:stub"}
        settings = load_settings().model_copy(update={**reached, "double_check": False, "answer_cache": False})
        with open_dash(settings, on_progress=print) as running:
            for number in range(rounds + 1):
                for taken in _round(running.dash, provider, model):
                    if number and (taken.question not in best or taken.ms < best[taken.question].ms):
                        best[taken.question] = taken
    found = list(best.values())
    report.show("model calls", [one.calls for one in found], CALLS, unit="")
    report.show("tokens of the first prompt", [one.tokens for one in found], TOKENS, unit="")
    report.show("its CPU, of one question", [one.cpu_ms for one in found])
    worst = max(found, key=lambda one: one.ms).question if found else ""
    report.show("ours, over the model", [one.ms for one in found], OVERHEAD_MS, worst=worst)


def _round(dash: Dash, provider: Provider, model: Model) -> Iterator[Taken]:
    line, now = Line(), datetime.fromisoformat(NOW)
    with line.watched():
        for question in _questions():
            plan = dash.parser.plan(question, dash.calendar(now))
            if not isinstance(plan, MetricPlan | ListPlan | PatternPlan):
                continue
            model.plan = plan_json(plan)
            provider.requests.clear()
            line.ms = provider.busy_s = 0.0
            began, cpu = perf_counter(), thread_time()
            answer = dash.ask(question, WHO, now=now, engine="llm")
            ms, cpu_ms = ((after - before) * 1000 for after, before in ((perf_counter(), began), (thread_time(), cpu)))
            if answer.engine is Engine.LLM:
                ours = ms - line.ms - provider.busy_s * 1000
                yield Taken(question, answer.usage.calls, provider.requests[0].tokens, ours, cpu_ms)


def _questions() -> Iterator[str]:
    """Those that are asked by themselves."""
    yield from (str(case["question"]) for case in lines("questions.jsonl") if case.get("question"))
