"""From a plan to a statement that may run: SQL tree → guard. One catalogue, any principal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, assert_never
from zoneinfo import ZoneInfo

from dash_agent.context.catalog import Catalog
from dash_agent.models.plan import Executable, ListPlan, MetricPlan, PatternPlan, SqlPlan
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.sql import SafeQuery
from dash_agent.ports import Introspection
from dash_agent.semantic import pattern as pattern_sql
from dash_agent.semantic.columns import OutColumn
from dash_agent.semantic.compile import compile_query
from dash_agent.semantic.lists import compile_list
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.scope import row_rules, through_lookups
from dash_agent.semantic.time import Calendar
from dash_agent.sql.guard import GuardSchema, Moment, Unchecked, guard

if TYPE_CHECKING:
    from dash_agent.semantic.generated.checks import Checks

Scope = tuple[ScopeFilter, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A statement that no guard has seen. columns: of a metric or list plan. tables: of the catalogue that it reads."""

    sql: Unchecked
    columns: tuple[OutColumn, ...]
    tables: tuple[str, ...]


class Statements:
    """Thread-safe."""

    def __init__(
        self,
        catalog: Catalog,
        access: Catalog,
        introspection: Introspection,
        *,
        zone: ZoneInfo,
        row_cap: int,
        lookups: str | None,
    ) -> None:
        """As of `ask.Dash`."""
        self.model = SemanticModel(catalog)
        self._catalog = catalog
        self._access = access
        self._introspection = introspection
        self._zone = zone
        self._row_cap = row_cap
        self._lookups = lookups
        self._schemas: dict[Scope, GuardSchema] = {}
        self._lock = Lock()

    def calendar(self, now: datetime) -> Calendar:
        return Calendar(now, self._zone)

    def tree(self, plan: Executable, now: datetime) -> Tree:
        """Raises QueryError, WrongUse."""
        match plan:
            case MetricPlan():
                compiled = compile_query(self.model, plan.query, self.calendar(now))
                return Tree(compiled.tree, compiled.columns, compiled.tables)
            case ListPlan():
                listed = compile_list(self.model, plan.query)
                return Tree(listed.tree, listed.columns, listed.tables)
            case PatternPlan():
                bound = pattern_sql.bind(self._catalog.patterns[plan.name], dict(plan.parameters), self._catalog.keys)
                return Tree(bound.tree, (), tuple(name for name in bound.tables if name in self._catalog.tables))
            case SqlPlan():
                return Tree(plan.sql, (), self.checks.tables(plan.sql))
            case _:
                assert_never(plan)

    def safe(self, plan: Executable, scope: Scope, now: datetime, row_cap: int | None = None) -> SafeQuery:
        """The statement of a plan as it may run. Raises QueryError, WrongUse; OutOfScope for what the scope hides."""
        return self.guarded(self.tree(plan, now).sql, scope, now, row_cap)

    def guarded(self, statement: Unchecked, scope: Scope, now: datetime, row_cap: int | None = None) -> SafeQuery:
        """Raises UnsafeSql, OutOfScope."""
        cap = self._row_cap if row_cap is None else row_cap
        return guard(statement, self._schema_for(scope), Moment(now, self._zone.key), row_cap=cap)

    @cached_property
    def checks(self) -> Checks:
        """Of SQL that a model wrote."""
        from dash_agent.semantic.generated.checks import Checks

        return Checks(self._catalog, self._introspection, self._zone)

    def _schema_for(self, scope: Scope) -> GuardSchema:
        """What who has this row scope may read, made once for each."""
        with self._lock:
            schema = self._schemas.get(scope)
            if schema is None:
                rules = row_rules(self._access, scope)
                if self._lookups is not None:
                    rules, _ = through_lookups(rules, self._lookups)
                schema = GuardSchema(self._readable, rules.scope, rules.conditions, rules.lacking)
                self._schemas[scope] = schema
            return schema

    @property
    def _readable(self) -> Mapping[str, tuple[str, ...]]:
        """Columns by table that both catalogues let be read."""
        allowed = self._access.readable
        return {
            table: tuple(column for column in columns if column in allowed[table])
            for table, columns in self._catalog.readable.items()
            if table in allowed
        }
