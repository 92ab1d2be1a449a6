"""Real tickets of another desk, in another schema, answered from a content folder of their own.

The tickets are not part of the project; without them these tests are skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from dash_agent.warehouse.preparation import uri_of
from tests.conftest import ROOT
from tests.e2e.databases import Database

TICKETS = ROOT.parent / "shared" / "real" / "twitter"
NOW = "2020-04-03T12:00:00+00:00"
MARCH = "created_at >= '2020-03-01 Asia/Jerusalem' AND created_at < '2020-04-01 Asia/Jerusalem'"
REPLIES = f"""
    SELECT t.request_type, extract(epoch FROM min(d.created_at) - t.created_at) / 60 AS minutes
    FROM support_threads_data t JOIN support_dialogs d USING (ticket_id)
    WHERE d.role <> 'customer' AND {MARCH.replace("created_at", "t.created_at")} GROUP BY t.ticket_id
"""
MEDIAN = "round((percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes))::numeric, 1)"

CASES = [
    ("How many tickets in March 2020?", f"SELECT count(*) FROM support_threads_data WHERE {MARCH}"),
    ("Сколько тикетов за март 2020?", f"SELECT count(*) FROM support_threads_data WHERE {MARCH}"),
    (
        "Tickets by company in March 2020",
        f"SELECT request_type, count(*) AS n FROM support_threads_data WHERE {MARCH} GROUP BY 1 ORDER BY n DESC, 1",
    ),
    (
        "Топ-3 компании по числу тикетов за март 2020",
        f"SELECT request_type, count(*) AS n FROM support_threads_data WHERE {MARCH}"
        " GROUP BY 1 ORDER BY n DESC, 1 LIMIT 3",
    ),
    (
        "Tickets by month in 2019",
        "SELECT m::date::text, count(t.ticket_id) FROM generate_series(timestamp '2019-01-01', '2019-12-01', '1 month')"
        " AS m LEFT JOIN support_threads_data t"
        " ON date_trunc('month', t.created_at AT TIME ZONE 'Asia/Jerusalem') = m GROUP BY m ORDER BY m",
    ),
    (
        "Тренд тикетов по месяцам за последние 3 месяца",
        "SELECT m::date::text, count(t.ticket_id) FROM generate_series(timestamp '2020-01-01', '2020-04-01', '1 month')"
        " AS m LEFT JOIN support_threads_data t ON t.created_at <= '2020-04-03 12:00+00' AND"
        " date_trunc('month', t.created_at AT TIME ZONE 'Asia/Jerusalem') = m GROUP BY m ORDER BY m",
    ),
    ("How many tickets did AppleSupport get in March 2020?", f"SELECT count(*) FROM support_threads_data WHERE {MARCH}"
     " AND request_type = 'AppleSupport'"),
    ("First reply time in March 2020", f"WITH r AS ({REPLIES}) SELECT {MEDIAN} FROM r"),
    ("Время первого ответа за март 2020", f"WITH r AS ({REPLIES}) SELECT {MEDIAN} FROM r"),
    (
        "First reply time by company in March 2020",
        f"WITH r AS ({REPLIES}) SELECT request_type, {MEDIAN} FROM r GROUP BY 1 ORDER BY 2, 1",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def foreign(empty_database: Callable[[], Database]) -> tuple[str, str]:
    """A database with the real tickets: URLs of its owner and of a plain reader."""
    if not TICKETS.is_dir():
        pytest.skip("the real tickets are not here: they are kept outside the project")
    owner = empty_database().owner
    with psycopg.connect(owner) as connection:
        connection.execute((TICKETS / "schema.sql").read_bytes())
        for table in ("support_threads_data", "support_dialogs"):
            copy = sql.SQL("COPY {} FROM STDIN (FORMAT csv, HEADER)").format(sql.Identifier(table))
            with connection.cursor().copy(copy) as stream:
                stream.write((TICKETS / f"{table}.csv").read_bytes())
        connection.execute("CREATE ROLE foreign_reader LOGIN PASSWORD 'read'")
        database = sql.Identifier(str(conninfo_to_dict(owner)["dbname"]))
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO foreign_reader").format(database))
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO foreign_reader")
    return owner, make_conninfo(owner, user="foreign_reader", password="read")


@pytest.fixture(scope="module")
def answers(foreign: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What one batch of the command line answers, in order."""
    folder = tmp_path_factory.mktemp("real")
    questions = folder / "questions.jsonl"
    lines = (json.dumps({"id": str(number), "question": ask}) for number, (ask, _) in enumerate(CASES))
    questions.write_text("\n".join(lines), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DASH_")}
    environment |= {
        "DASH_DATA_DIR": str(folder / "data"),
        "DASH_CONTENT_DIR": str(Path(__file__).parent.parent / "content" / "twitter"),
        "DASH_WAREHOUSE_URL": uri_of(foreign[1]),
    }
    command = [sys.executable, "-m", "dash_agent", "ask", "--jsonl", str(questions), "--now", NOW]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("number", range(len(CASES)), ids=[ask for ask, _ in CASES])
def test_real_tickets_are_counted_right(number: int, foreign: tuple[str, str], answers: list[dict[str, Any]]) -> None:
    answer = answers[number]
    assert answer["status"] == "answered", answer["text"]
    with psycopg.connect(foreign[0]) as connection:
        gold = connection.execute(CASES[number][1].encode()).fetchall()
    expected = [[float(cell) if isinstance(cell, Decimal) else cell for cell in row] for row in gold]
    width = len(expected[0])
    found = [row[:width] for row in answer["rows"]]
    assert sorted(map(repr, found)) == sorted(map(repr, expected))
    assert [row[-1] for row in found] == [row[-1] for row in expected]


def test_the_foreign_database_is_left_as_it_was(foreign: tuple[str, str], answers: list[dict[str, Any]]) -> None:
    assert answers
    with psycopg.connect(foreign[0]) as connection:
        schemas = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname IN ('app', 'ai')").fetchall()
    assert schemas == []
