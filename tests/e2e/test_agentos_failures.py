"""What AgentOS answers where something behind it is gone."""

from __future__ import annotations

from dataclasses import replace

from dash_agent.bootstrap import Running
from dash_agent.errors import WarehouseUnavailable
from dash_agent.extensions import Extensions, Parts
from dash_agent.in_service import InService
from dash_agent.warehouse.connections import Connections
from tests.e2e.serving import error, served, streamed

QUESTION = "How many tickets were there in October 2026?"


class Unreachable:
    """A `Dash` whose database has gone."""

    def ask(self, *_: object, **__: object) -> None:
        raise WarehouseUnavailable("no connection to database 'dash' at 10.0.0.7 as 'app'")


def test_a_question_that_cannot_be_asked_is_an_error_of_the_run(staffed: Running) -> None:
    serving = replace(staffed.content.serving, dash=Unreachable())  # type: ignore[arg-type]
    content = InService(serving, (), lambda: (), lambda: serving)
    with served(replace(staffed, content=content), agents=True) as client:
        made = client.post("/agents/dash/runs", data={"message": QUESTION, "stream": "false"})
        events = streamed(client, QUESTION)
    assert made.json()["status"] == "ERROR"
    assert "the service can't answer now" in made.json()["content"]
    assert events[-1][0] == "RunError"
    assert "10.0.0.7" not in made.text + str(events)


def test_where_agno_has_no_database_an_answer_is_given_all_the_same(staffed: Running) -> None:
    gone = Connections("postgresql://app:hunter2@127.0.0.1:1/dash")
    with served(replace(staffed, parts={**staffed.parts, "database": gone}), agents=True) as client:
        assert client.get("/agents").status_code == 200
        asked = client.post("/api/v1/ask", json={"question": QUESTION}).json()
        assert asked["status"] == "answered"
        assert "hunter2" not in client.get("/sessions").text


def test_where_agentos_cannot_start_our_own_routes_answer(staffed: Running) -> None:
    """An agent that is none."""
    extensions = Extensions({"theirs": Parts(agents=(object(),))})
    with served(staffed, agents=True, extensions=extensions) as client:
        assert error(client.get("/agents"), 503) == "unavailable"
        assert client.post("/api/v1/ask", json={"question": QUESTION}).json()["status"] == "answered"
        detailed = client.get("/api/v1/health/detailed")
        assert detailed.status_code == 200
        assert detailed.json()["components"]["agents"] == {"status": "down"}
