"""`support-agent chat` as a process, on a database of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from dash_agent.warehouse.preparation import uri_of
from tests.conftest import NOW, ROOT
from tests.support_desk import SHOP_KEY, Shop


def chat(shop: Shop, *arguments: str, said: str) -> subprocess.CompletedProcess[str]:
    given = {
        "PATH": os.environ["PATH"],
        "HOME": str(shop.folder),
        "DATABASE_URL": uri_of(shop.database.app),
        "DASH_WAREHOUSE_URL": uri_of(shop.database.reader),
        "DASH_CONTENT_DIR": str(ROOT),
        "DASH_DATA_DIR": str(shop.folder),
        "DASH_NOW": NOW.isoformat(),
        "SHOP_JWT_KEY": SHOP_KEY,
    }
    command = [sys.executable, "-m", "support_agent", *arguments]
    shop.folder.mkdir(exist_ok=True)
    return subprocess.run(
        command, input=said, env=given, cwd=shop.folder, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_conversation_that_another_process_goes_on_with(shop: Shop) -> None:
    customer, _ = shop.subscriber()
    dialog = "7d9f3c1e-0000-4000-8000-0123456789ab"
    first = chat(shop, "chat", "--dialog", dialog, said=f"Please pause my subscription for a month\n{customer.email}\n")
    assert first.returncode == 0, first.stderr
    code = shop.code(customer.email)
    assert code not in first.stdout + first.stderr
    second = chat(shop, "chat", "--dialog", dialog, said=f"{code}\nyes\n/quit\n")
    assert second.returncode == 0, second.stderr
    assert "waits for your yes: pause_subscription" in second.stdout
    assert shop.customers.subscriptions(customer.customer_id)[0].status == "paused"


def test_in_russian_until_a_person_is_asked_for(shop: Shop) -> None:
    found = chat(shop, "chat", "--language", "ru", said="Позовите человека\n")
    assert "red_line:wants_person" in found.stdout
    assert found.returncode == 0


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
def test_a_wrong_token_is_told(shop: Shop, token: str) -> None:
    found = chat(shop, "chat", "--customer-token", token, said="hello\n")
    assert found.returncode == 2
    assert "--customer-token" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_wrong_option(shop: Shop, tmp_path: Path) -> None:
    found = chat(shop, "chat", "--nonsense", said="")
    assert found.returncode == 2
    assert SecretStr(SHOP_KEY).get_secret_value() not in found.stderr
