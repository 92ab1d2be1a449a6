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
