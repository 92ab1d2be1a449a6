"""`dash-agent metric` as a process, on a real database and a git repository of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest

from tests.conftest import ROOT
from tests.e2e.commands import Shell, on
from tests.e2e.databases import Database

OCTOBER = "created_at >= '2026-10-01 00:00+03:00' AND created_at < '2026-11-01 00:00+02:00'"
SEPTEMBER = "created_at >= '2026-09-01 00:00+03:00' AND created_at < '2026-10-01 00:00+03:00'"
RATE = f"""
    SELECT round(100.0 * count(*) FILTER (WHERE draft_created_at IS NOT NULL)
                 / nullif(count(*) FILTER (WHERE ai_answered_at IS NOT NULL), 0), 1)
    FROM support_threads_data WHERE {OCTOBER}
"""
NARROWED_RATE = f"""
    SELECT round(100.0 * count(*) FILTER (WHERE draft_created_at IS NOT NULL AND NOT auto_sent)
                 / nullif(count(*) FILTER (WHERE ai_answered_at IS NOT NULL), 0), 1)
    FROM support_threads_data WHERE {OCTOBER}
"""


def rows(desk: Database, sql: str) -> list[list[object]]:
    """Rows as JSON would hold them."""
    with psycopg.connect(desk.owner) as connection:
        found = connection.execute(sql.encode()).fetchall()
    return [[float(cell) if hasattr(cell, "as_tuple") else cell for cell in row] for row in found]


def kept(desk: Database) -> int:
    (row,) = rows(desk, "SELECT count(*) FROM app.answers")
    return int(str(row[0]))


@pytest.fixture
def shell(desk: Database, tmp_path: Path) -> Shell:
    return on(desk, tmp_path)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Three commits: no content, ours in a subfolder, and ours with `resolved` narrowed."""
    folder = tmp_path / "repository"
    content = folder / "content"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.email", "dana@example.com")
    git(folder, "config", "user.name", "Dana")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=start")
    for part in ("tables", "queries", "business"):
        shutil.copytree(ROOT / part, content / part)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=content")
    changed(content, "resolved", where="draft_created_at IS NOT NULL AND NOT auto_sent")
    git(folder, "commit", "--quiet", "--all", "--message=narrowed")
    return folder


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


def changed(content: Path, name: str, **fields: object) -> None:
    path = content / "business" / "metrics.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    (found,) = (metric for metric in data["metrics"] if metric["name"] == name)
    found.update(fields)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=2), encoding="utf-8")


@pytest.fixture
def inside(shell: Shell, repository: Path) -> Shell:
    return shell.having(DASH_CONTENT_DIR=str(repository / "content"))


