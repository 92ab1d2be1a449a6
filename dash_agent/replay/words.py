"""A replay in sentences, in the language of the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from dash_agent.insight.wording import Wording
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.wire import Json
from dash_agent.preview import changes
from dash_agent.replay.definitions import Moved
from dash_agent.replay.messages import tell
from dash_agent.replay.replay import Cause, Come, Replay

LONGEST: Final = 160
"""Characters of a definition's text that are told; SQL of a pattern is longer."""


@dataclass(frozen=True, slots=True)
class Line:
    """indented: belongs to the line above."""

    text: str
    indented: bool = False


def told(found: Replay, wording: Wording) -> tuple[Line, ...]:
    """The outcome first, then each cause with its proof."""
    return tuple(_Words(found, wording).lines())


class _Words:
    def __init__(self, found: Replay, wording: Wording) -> None:
        self.found, self.wording, self.language = found, wording, wording.language

    def say(self, key: str, **values: object) -> str:
        return tell(self.language, key, **values)

    def lines(self) -> Iterator[Line]:
        found = self.found
        yield Line(self.outcome())
        if found.values and not found.same:
            steps = [self.say(f"step.{value.step}", rows=self.row(value.rows)) for value in found.values]
            yield Line(self.say("steps", steps=", ".join(steps)))
        elif found.row_counts is not None and not found.same:
            yield Line(self.say("counts", then=found.row_counts[0], now=found.row_counts[1]))
        yield from self.scopes()
        yield from self.data()
        yield from self.definitions()
        yield from self.engine()
        yield from self.plans()
        yield from self.limits()
        if found.others:
            yield Line(self.say("others", files=", ".join(found.others)))

    def outcome(self) -> str:
        found = self.found
        if found.plans is not None:
            return self.say("same_plan") if found.same else self.changed_plan()
        as_of = self.wording.period(None, found.as_of)
        if found.failed:
            return self.say("same_error" if found.same else "failed", reason=found.failed)
        return self.say("same" if found.same else "differs", as_of=as_of)

    def data(self) -> Iterator[Line]:
        found = self.found
        if Cause.DATA not in found.causes:
            return
        if found.row_counts is None:
            yield Line(self.say("data_again"))
            return
        yield Line(self.say("data"))
        traced = [line for come in found.came for line in self.came(come)]
        yield from (Line(line, indented=True) for line in traced)
        if not traced:
            yield Line(self.say("elsewhere"), indented=True)
        if found.is_state:
            yield Line(self.say("state"), indented=True)

    def came(self, come: Come) -> Iterator[str]:
        """Nothing where the table is as it was."""
        table = self.table(come.mark.table)
        for key, count in moved_rows(come):
            yield self.say(key, table=table, count="" if count is None else self.wording.number(count, None, 0))

    def table(self, name: str) -> str:
        table = self.wording.catalog.tables.get(name)
        return self.wording.label(table.label, name) if table else name

    def definitions(self) -> Iterator[Line]:
        found = self.found
        if Cause.DEFINITION in found.causes and not found.definitions:
            yield Line(self.say("definition_only"))
        elif found.definitions:
            yield Line(self.say("definition" if Cause.DEFINITION in found.causes else "definition_idle"))
        yield from (Line(self.moved(one), indented=True) for one in found.definitions)

    def moved(self, one: Moved) -> str:
        change = one.change
        thing = f"{change.of} {change.name}"
        if not change.field:
            return self.say("removed" if change.after is None else "added", file=one.file, thing=thing)
        before, after = (self.value(value) for value in (change.before, change.after))
        return self.say("was", file=one.file, thing=thing, field=change.field, before=before, after=after)

    def value(self, value: changes.Value) -> str:
        match value:
            case None:
                return self.say("nothing")
            case str():
                plain = " ".join(value.split())
                return f"'{plain if len(plain) <= LONGEST else plain[:LONGEST] + '…'}'"
            case tuple():
                return ", ".join(map(self.value, value))
            case _:
                return str(value)

    def engine(self) -> Iterator[Line]:
        if self.found.engines is None:
            return
        then, now = self.found.engines
        key = "engine" if Cause.ENGINE in self.found.causes else "engine_idle"
        yield Line(self.say(key, then=then or self.say("unversioned"), now=now))

    def scopes(self) -> Iterator[Line]:
        if self.found.scopes is None:
            return
        then, now = map(self.scope, self.found.scopes)
        yield Line(self.say("scope" if Cause.SCOPE in self.found.causes else "scope_idle", then=then, now=now))

    def scope(self, scope: Sequence[ScopeFilter]) -> str:
        if not scope:
            return self.say("scope.all")
        return "; ".join(
            f"{one.dimension}: {', '.join(self.wording.value(one.dimension, value) for value in one.values)}"
            for one in scope
        )

    def plans(self) -> Iterator[Line]:
        if self.found.plans is not None and self.found.failed:
            yield Line(self.say("failed", reason=self.found.failed))

    def changed_plan(self) -> str:
        before, after = (_kind(plan) for plan in self.found.plans or ())
        told = self.plan(after)
        if before == after:
            return self.say("plan.same_kind", after=told)
        return self.say("plan", before=self.plan(before), after=told)

    def plan(self, kind: str) -> str:
        return self.say(f"plan.{kind}") if kind in ("clarify", "refusal") else self.say("plan.other", kind=kind)

    def limits(self) -> Iterator[Line]:
        reason = self.found.unproven
        if not reason:
            return
        if reason == "content":
            yield Line(self.say("no_content"))
        elif self.found.is_content_bad:
            yield Line(self.say("bad_content", reason=reason))
        else:
            yield Line(self.say("unproven", reason=reason))

    def row(self, rows: Json) -> str:
        cells = rows[0] if isinstance(rows, list) and rows else []
        return " · ".join("—" if cell is None else str(cell) for cell in cells) if isinstance(cells, list) else ""


def moved_rows(come: Come) -> Iterator[tuple[str, int | None]]:
    """What became of a table's rows, by the keys of the messages; nothing where no row moved."""
    mark, since = come.mark, come.since
    if since is None:
        yield "unknown", None
        return
    told = False
    for key, count in (("late", since.late), ("since", since.since), ("changed", since.changed)):
        if count:
            told = True
            yield key, count
    if mark.rows is None:
        yield "uncounted", None
        return
    net = since.rows - mark.rows - (since.late or 0) - (since.since or 0)
    if net:
        known = since.late is not None
        yield ("entered" if known else "more") if net > 0 else ("gone" if known else "fewer"), abs(net)
    elif not told:
        yield "untraced", None


def _kind(plan: Json) -> str:
    return str(plan.get("kind")) if isinstance(plan, dict) else ""
