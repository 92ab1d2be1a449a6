"""Access: row scopes that can be held and that let somebody see something."""

from __future__ import annotations

from collections.abc import Iterator

from dash_agent.check.rule import Found, Rule
from dash_agent.check.subject import Subject
from dash_agent.context.access import ACCESS
from dash_agent.context.catalog import Catalog
from dash_agent.context.files import nearest
from dash_agent.errors import WrongUse
from dash_agent.models.principal import ScopeFilter
from dash_agent.semantic.scope import row_rules


def scopes_can_be_held(subject: Subject) -> Iterator[Found]:
    """A row scope is by a dimension that is there, with values that its column could hold."""
    if subject.model is None:
        return
    for place, narrowed in _scopes(subject):
        known = list(subject.model.catalog.dimensions)
        if narrowed.dimension not in known:
            if not _is_unsure(subject, narrowed.dimension):
                said = f"there is no dimension '{narrowed.dimension}'{nearest(narrowed.dimension, known)}"
                yield Found(ACCESS, f"{place}.dimension", said)
            continue
        try:
            row_rules(subject.model.catalog, (narrowed,))
        except WrongUse as error:
            yield Found(ACCESS, f"{place}.values", str(error))


def scopes_reach_a_table(subject: Subject) -> Iterator[Found]:
    """Some table has every dimension of a user's row scope: a table that lacks one is out of the user's reach."""
    if subject.model is None:
        return
    for index, user in enumerate(subject.access.users):
        scope = user.principal.scope
        if scope and _reaches_nothing(subject.model.catalog, scope):
            named = " and ".join(f"'{narrowed.dimension}'" for narrowed in scope)
            yield Found(ACCESS, f"users[{index}].scope", f"no table has {named}, so {user.email} would see nothing")


def _reaches_nothing(catalog: Catalog, scope: tuple[ScopeFilter, ...]) -> bool:
    try:
        return not row_rules(catalog, scope).terms
    except WrongUse:
        return False


def scope_values_are_there(subject: Subject) -> Iterator[Found]:
    """The values of a row scope are in values.json or in the database: a misspelt one hides every row."""
    stored: dict[str, set[str]] = {}
    for entry in subject.content.values:
        stored.setdefault(entry.dimension, set()).update(entry.stored)
    for place, narrowed in _scopes(subject):
        known = stored.get(narrowed.dimension, set()) | set(subject.live_values.get(narrowed.dimension, ()))
        for index, value in enumerate(narrowed.values):
            if known and value not in known and not _may_be_live(subject, narrowed.dimension):
                said = f"'{narrowed.dimension}' has no value '{value}'{nearest(value, sorted(known))}"
                yield Found(ACCESS, f"{place}.values[{index}]", said)


def _may_be_live(subject: Subject, dimension: str) -> bool:
    """Whether its values are learned from a database that nobody looked at."""
    found = next((d for d in subject.content.dimensions if d.name == dimension), None)
    table, _, name = found.column.partition(".") if found else ("", "", "")
    column = subject.content.tables[table].column(name) if table in subject.content.tables else None
    return column is not None and column.values == "live" and dimension not in subject.live_values


def _is_unsure(subject: Subject, dimension: str) -> bool:
    return any(found.name == dimension for found in subject.content.dimensions) or subject.content.is_unsure(
        "dimension", dimension
    )


def _scopes(subject: Subject) -> Iterator[tuple[str, ScopeFilter]]:
    """Filters with their places, values as the file has them."""
    for index, user in enumerate(subject.access.users):
        for position, scope in enumerate(user.scope):
            yield f"users[{index}].scope[{position}]", ScopeFilter(scope.dimension, tuple(scope.values))


RULES = (
    Rule("row-scope", scopes_can_be_held),
    Rule("scope-reach", scopes_reach_a_table),
    Rule("scope-value", scope_values_are_there, "warning"),
)
