"""A process that is killed on its way: `python -m tests.e2e.support_killed URL TASK granted|acting NOW`.

granted: after the grant was kept, before anything is done with it. acting: after the rows were changed, before they
were kept.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime

from dash_agent.warehouse.connections import Connections
from support_agent.adapters.tasks import SqlTasks
from support_agent.grants import arguments_hash
from support_agent.models import Done, NotPossible, Task
from support_agent.ports import Changes, Customers, History
from support_agent.tools import TOOLS
from tests.conftest import ZONE


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, task_id: int, when: str, now: datetime) -> None:
    tasks = SqlTasks(Connections(url))
    task = tasks.get(task_id)
    assert task is not None
    meant = arguments_hash(task.tool, task.arguments, task.customer_id)
    assert tasks.decide(task_id, True, "customer", meant, now) is not None
    if when == "granted":
        die()
    act = TOOLS[task.tool].action(ZONE)

    def half(task: Task, customers: Customers, changes: Changes, history: History, now: datetime) -> Done | NotPossible:
        act(task, customers, changes, history, now)
        die()
        raise AssertionError("nobody comes here")

    tasks.run(task_id, half, now)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], datetime.fromisoformat(sys.argv[4]))
