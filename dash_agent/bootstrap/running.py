"""What commands and the server work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dash_agent.ask import Dash, Ports
from dash_agent.context.catalog import Catalog
from dash_agent.errors import DashError, WrongUse
from dash_agent.in_service import InService
from dash_agent.learning.lessons import Lessons
from dash_agent.models.principal import Principal
from dash_agent.ports import (
    Answers,
    Clock,
    Contents,
    Conversations,
    Ids,
    Jobs,
    Operations,
    Pins,
    Preferences,
    Questions,
    Sessions,
)
from dash_agent.warehouse.connections import Connections


@dataclass(frozen=True, slots=True)
class Running:
    """What commands and the server work with. Ask for `dash`, `catalog` and `principals` each time: files change.

    conversations: None where the tickets are in somebody else's database, which only its reader looks into.
    """

    content: InService
    answers: Answers
    clock: Clock
    ids: Ids
    parts: Mapping[str, Connections]
    contents: Contents | None = None
    ports: Ports | None = None
    learning: Lessons | None = None
    questions: Questions | None = None
    conversations: Conversations | None = None
    sessions: Sessions | None = None
    pins: Pins | None = None
    jobs: Jobs | None = None
    operations: Operations | None = None
    preferences: Preferences | None = None

    @property
    def dash(self) -> Dash:
        return self.content.serving.dash

    @property
    def lessons(self) -> Lessons:
        """Raises WrongUse where nothing is learned."""
        if self.learning is None:
            raise WrongUse("this process keeps no learnings", "give it a database of its own")
        return self.learning

    @property
    def catalog(self) -> Catalog:
        return self.content.serving.catalog

    @property
    def principals(self) -> Mapping[str, Principal]:
        """The known ones, by e-mail in lower case."""
        return self.content.serving.principals

    def components(self) -> Mapping[str, DashError | None]:
        """Each part that must answer, and its error where it does not."""
        return {name: _probe(connections) for name, connections in self.parts.items()}


def _probe(connections: Connections) -> DashError | None:
    try:
        with connections.transaction() as connection:
            connection.execute("SELECT 1")
    except DashError as error:
        return error
    return None
