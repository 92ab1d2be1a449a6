"""A shop that tests fill, with an office on it, and conversations as customers hold them."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

from dash_agent.settings import Settings
from support_agent.models import Customer, InboundMessage, Outcome, Subscription
from support_agent.settings import SupportSettings
from support_agent.wiring import Office, World, open_office
from tests.conftest import ROOT, ZONE
from tests.e2e.databases import Database
from tests.support_worlds import SqlWorld

SHOP_KEY = "the shop's secret, which is long enough for a signature"


class Shop(SqlWorld):
    """What tests fill and look into, with an office on it."""

    def __init__(self, database: Database, folder: Path, settings: Settings | None = None, **more: object) -> None:
        super().__init__(database)
        self.folder = folder
        usual = Settings.model_construct()
        self.settings = settings or usual.model_copy(update={"timezone": ZONE.key, "content_dir": ROOT})
        given = {**SupportSettings.model_construct().model_dump(), **more}
        self.support = SupportSettings.model_construct(**given)
        self.office = self.opened()

    def opened(self) -> Office:
        """As another process has it: nothing is shared but the database and the folder."""
        return open_office(World(self.connections, self.clock, None, self.folder, self.settings, self.support))

    def subscriber(self, country: str = "DE", **values: object) -> tuple[Customer, Subscription]:
        """A customer with a monthly box, delivered in the last two months."""
        customer = self.customer(country)
        found = self.subscription(customer.customer_id, **values)
        for month in ("2026-10", "2026-11"):
            left = datetime(2026, int(month[-2:]) - 1, 23, 8, tzinfo=UTC)
            self.box(found.subscription_id, month, shipped_at=left, delivered_at=datetime(2026, 11, 3, tzinfo=UTC))
        return customer, found

    def code(self, address: str) -> str:
        """Of the newest mail to an address, as its reader would type it."""
        for _ in range(100):
            mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in self._mails()]
            texts = [mail.get_body().get_content() for mail in mails if mail["To"] == address]  # type: ignore[union-attr]
            codes = [found.group() for text in texts if (found := re.search(r"\d{6}", text))]
            if codes:
                return codes[-1]
            time.sleep(0.05)
        raise AssertionError("no mail came")

    def _mails(self) -> list[Path]:
        return sorted((self.folder / "outbox").glob("*.eml"))

    def talk(self) -> Talk:
        return Talk(self)


class Talk:
    """One conversation, as its customer holds it."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.dialog_id = str(uuid4())
        self.thread = f"chat:{self.dialog_id}"

    def say(self, text: str, **more: object) -> Outcome:
        return self.shop.office.desk.handle(InboundMessage("chat", self.thread, text, **more))  # type: ignore[arg-type]

    def hear(self, text: str, **more: object) -> str:
        outcome = self.say(text, **more)
        reply = getattr(outcome, "reply", outcome)
        return str(getattr(reply, "text", ""))

    def identify(self, customer: Customer) -> str:
        self.hear(customer.email)
        return self.hear(self.shop.code(customer.email))
