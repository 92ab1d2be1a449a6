"""Cancel links: made, read, changed, rotated."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from dash_agent.errors import WrongUse
from support_agent.cancel_links import CancelLink, CancelLinks, Keys
from support_agent.models import Consent, Task, TaskStatus

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LINK = CancelLink(17, 4, NOW + timedelta(hours=48), "j1")


def key(number: int) -> str:
    return f"{number}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def links(text: str) -> CancelLinks:
    return CancelLinks(Keys.read(text), "https://shop.example.com/cancel/")


def test_a_link_says_what_it_was_made_for_until_it_is_over() -> None:
    made = links(key(1))
    token = made.make(LINK)
    assert made.read(token, NOW) == LINK
    assert made.read(token, LINK.expires_at - timedelta(seconds=1)) == LINK
    assert made.read(token, LINK.expires_at) is None
    assert made.make(LINK) != token


def test_no_byte_of_it_can_be_another() -> None:
    made = links(key(1))
    token = made.make(LINK)
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        assert made.read(base64.urlsafe_b64encode(changed).rstrip(b"=").decode(), NOW) is None
    for cut in range(len(token)):
        assert made.read(token[:cut], NOW) is None


@pytest.mark.parametrize(
    "token", ["", "x", "=" * 40, "é" * 30, "A" * 10_000, "../../etc/passwd", "AQ" * 40, "a b c d" * 9]
)
def test_what_is_no_link_is_none(token: str) -> None:
    assert links(key(1)).read(token, NOW) is None


def test_it_is_written_in_one_way_only() -> None:
    made = links(key(1))
    token = made.make(LINK)
    for other in (f"{token}=", f" {token}", token.replace("-", "+").replace("_", "/") + "==", f"{token}\n"):
        assert other == token or made.read(other, NOW) is None


def test_keys_rotate() -> None:
    old, new = key(1), key(2)
    token = links(old).make(LINK)
    assert links(f"{new},{old}").read(token, NOW) == LINK
    assert links(new).read(token, NOW) is None
    fresh = links(f"{new}, {old}").make(LINK)
    assert links(new).read(fresh, NOW) == LINK
    assert links(f"1:{new.partition(':')[2]}").read(token, NOW) is None


@pytest.mark.parametrize("text", ["", "1", "1:abc", "x:" + "A" * 44, "300:" + "A" * 43 + "=", "1:" + "A" * 24])
def test_keys_that_are_none_are_told_without_being_repeated(text: str) -> None:
    with pytest.raises(WrongUse) as raised:
        Keys.read(text)
    assert "AAAA" not in str(raised.value)
    assert "secret" not in repr(Keys({1: b"secret"}))


def test_the_same_id_twice_is_no_rotation() -> None:
    with pytest.raises(WrongUse):
        Keys.read(f"{key(1)},{key(1)}")


def test_links_of_one_task_share_their_id() -> None:
    made = links(key(1))
    done = Task(
        *(9, 3, "generate_cancel_link", {"subscription_id": 4}, TaskStatus.DONE, Consent.CUSTOMER, NOW),
        finished_at=NOW,
        customer_id=17,
    )
    one, other = (made.cancel(done).removeprefix("https://shop.example.com/cancel/") for _ in range(2))
    assert one != other
    first, second = made.read(one, NOW), made.read(other, NOW)
    assert first is not None
    assert first == second
    assert (first.customer_id, first.subscription_id, first.expires_at) == (17, 4, NOW + timedelta(hours=48))


def test_a_task_that_is_not_done_gives_no_link() -> None:
    pending = Task(9, 3, "generate_cancel_link", {"subscription_id": 4}, TaskStatus.PENDING, Consent.CUSTOMER, NOW)
    with pytest.raises(WrongUse):
        links(key(1)).cancel(pending)
