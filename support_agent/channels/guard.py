"""Who calls, what they may, and how often."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from dash_agent.models.principal import Principal
from support_agent.approvals import DECIDERS
from support_agent.channels import shapes
from support_agent.channels.failures import Refused
from support_agent.channels.office import Office
from support_agent.identification import customer_of_token
from support_agent.models import Dialogue
from support_agent.settings import MINUTE

NO_CONVERSATION: Final = "there is no such conversation"

Staff = Callable[[Mapping[str, str]], Principal]

Reach = Callable[[Collection[int], Principal], frozenset[int]]
"""Those of some tickets that are among a principal's rows."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. headers: names in lower case. address: of the network. bearer: the token that was sent, or ''."""

    headers: Mapping[str, str] = field(repr=False)
    address: str

    @property
    def bearer(self) -> str:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


class Guard:
    """staff: the server's own credentials. is_open: there are none, and whoever reaches this machine is staff."""

    def __init__(self, office: Office, staff: Staff, reach: Reach, *, is_open: bool) -> None:
        self._office = office
        self._staff = staff
        self._reach = reach
        self._is_open = is_open

    def take_call(self, caller: Caller) -> None:
        self.take(f"calls of {caller.address}", self._office.settings.calls_a_minute, MINUTE)

    def take_message(self, dialog_id: str, customer_id: int | None) -> None:
        who = f"dialogue {dialog_id}" if customer_id is None else f"customer {customer_id}"
        self.take(f"messages of {who}", self._office.settings.messages_a_minute, MINUTE)

    def take(self, what: str, limit: int, per: timedelta) -> None:
        wait = self._office.limits.take(what, limit, per, self._office.clock.now())
        if wait is not None:
            raise Refused(429, "that is too many at once", "wait, and try again", wait)

    def check_length(self, text: str) -> None:
        longest = self._office.settings.longest_message
        if len(text) > longest:
            raise Refused(422, f"a message has at most {longest} characters", "send it in parts")

    def proven(self, body: shapes.Create) -> int | None:
        """The customer of the shop's token. A customer_id by itself proves nothing."""
        key = self._office.settings.shop_key
        if body.customer_token is None:
            if body.customer_id is not None:
                raise Refused(
                    422, "customer_id counts with the shop's customer_token only", "leave it out, or send both"
                )
            return None
        now = self._office.clock.now()
        proven = customer_of_token(body.customer_token, key.get_secret_value(), now) if key is not None else None
        if proven is None or body.customer_id not in (None, proven) or not self._office.customers.by_id(proven):
            raise Refused(422, "the customer_token is not valid", "get a new one from the shop")
        return proven

    def check_customer(self, caller: Caller, dialogue: Dialogue) -> None:
        if not self._office.passes.opens(dialogue.dialog_id, caller.bearer):
            raise Refused(
                401, "this token does not open this conversation", "send Authorization: Bearer <dialogue_token>"
            )

    def check_either(self, caller: Caller, dialogue: Dialogue) -> None:
        if caller.bearer and self._office.passes.opens(dialogue.dialog_id, caller.bearer):
            return
        if caller.bearer and self._is_open:
            raise Refused(401, "this token does not open this conversation")
        self.staff_of(caller, dialogue)

    def staff(self, caller: Caller) -> Principal:
        """Who decides. Raises NotStaff, and Refused for a role that does not."""
        principal = self._staff(caller.headers)
        if principal.role not in DECIDERS:
            raise Refused(403, "managers take over conversations and decide", "ask a manager")
        return principal

    def staff_of(self, caller: Caller, dialogue: Dialogue) -> Principal:
        """As `staff`, for a conversation: one that is not among their rows is not there. Raises Refused."""
        principal = self.staff(caller)
        if not self.within(principal, (dialogue.ticket_id,)):
            raise Refused(404, NO_CONVERSATION)
        return principal

    def within(self, principal: Principal, tickets: Collection[int]) -> frozenset[int]:
        """Those of the tickets that are among the principal's rows."""
        return self._reach(tickets, principal)
