"""Models that fail in every way that a provider has: the next is asked, and at last the parser's own word stands."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from time import monotonic

import pytest

from dash_agent.adapters.agno_planner import Access, AgnoPlanner, Choice
from dash_agent.context.catalog import Catalog
from dash_agent.models.answer import Engine, Status
from dash_agent.models.plan import SqlPlan
from dash_agent.models.planned import Brief, Passage, Planned, Question, Trial, Why
from dash_agent.models.principal import Principal, Role
from tests.conftest import ROOT
from tests.e2e.databases import Database
from tests.e2e.modelled import WHATSAPP_LAST_WEEK, modelled, submitted
from tests.stubs.claude_server import claude_server
from tests.stubs.openai_server import KEY, openai_server
from tests.stubs.scripted import BrokenJson, Call, Cut, Fail, Hang, Provider, Reply, Text

PLAN = submitted(kind="sql", sql="SELECT 1 AS one")
WAIT_S = 0.5
FAILURES: dict[str, Reply] = {
    "too many": Fail(429, "slow down", retry_after=60),
    "server error": Fail(500, "it broke"),
    "overloaded": Fail(503, "too much to do"),
    "no answer": Hang(3 * WAIT_S),
    "broken JSON": BrokenJson(),
    "stopped in mid-stream": Cut(PLAN),
    "prose instead of a plan": Text("I would rather talk."),
}


class Bench:
    def find(self, text: str, limit: int, also: Sequence[str] = ()) -> list[Passage]:
        return [Passage("metric", "tickets", "business/metrics.json", "tickets: all of them")]

    def dry_run(self, plan: object) -> Trial:
        return Trial(("one",), ((1,),))


def read(submitted: object) -> SqlPlan:
    assert isinstance(submitted, dict)
    return SqlPlan(submitted["sql"])


BRIEF = Brief(
    "You plan.", {"type": "object", "properties": {"kind": {"type": "string"}, "sql": {"type": "string"}}}, read
)
QUESTION = Question("How many?", Principal("a@example.com", Role.VIEWER), datetime(2026, 11, 20, tzinfo=UTC), "en")


def planner(provider: Provider, *names: str, key: str = KEY, timeout_s: float = WAIT_S) -> AgnoPlanner:
    access = Access(openai_key=key, openai_url=f"{provider.url}/v1", timeout_s=timeout_s)
    return AgnoPlanner([Choice("openai", name) for name in names], access)


def planned(provider: Provider, *names: str) -> Planned:
    return planner(provider, *names).plan(QUESTION, Bench(), BRIEF)


def models_of(provider: Provider) -> list[str]:
    return [request.body["model"] for request in provider.requests]


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_the_next_model_is_asked_where_one_fails(failure: Reply) -> None:
    with openai_server(failure, PLAN) as provider:
        found = planned(provider, "first", "second")
    assert found.plan == SqlPlan("SELECT 1 AS one")
    assert models_of(provider) == ["first", "second"]
    assert (found.usage.model, found.usage.calls) == ("openai:second", 2)


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_after_the_last_one_there_is_none_and_every_problem_is_named(failure: Reply) -> None:
    with openai_server(otherwise=failure) as provider:
        found = planned(provider, "first", "second")
    assert found.plan is None
    assert found.problem is not None
    assert "openai:first: " in found.problem
    assert "openai:second: " in found.problem
    assert models_of(provider) == ["first", "second"]


def test_a_failure_behind_a_tool_call_counts_too() -> None:
    with openai_server(Call("search_context", {"text": "x"}), Fail(500), PLAN) as provider:
        found = planned(provider, "first", "second")
    assert found.plan is not None
    assert models_of(provider) == ["first", "first", "second"]


def test_a_model_that_failed_waits_behind_the_others() -> None:
    with openai_server(Fail(500), PLAN, PLAN) as provider:
        both = planner(provider, "first", "second")
        for _ in range(2):
            both.plan(QUESTION, Bench(), BRIEF)
    assert models_of(provider) == ["first", "second", "second"]


def test_a_provider_that_names_a_time_is_waited_for_where_no_other_is_left() -> None:
    with openai_server(Fail(429, "slow down", retry_after=1), PLAN) as provider:
        began = monotonic()
        found = planner(provider, "first", timeout_s=3).plan(QUESTION, Bench(), BRIEF)
    assert found.plan is not None
    assert models_of(provider) == ["first", "first"]
    assert monotonic() - began >= 1


def test_it_is_not_asked_before_that_time_while_another_can_be() -> None:
    with openai_server(Fail(429, "slow down", retry_after=1), *[PLAN] * 3) as provider:
        both = planner(provider, "first", "second", timeout_s=3)
        for _ in range(2):
            assert both.plan(QUESTION, Bench(), BRIEF).plan is not None
        # It is its turn again, but behind the other one, since it failed lately.
        assert models_of(provider) == ["first", "second", "second"]


def test_a_time_beyond_the_limit_of_a_call_is_not_waited_for() -> None:
    with openai_server(Fail(429, "slow down", retry_after=60), otherwise=PLAN) as provider:
        alone = planner(provider, "first")
        first, second = (alone.plan(QUESTION, Bench(), BRIEF) for _ in range(2))
    assert first.plan is second.plan is None
    assert "slow down" in first.problem
    assert [one.why for one in second.shortfalls] == [Why.LIMITED]
    assert models_of(provider) == ["first"]


def test_arguments_that_are_no_json_can_be_mended() -> None:
    with openai_server(Call("submit_plan", '{"kind": "sql", "sq'), PLAN) as provider:
        found = planned(provider, "first")
    assert found.plan is not None
    assert found.usage.calls == 2


def test_a_model_that_never_submits_is_stopped() -> None:
    with openai_server(otherwise=Call("search_context", {"text": "x"})) as provider:
        found = planned(provider, "first")
    assert found.plan is None
    assert len(provider.requests) <= 7


def test_a_model_that_calls_what_it_was_not_given_is_stopped() -> None:
    """For words it has no tools; it calls one all the same, whatever it is told of that."""
    with openai_server(otherwise=Call("search_context", {"text": "x"})) as provider:
        said = planner(provider, "first").tell(QUESTION, ["Tickets: 5"])
    assert said.text is None
    assert "came to no end" in (said.problem or "")
    assert len(provider.requests) <= 12


def test_a_wrong_key_is_told_and_not_repeated() -> None:
    with openai_server(PLAN) as provider:
        found = planner(provider, "first", key="sk-wrong-0123456789abcdef").plan(QUESTION, Bench(), BRIEF)
    assert found.plan is None
    assert "Incorrect API key" in (found.problem or "")
    assert "0123456789abcdef" not in (found.problem or "")


def test_a_prompt_that_is_too_long_is_a_failure_like_others() -> None:
    with openai_server(PLAN, window=10) as provider:
        found = planned(provider, "first")
    assert found.plan is None
    assert "maximum context length" in (found.problem or "")


def test_the_other_provider_stands_in() -> None:
    with openai_server(Fail(500)) as first, claude_server(PLAN) as second:
        access = Access(KEY, f"{first.url}/v1", KEY, second.url, WAIT_S)
        found = AgnoPlanner([Choice("openai", "one"), Choice("anthropic", "two")], access).plan(
            QUESTION, Bench(), BRIEF
        )
    assert found.plan == SqlPlan("SELECT 1 AS one")
    assert found.usage.model == "anthropic:two"
    assert found.usage.prompt > 0


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("How hectic did WhatsApp get last week?", "A language model was to plan this question"),
        ("Насколько жарко было в WhatsApp на прошлой неделе?", "должна была разобрать языковая модель"),
    ],
)
def test_the_parsers_own_word_stands_and_says_that_no_model_was_there(
    question: str, note: str, desk: Database, home: Catalog
) -> None:
    with modelled(desk, home, otherwise=Fail(500, "it broke")) as made:
        answer = made.ask(question)
        alone = made.ask(question, engine="grounded")
    assert answer.text.startswith(alone.text)
    assert note in answer.text
    assert "it broke" in answer.text
    assert (answer.status, answer.engine) == (alone.status, Engine.GROUNDED)
    assert answer.suggestions == alone.suggestions


def test_a_forced_model_that_is_not_there_leaves_the_parsers_answer(desk: Database, home: Catalog) -> None:
    with modelled(desk, home, otherwise=Fail(500, "it broke")) as made:
        answer = made.ask("How many tickets last week?", engine="llm")
    assert (answer.status, answer.engine) == (Status.ANSWERED, Engine.GROUNDED)
    assert any("it broke" in caveat for caveat in answer.caveats)


def test_a_second_model_answers_the_question(desk: Database, home: Catalog) -> None:
    script = (Fail(429, "slow down", retry_after=60), submitted(**WHATSAPP_LAST_WEEK))
    with modelled(desk, home, *script, models=("first", "second")) as made:
        answer = made.ask("How hectic did WhatsApp get last week?")
    assert (answer.status, answer.engine, answer.usage.model) == (Status.ANSWERED, Engine.LLM, "openai:second")


LOADED = """
import sys, time
from dash_agent.adapters.agno_planner import Access, AgnoPlanner, Choice
planner = AgnoPlanner([Choice("openai", "one")], Access(openai_key="k", openai_url="http://127.0.0.1:1/v1"))
assert "agno" not in sys.modules
planner.warm_up()
until = time.monotonic() + 60
while not planner._models._clients and time.monotonic() < until:
    time.sleep(0.05)
print("agno.agent" in sys.modules, list(planner._models._clients))
"""


def test_a_server_that_warms_up_has_the_models_loaded_before_the_first_question() -> None:
    told = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.stdout.strip() == "True ['openai']", told.stderr
