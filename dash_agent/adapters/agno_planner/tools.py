"""What an agent may do: look up context, try a statement, submit its plan. Each passes the bench of who asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from agno.exceptions import StopAgentRun
from agno.tools.function import Function

from dash_agent.errors import DashError
from dash_agent.models.plan import Plan, SqlPlan
from dash_agent.models.planned import Attempt, Brief
from dash_agent.planning.briefing import sample
from dash_agent.ports import Workbench

MOST_STEPS: Final = 6
"""Tool calls of one run. A question of the catalogue takes one or two."""

MOST_UNFIT: Final = 3
"""Submissions that can't be read, until the model is taken to be unable to."""

MOST_FOUND: Final = 8
LONGEST_GUESS: Final = 300
"""Characters. Longer ones take long to embed and are found no better."""

SHORTENED: Final = 2_000
"""Characters of what a tool gives back."""

SEARCH: Final[Mapping[str, object]] = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "description": "what is looked for, in a few words"},
        "guess": {"type": "string", "description": "a sentence that its definition may hold"},
    },
    "required": ["text"],
}
TRIAL: Final[Mapping[str, object]] = {
    "type": "object",
    "properties": {"sql": {"type": "string", "description": "one PostgreSQL SELECT"}},
    "required": ["sql"],
}


class Tools:
    """Of one run. plan: what was submitted, None as long as nothing holds. problem: what stood against the last one."""

    def __init__(self, bench: Workbench, brief: Brief) -> None:
        self._bench = bench
        self._brief = brief
        self._steps = self._unfit = 0
        self.plan: Plan | None = None
        self.problem: str | None = None
        self.attempts: list[Attempt] = []

    def functions(self) -> list[Function]:
        return [
            _function("search_context", "Finds definitions, columns, values and rules.", SEARCH, self._search),
            _function("dry_run", "Checks a SELECT and shows its first rows.", TRIAL, self._dry_run),
            _function("submit_plan", "Ends the task with a plan.", self._brief.schema, self._submit),
        ]

    def _search(self, text: str = "", guess: str = "", **_: Any) -> str:
        """A guess is looked for by its meaning, beside the words: it costs no call of its own."""
        self._step()
        found = self._bench.find(text, MOST_FOUND, (guess[:LONGEST_GUESS],) if guess.strip() else ())
        return "\n".join(f"- {passage.text}" for passage in found)[:SHORTENED] or "nothing is known of this"

    def _dry_run(self, sql: str = "", **_: Any) -> str:
        self._step()
        plan = SqlPlan(sql.strip().removesuffix(";"))
        trial = self._bench.dry_run(plan)
        if trial.problem is not None:
            self.attempts.append(Attempt(plan, trial.problem))
            return f"error: {trial.problem}"
        warnings = "".join(f"warning: {warning}\n" for warning in trial.warnings)
        return warnings + sample(trial.columns, trial.rows)[:SHORTENED]

    def _submit(self, **submitted: Any) -> str:
        self._step()
        try:
            self.plan = self._brief.read(submitted)
        except DashError as error:
            self.problem = str(error)
            self._unfit += 1
            if self._unfit == MOST_UNFIT:
                raise StopAgentRun("no plan could be read") from error
            return f"error: {error}. Mend the plan and submit it again."
        raise StopAgentRun("the plan is taken")

    def _step(self) -> None:
        """An agent that goes on and on is stopped, with what it has."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise StopAgentRun("enough was tried")


def _function(name: str, description: str, schema: Mapping[str, object], entrypoint: Any) -> Function:
    return Function(
        name=name,
        description=description,
        parameters=dict(schema),
        entrypoint=entrypoint,
        skip_entrypoint_processing=True,
    )
