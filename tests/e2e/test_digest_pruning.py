"""What is kept of digests, and for how long."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from dash_agent.adapters.pruning import prune_folders
from dash_agent.warehouse.housekeeping import Keeping, prune
from tests.e2e.databases import Database
from tests.e2e.digesting import rows

DAY_S = 86_400

# Of each, by its name: the day it went out, as so many days ago.
ISSUES = """
    INSERT INTO app.digest_issues (digest, period, channel, address, outcome, due, at, numbers, messages)
    SELECT name, '2026-01-01..2026-01-01', 'file', 'x', outcome, now(), now() - days * interval '1 day',
           '[{"key": "a", "label": "A", "told": "1"}]', '[{"kind": "text"}]'
    FROM (VALUES ('young', 'sent', 89), ('old', 'sent', 91), ('begun', 'built', 91), ('doubtful', 'in_doubt', 91),
                 ('older', 'sent', 364), ('oldest', 'sent', 366)) AS t (name, outcome, days);
    INSERT INTO app.jobs (kind, key, dead_at, done_at) VALUES
        ('digest.deliver', 'digest one', now(), NULL), ('digest.deliver', 'digest two', NULL, now());
    INSERT INTO app.deliveries (key, channel, recipient, sent_at)
    SELECT 'digest ' || name || ' telegram 77 part 1', 'telegram', '77', now() - interval '20 days'
    FROM (VALUES ('one'), ('two'), ('gone')) AS t (name);
"""


def test_texts_go_before_rows_and_what_may_go_on_stays(fresh_database: Callable[[], Database]) -> None:
    made = fresh_database()
    with psycopg.connect(made.owner) as connection:
        connection.execute(ISSUES.encode())
    with psycopg.connect(made.app) as connection:
        gone = prune(connection, Keeping(400, 30, 14, 365))
    assert (gone["digest_texts"], gone["digest_issues"], gone["deliveries"]) == (3, 1, 2)
    kept = rows(made, "SELECT digest, messages <> '[]', numbers <> '[]' FROM app.digest_issues ORDER BY digest")
    assert kept == [
        ("begun", True, True),
        ("doubtful", True, True),
        ("old", False, True),
        ("older", False, True),
        ("young", True, True),
    ]
    # The dead job may be retried, and would send again what nobody remembers.
    assert rows(made, "SELECT key FROM app.deliveries") == [("digest one telegram 77 part 1",)]


ALERTS = """
    INSERT INTO app.alerts (rule, key, channel, address, language, stage, cause, opened_at, seen_at)
    SELECT name, name, 'file', 'x', 'en', stage, '{}', now() - 400 * interval '1 day', now() - days * interval '1 day'
    FROM (VALUES ('young', 'over', 364), ('old', 'over', 366), ('lasting', 'told', 1), ('left', 'told', 366))
        AS t (name, stage, days);
    INSERT INTO app.alert_tellings (alert_id, number, kind, outcome, at, message)
    SELECT alert_id, number, 'first', outcome, now() - days * interval '1 day', '{"kind": "text"}'
    FROM app.alerts, (VALUES (1, 'sent', 91), (2, 'in_doubt', 91), (3, 'sent', 89)) AS t (number, outcome, days);
    INSERT INTO app.alert_verdicts (alert_id, chat, "user", verdict, at, press)
    SELECT alert_id, '1', '2', 'useful', now(), 1 FROM app.alerts;
    INSERT INTO app.alert_looks (scope, rules, at, segments, found, error)
    SELECT '', '{volume}', now() - days * interval '1 day', 1, 0, '' FROM (VALUES (13), (15)) AS t (days);
"""


def test_alerts_go_with_what_was_told_of_them(fresh_database: Callable[[], Database]) -> None:
    made = fresh_database()
    with psycopg.connect(made.owner) as connection:
        connection.execute(ALERTS.encode())
    with psycopg.connect(made.app) as connection:
        gone = prune(connection, Keeping(400, 30, 14, 365))
    assert (gone["alerts"], gone["alert_texts"], gone["alert_looks"]) == (2, 4, 1)
    kept = "SELECT rule, number, message <> '{}' FROM app.alerts JOIN app.alert_tellings USING (alert_id) ORDER BY 1, 2"
    told = [(1, False), (2, True), (3, True)]
    assert rows(made, kept) == [(rule, number, has_text) for rule in ("lasting", "young") for number, has_text in told]
    assert rows(made, "SELECT count(*) FROM app.alert_verdicts") == [(2,)]


def test_folders(tmp_path: Path) -> None:
    root = tmp_path / "digests"
    for name, days in (("daily/new", 9), ("daily/old", 11), ("weekly/old", 11)):
        letter = root / name
        letter.mkdir(parents=True)
        (letter / "tickets.png").write_bytes(b"")
        (letter / "index.html").write_text("", encoding="utf-8")
        at = time.time() - days * DAY_S
        os.utime(letter / "index.html", (at, at))
    (root / "daily" / "notes").mkdir()
    (root / "daily" / "linked").symlink_to(root / "daily" / "old")
    assert prune_folders(root, 10) == 2
    assert sorted(str(one.relative_to(root)) for one in root.glob("*/*")) == [
        "daily/linked",
        "daily/new",
        "daily/notes",
    ]
    assert prune_folders(root, 10) == 0
    assert prune_folders(tmp_path / "nowhere", 10) == 0
