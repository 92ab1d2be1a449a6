"""What was sent where, once: `app.deliveries`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dash_agent.errors import InDoubt, NotSent
from dash_agent.warehouse.connections import Connections

BEGIN: Final = """
    INSERT INTO app.deliveries (key, channel, recipient) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""
SENT: Final = "SELECT sent_at IS NOT NULL FROM app.deliveries WHERE key = %s"
END: Final = "UPDATE app.deliveries SET sent_at = clock_timestamp(), reference = %s WHERE key = %s"
FORGET: Final = "DELETE FROM app.deliveries WHERE key = %s AND sent_at IS NULL"


class SqlDeliveries:
    """Raises WarehouseUnavailable, DiskFull, WrongSchema."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def once(
        self, key: str, channel: str, recipient: str, send: Callable[[str], str | None], *, repeatable: bool
    ) -> bool:
        """As of `Work.send_once`. Noted as begun before, and as sent after: no crash leaves it unknown that it began.

        Raises InDoubt, and what `send` raises.
        """
        with self._connections.transaction() as connection:
            is_new = connection.execute(BEGIN, (key, channel, recipient)).rowcount
            row = connection.execute(SENT, (key,)).fetchone()
        if row and row[0]:
            return False
        if not is_new and not repeatable:
            raise InDoubt(
                f"the delivery '{key}' by {channel} was begun before and cut off; it may have arrived",
                "look there; retry the job to send it again",
            ).because("cut_off")
        try:
            reference = send(key)
        except NotSent:
            self.forget(key)
            raise
        with self._connections.transaction() as connection:
            connection.execute(END, (reference, key))
        return True

    def forget(self, key: str) -> None:
        """A delivery that was begun and not ended, so that it is made anew."""
        with self._connections.transaction() as connection:
            connection.execute(FORGET, (key,))
