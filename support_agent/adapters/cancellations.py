"""The end of a subscription by its cancel link: `app.burned_links` and `subscriptions`, together."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from dash_agent.warehouse.connections import Connections

BURN: Final = "INSERT INTO app.burned_links (jti, burned_at) VALUES (%s, %s) ON CONFLICT DO NOTHING"
IS_BURNED: Final = "SELECT FROM app.burned_links WHERE jti = %s"
CANCEL: Final = """
    UPDATE public.subscriptions SET status = 'cancelled', cancelled_at = %s, paused_until = NULL
    WHERE subscription_id = %s AND customer_id = %s AND status <> 'cancelled'
"""


class SqlCancellations:
    """Port `Cancellations`, on the app role."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def cancel(self, jti: str, customer_id: int, subscription_id: int, now: datetime) -> bool:
        with self._connections.transaction() as connection:
            if not connection.execute(BURN, (jti, now)).rowcount:
                return False
            connection.execute(CANCEL, (now, subscription_id, customer_id))
        return True

    def is_burned(self, jti: str) -> bool:
        with self._connections.transaction() as connection:
            return connection.execute(IS_BURNED, (jti,)).fetchone() is not None
