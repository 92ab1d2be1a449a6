"""kill -9 between any two steps of a look and its message: one alert, and its message once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

from dash_agent.warehouse.preparation import uri_of
from tests.conftest import ROOT
from tests.e2e.databases import Database
from tests.stubs.telegram_server import TelegramServer

LEAVING, LEFT = "before a message leaves", "after a message has left"


def test_kill_9_between_any_two_steps(fresh_database: Callable[[], Database]) -> None:
    database = fresh_database()
    with TelegramServer() as telegram:
        command = [sys.executable, "-m", "tests.e2e.alarm_killed", uri_of(database.app), telegram.base]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(('"', "{"))]
        steps = {one["number"]: at for at, one in pairwise(said) if isinstance(at, str)}
        runs = [one for one in said if isinstance(one, dict)]
        assert len(runs) > 20
        assert list(steps.values()).count(LEAVING) == list(steps.values()).count(LEFT) == 1
        doubtful = 0
        for one in runs:
            arrived, step = len(telegram.of(str(1000 + one["number"]))), steps.get(one["number"])
            # Between "begun" and "sent" nobody can know, so it is never sent again by itself.
            in_doubt = one["last"] == ["in_doubt"]
            doubtful += in_doubt
            assert in_doubt or one["last"] == ["sent"], (step, one)
            assert one["dead"] == int(in_doubt), (step, one)
            assert arrived == 1 or (in_doubt and step != LEFT and arrived == 0), (step, arrived)
        assert doubtful, "no kill came between the message's beginning and its end, so nothing was shown"