def told(shell: Shell, *arguments: str) -> dict:
    done = shell.run("metric", *arguments, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_a_value_with_its_definition_and_sql_keeps_no_answer(shell: Shell, desk: Database) -> None:
    before = kept(desk)
    done = shell.run("metric", "resolution_rate", "--period", "октябрь")
    ((value,),) = rows(desk, RATE)
    ((earlier,),) = rows(desk, RATE.replace(OCTOBER, SEPTEMBER))
    assert done.code == 0, done.err
    assert f": {value}%" in done.out
    assert f"({earlier}%)" in done.out
    for line in ("draft_created_at IS NOT NULL", "support_threads_data", "created_at", "резолюшн рейт", "SELECT"):
        assert line in done.out
    assert "\x1b" not in done.out
    assert kept(desk) == before


def test_the_object_and_the_period_as_it_was_read(shell: Shell, desk: Database) -> None:
    preview = told(shell, "resolution_rate", "--period", "2026-10-01..2026-11-01")
    ((value,),) = rows(desk, RATE)
    ((earlier,),) = rows(desk, RATE.replace(OCTOBER, SEPTEMBER))
    assert preview["rows"][0][:2] == [value, earlier]
    assert preview["period"]["start"] == "2026-10-01T00:00:00+03:00"
    assert preview["period"]["end"] == "2026-11-01T00:00:00+02:00"
    assert preview["compare"]["start"] == "2026-09-01T00:00:00+03:00"
    assert preview["definition"]["numerator"] == "resolved"
    assert preview["sql"].startswith("WITH")


def test_the_default_is_thirty_days_and_a_state_is_of_now(shell: Shell, desk: Database) -> None:
    thirty = "created_at >= '2026-10-22 00:00+03:00' AND created_at <= '2026-11-20 14:00+02:00'"
    ((count,),) = rows(desk, f"SELECT count(*) FROM support_threads_data WHERE {thirty}")
    assert told(shell, "tickets")["rows"][0][0] == count
    pending = told(shell, "pending_approvals")
    assert pending["period"] is None
    assert pending["rows"] == rows(desk, "SELECT count(*) FROM ai_agent_tasks WHERE status = 'pending_approval'")


def test_splits_by_dimensions_and_time(shell: Shell, desk: Database) -> None:
    by = told(shell, "tickets", "--by", "channel", "--by", "country", "--period", "last month")
    gold = f"""
        SELECT channel, country, count(*) FROM support_threads_data LEFT JOIN customers USING (customer_id)
        WHERE support_threads_data.{OCTOBER.replace(" AND created_at", " AND support_threads_data.created_at")}
        GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 NULLS LAST
    """
    assert by["rows"] == rows(desk, gold)
    days = told(shell, "tickets", "--by", "weekday", "--period", "october")
    gold = f"""
        SELECT extract(isodow FROM created_at AT TIME ZONE 'Asia/Jerusalem')::int, count(*)
        FROM support_threads_data WHERE {OCTOBER} GROUP BY 1 ORDER BY 1
    """
    assert days["rows"] == rows(desk, gold)


def test_before_and_after_a_change(inside: Shell, desk: Database) -> None:
    before = kept(desk)
    preview = told(inside, "resolution_rate", "--period", "october", "--against", "HEAD~1")
    assert preview["after"]["rows"] == preview["rows"] == rows(desk, NARROWED_RATE)
    assert preview["before"]["rows"] == rows(desk, RATE)
    assert preview["against"]["outcome"] == "changed"
    assert preview["against"]["changes"] == [
        {
            "of": "metric",
            "name": "resolved",
            "field": "where",
            "from": "draft_created_at IS NOT NULL",
            "to": "draft_created_at IS NOT NULL AND NOT auto_sent",
        }
    ]
    assert any(line.startswith("+") and "auto_sent" in line for line in preview["against"]["sql_diff"])
    assert kept(desk) == before


def test_before_and_after_in_groups(inside: Shell, desk: Database) -> None:
    arguments = ("resolution_rate", "--by", "channel", "--period", "october", "--against", "HEAD~1")
    preview = told(inside, *arguments)
    then, now = (dict(grouped(desk, sql)) for sql in (RATE, NARROWED_RATE))
    assert {row["group"][0]: (row["before"], row["after"]) for row in preview["against"]["rows"]} == {
        channel: (then[channel], now[channel]) for channel in then
    }
    text = inside.run("metric", *arguments, "--lang", "ru")
    assert text.code == 0, text.err
    assert "Было" in text.out
    assert "показатель resolved, where" in text.out


def grouped(desk: Database, sql: str) -> Sequence[Sequence[object]]:
    return rows(desk, f"{sql.replace('SELECT', 'SELECT channel,', 1)} GROUP BY 1")


def test_nothing_changed(inside: Shell) -> None:
    done = inside.run("metric", "tickets", "--against", "HEAD~1")
    assert done.code == 0, done.err
    assert "Nothing about it has changed since HEAD~1" in done.out


def test_a_metric_that_was_not_there(inside: Shell, repository: Path, desk: Database) -> None:
    path = repository / "content" / "business" / "metrics.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["metrics"].append(
        {
            "name": "fresh_tickets",
            "kind": "count",
            "label": {"en": "Fresh tickets", "ru": "Свежие тикеты"},
            "description": "Tickets not answered by the AI.",
            "table": "support_threads_data",
            "where": "ai_answered_at IS NULL",
            "unit": "count",
        }
    )
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    done = inside.run("metric", "fresh_tickets", "--period", "october", "--against", "HEAD")
    sql = f"SELECT count(*) FROM support_threads_data WHERE ai_answered_at IS NULL AND {OCTOBER}"
    assert done.code == 0, done.err
    assert f"Fresh tickets, October 2026: {rows(desk, sql)[0][0]:,}" in done.out
    assert "there was no metric 'fresh_tickets'" in done.out


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"where": "draft_created_at IS NOT NULL", "since": "1.0"}, "since"),
        ({"where": "drafted IS NOT NULL"}, "drafted"),
    ],
)
def test_broken_content_of_then_leaves_the_value_of_now(
    fields: dict[str, object], says: str, inside: Shell, repository: Path, desk: Database
) -> None:
    content = repository / "content"
    good = (content / "business" / "metrics.json").read_bytes()
    changed(content, "resolved", **fields)
    git(repository, "commit", "--quiet", "--all", "--message=broken")
    (content / "business" / "metrics.json").write_bytes(good)
    done = inside.run("metric", "resolution_rate", "--period", "october", "--against", "HEAD")
    assert done.code == 1
    assert f"Resolution rate, October 2026: {rows(desk, NARROWED_RATE)[0][0]}%" in done.out
    assert "There is no value by the content of HEAD" in done.out
    assert says in done.out.partition("There is no value")[2]


def test_a_column_that_the_database_lacks(inside: Shell, repository: Path, desk: Database) -> None:
    """It was documented then, so the content holds together and only the database can say no."""
    content = repository / "content"
    path = content / "tables" / "support_threads_data.json"
    good = {file: file.read_bytes() for file in (path, content / "business" / "metrics.json")}
    data = json.loads(path.read_text(encoding="utf-8"))
    data["columns"].append({"name": "drafted_on", "type": "date", "description": "Gone since."})
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    changed(content, "resolved", where="drafted_on IS NOT NULL")
    git(repository, "commit", "--quiet", "--all", "--message=gone")
    for file, content_of in good.items():
        file.write_bytes(content_of)
    done = inside.run("metric", "resolution_rate", "--period", "october", "--against", "HEAD")
    assert done.code == 1
    assert f"Resolution rate, October 2026: {rows(desk, NARROWED_RATE)[0][0]}%" in done.out
    assert "drafted_on holds personal data or is not documented" in " ".join(done.out.split())


def test_an_empty_revision_and_an_unknown_one(inside: Shell) -> None:
    first = inside.run("metric", "tickets", "--against", "HEAD~2")
    assert first.code == 1
    assert "content/tables: the revision has no such folder" in first.out
    unknown = inside.run("metric", "tickets", "--against", "nowhere")
    assert unknown.code == 2
    assert unknown.error.startswith("dash-agent: git knows no revision 'nowhere'")
    assert unknown.out == ""
