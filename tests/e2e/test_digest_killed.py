"""kill -9 between any two steps of a digest's way: what had not begun is sent, and nothing arrives twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

from dash_agent.warehouse.connections import Connections
from dash_agent.warehouse.jobs import SqlJobs
from dash_agent.warehouse.preparation import uri_of
from tests.conftest import ROOT
from tests.e2e.databases import Database
from tests.e2e.digest_killed import run
from tests.stubs.telegram_server import TelegramServer

LEAVING = "before a message leaves"
LEFT = "after a message has left"


def copies(telegram: TelegramServer, chat: str) -> list[int]:
    """How often the first text, the second and the album arrived."""
    texts = telegram.texts(chat)
    return [*(sum(f"<b>{name}</b>" in text for text in texts) for name in ("One", "Two")), len(telegram.albums(chat))]


def test_kill_9_between_any_two_steps(fresh_database: Callable[[], Database]) -> None:
    database = fresh_database()
    with TelegramServer() as telegram:
        command = [sys.executable, "-m", "tests.e2e.digest_killed", uri_of(database.app), telegram.base]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500)
        assert done.returncode == 0, done.stderr
        said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(('"', "{"))]
        steps = {one["number"]: at for at, one in pairwise(said) if isinstance(at, str)}
        runs = [one for one in said if isinstance(one, dict)]
        assert len(runs) > 20
        assert list(steps.values()).count(LEAVING) == list(steps.values()).count(LEFT) == 3
        state = Connections(database.app)
        doubtful = 0
        for one in runs:
            chat, step = str(1000 + one["number"]), steps.get(one["number"])
            arrived = copies(telegram, chat)
            # Between "begun" and "sent" nobody can know, so it is never sent again by itself.
            in_doubt = one["outcome"] == "in_doubt"
            doubtful += in_doubt
            assert max(arrived) == 1, (step, arrived)
            assert sum(arrived) == 3 or (in_doubt and sum(arrived) == 2), (step, arrived)
            assert one["state"] == ("dead" if in_doubt else "done"), one
            assert in_doubt or one["outcome"] == "sent", one
            if step == LEFT:
                assert sum(arrived) == 3, "it had left"
            # The parts of one copy are of one making.
            assert len({text.rpartition(" ")[2] for text in telegram.texts(chat)}) <= 1
            # A person who finds a part missing sends that one, and only that one.
            if sum(arrived) == 2:
                (job,) = one["dead"]
                assert SqlJobs(state).retry(job)
        state.close()
        run(database.app, telegram.base, 0)
        assert doubtful, "no kill came between a message's beginning and its end, so nothing was shown"
        assert {tuple(copies(telegram, str(1000 + one["number"]))) for one in runs} == {(1, 1, 1)}
