"""Ways from a metric's table to a dimension's, over declared many-to-one joins: none multiplies a row."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from dash_agent.context.catalog import Catalog
from dash_agent.errors import WrongUse


class NoPath(WrongUse):
    """A dimension that a metric's rows do not have."""

    code = "no_path"


@dataclass(frozen=True, slots=True)
class Step:
    """LEFT JOIN `table` ON `source`.`column` = `table`.`key`."""

    source: str
    column: str
    table: str
    key: str


def path(catalog: Catalog, start: str, goal: str) -> tuple[Step, ...]:
    """The shortest way. () where start is goal. Raises NoPath."""
    queue: deque[tuple[str, tuple[Step, ...]]] = deque([(start, ())])
    seen = {start}
    while queue:
        here, steps = queue.popleft()
        if here == goal:
            return steps
        for join in catalog.tables[here].joins:
            if join.table not in seen:
                seen.add(join.table)
                queue.append((join.table, (*steps, Step(here, join.column, join.table, join.key))))
    raise NoPath(f"a row of '{start}' does not have one row of '{goal}'")
