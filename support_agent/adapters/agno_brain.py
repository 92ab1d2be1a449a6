"""A model writes the reply, through Agno: an agent for one turn, with the category's tools and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from agno.tools.function import Function

from dash_agent.adapters.agno_planner.models import Choice, Models
from dash_agent.adapters.agno_planner.runs import run
from dash_agent.models.usage import Usage
from support_agent.models import Arguments, Done, NotPossible, Passage, Task, Written
from support_agent.ports import Brief, NoReply, Toolbench
from support_agent.tools import TOOLS, AnyTool

ESCALATE: Final = "escalate_to_human"
SHORTENED: Final = 3_000
"""Characters of what a tool gives back."""

CostOf = Callable[[Usage], Decimal]


@dataclass(frozen=True, slots=True)
class AgnoBrain:
    """Port `Brain`. models_for: the models of a category, in the order they are asked. cost: of a run, in USD."""

    models_for: Callable[[str], Models]
    cost: CostOf

    def write(self, brief: Brief, bench: Toolbench) -> Written:
        """Raises NoReply where no model gives one."""
        models = self.models_for(brief.category)
        problems: list[str] = []
        for choice in models.in_turn():
            calls = _Calls(bench)
            outcome = run(
                models.build_model(choice), str(choice), _system(brief), _user(brief), calls.functions(), required=False
            )
            if outcome.problem is None and outcome.text.strip():
                models.worked(choice)
                return self._written(brief, outcome.text.strip(), outcome.usage, choice, calls)
            models.failed(choice, outcome.retry_after)
            problems.append(f"{choice}: {outcome.problem or 'said nothing'}")
            if calls.prepared:
                # What was prepared stays prepared; another model would prepare it again.
                break
        raise NoReply("; ".join(problems) or "no model is configured")

    def _written(self, brief: Brief, text: str, usage: Usage, choice: Choice, calls: _Calls) -> Written:
        return Written(
            text,
            brief.language,
            substance=not text.rstrip().endswith(("?", "؟")) or calls.prepared,
            sources=tuple(calls.sources),
            looked=tuple(calls.looked),
            model=choice.name,
            prompt_tokens=usage.prompt,
            completion_tokens=usage.completion,
            cost_usd=self.cost(usage),
        )


class _Calls:
    """The bench's tools as functions that a model may call. What they give is data, never prose."""

    def __init__(self, bench: Toolbench) -> None:
        self._bench = bench
        self.prepared = False
        self.looked: list[str] = []
        self.sources: list[str] = []

    def functions(self) -> list[Function]:
        offered = [TOOLS[name] for name in self._bench.tools]
        return [*(self._function(tool) for tool in offered), self._escalating()]

    def _function(self, tool: AnyTool) -> Function:
        schema = tool.arguments.model_json_schema()
        schema.pop("title", None)

        def called(**given: Any) -> str:
            arguments: Arguments = {name: value for name, value in given.items() if _flat(value)}
            return self._look(tool, arguments) if tool.look is not None else self._propose(tool, arguments)

        return _function(tool.name, tool.description, schema, called)

    def _look(self, tool: AnyTool, arguments: Arguments) -> str:
        found = self._bench.look(tool.name, arguments)
        if isinstance(found, Done):
            self.looked.append(tool.name)
            passages = found.told.get("passages")
            if isinstance(passages, Sequence):
                self.sources += [one.source for one in passages if isinstance(one, Passage)]
        return _told(found)

    def _propose(self, tool: AnyTool, arguments: Arguments) -> str:
        found = self._bench.propose(tool.name, arguments)
        if isinstance(found, Task):
            self.prepared = True
            return json.dumps(
                {"prepared": _plain(found.told), "not_done_yet": True, "waits_for": found.consent.value},
                ensure_ascii=False,
            )
        return _told(found)

    def _escalating(self) -> Function:
        def called(reason: str = "", **_: Any) -> str:
            self._bench.escalate(reason[:80] or "model")
            return "a colleague takes over; say so in a sentence"

        schema = {"type": "object", "properties": {"reason": {"type": "string"}}, "required": ["reason"]}
        return _function(ESCALATE, "Hands the conversation over to a person.", schema, called)


def _function(name: str, description: str, schema: Mapping[str, object], called: Callable[..., str]) -> Function:
    return Function(
        name=name, description=description, parameters=dict(schema), entrypoint=called, skip_entrypoint_processing=True
    )


def _flat(value: object) -> bool:
    return value is None or isinstance(value, str | int | bool)


def _told(found: Done | NotPossible) -> str:
    if isinstance(found, Done):
        return json.dumps(_plain(found.told), ensure_ascii=False)[:SHORTENED]
    hindered = {"not_possible": found.reason, "missing": list(found.missing), **_plain(found.values)}
    return json.dumps(hindered, ensure_ascii=False)[:SHORTENED]


def _plain(told: Mapping[str, object]) -> dict[str, object]:
    return {name: _value(value) for name, value in told.items()}


def _value(value: object) -> object:
    match value:
        case None | str() | int() | bool():
            return value
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Passage():
            return {"title": value.title, "section": value.section, "text": value.text}
        case Mapping():
            return _plain(value)
        case Sequence():
            return [_value(one) for one in value]
        case _:
            raise TypeError(f"a tool gave {type(value).__name__}, which no model is told")


def _system(brief: Brief) -> str:
    return "\n\n".join(brief.layers)


def _user(brief: Brief) -> str:
    """The conversation so far. The customer's words are fenced already."""
    lines = [f"{one.role}: {one.text}" for one in brief.history]
    about = brief.facts.get("about")
    return "\n".join(
        [*lines, f"Answer the customer's last message{f', as far as it is about: {about}' if about else ''}."]
    )
