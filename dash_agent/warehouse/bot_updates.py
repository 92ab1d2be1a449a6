"""Updates of a bot, each handled once: `app.seen_events`, and where to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from dash_agent.models.job import Transaction
from dash_agent.sending.looking import UPDATE
from dash_agent.sending.presses import trimmed
from dash_agent.warehouse.connections import Connections, connect, explaining_sql
from dash_agent.warehouse.jobs import put

POLL_LOCK: Final = 0x706F6C6C  # 'poll'
HOLD: Final = "SELECT pg_try_advisory_lock(%s, hashtext(%s))"
SEEN: Final = "INSERT INTO app.seen_events (source, event_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"
# After a week without an update Telegram begins anew at any number.
NEXT: Final = "SELECT next_id FROM app.bot_updates WHERE bot = %s AND at > clock_timestamp() - interval '6 days'"
GO_ON: Final = """
    INSERT INTO app.bot_updates (bot, next_id) VALUES (%s, %s)
    ON CONFLICT (bot) DO UPDATE SET next_id = excluded.next_id, at = clock_timestamp()
"""


class SqlUpdates:
    """bot: its id, which is no secret. Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections, bot: str) -> None:
        self._connections = connections
        self._bot = bot

    def next_id(self) -> int | None:
        """The first that is not handled, None where nobody knows."""
        with self._connections.transaction() as connection:
            row = connection.execute(NEXT, (self._bot,)).fetchone()
        return int(row[0]) if row else None

    def is_new(self, transaction: Transaction, update_id: int) -> bool:
        """Notes it as seen, in the transaction that handles it."""
        return bool(transaction.execute(SEEN, (f"telegram {self._bot}", str(update_id))).rowcount)

    def go_on(self, transaction: Transaction, next_id: int) -> None:
        transaction.execute(GO_ON, (self._bot, next_id))


@contextmanager
def polling(url: str, bot: str) -> Iterator[Callable[[], None] | None]:
    """None where another process asks for this bot's updates. Else this one does until the end of the block, and what
    is yielded raises WarehouseUnavailable once it does no longer.
    """
    with connect(url, autocommit=True) as connection:

        def still() -> None:
            with explaining_sql(url):
                connection.execute("SELECT 1")

        with explaining_sql(url):
            row = connection.execute(HOLD, (POLL_LOCK, bot)).fetchone()
        yield still if row and row[0] else None


def take(bot: str, state: Connections, updates: Sequence[Mapping[str, Any]]) -> int:
    """Puts in a job for each press that was not seen before, and notes where to go on; how many."""
    kept, count = SqlUpdates(state, bot), 0
    if not updates:
        return 0
    with state.transaction() as transaction:
        for update in updates:
            number = int(update["update_id"])
            payload = trimmed(update)
            if kept.is_new(transaction, number) and payload is not None:
                count += put(transaction, UPDATE, f"telegram {bot} {number}", payload)
        kept.go_on(transaction, max(int(update["update_id"]) for update in updates) + 1)
    return count
