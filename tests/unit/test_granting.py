"""Access as a patch: what the file says after it, and that all else stays as a person wrote it."""

from __future__ import annotations

import json

import pytest

from dash_agent.context.access import Scope, User
from dash_agent.context.catalog import Catalog
from dash_agent.errors import UnknownName, WrongUse
from dash_agent.learning.granting import access_text, granted, revoked
from tests.conftest import ROOT

TEXT = """{
  "users": [
    {"email": "anna@example.com", "role": "admin"},
    {
      "email": "Boris@Example.com",
      "role": "viewer",
      "scope": [{"dimension": "channel", "values": ["chat"]}]
    }
  ]
}
"""


def users(text: str) -> list[dict[str, object]]:
    return list(json.loads(text)["users"])


def test_somebody_new_stands_at_the_end(home: Catalog) -> None:
    patch = granted(TEXT, User(email=" Vera@example.com ", role="manager", language="ru"), home)
    assert users(patch.after) == [
        *users(TEXT),
        {"email": "vera@example.com", "role": "manager", "language": "ru"},
    ]
    assert [line for line in patch.text.splitlines() if line.startswith("-")] == [
        "--- a/business/access.json",
        "-    }",
    ]


def test_what_stands_of_somebody_is_replaced(home: Catalog) -> None:
    scope = [Scope(dimension="channel", values=["chat", "email"])]
    patch = granted(
        TEXT, User(email="boris@example.com", role="viewer", language="en", team="night", scope=scope), home
    )
    assert users(patch.after)[1] == {
        "email": "boris@example.com",
        "role": "viewer",
        "language": "en",
        "team": "night",
        "scope": [{"dimension": "channel", "values": ["chat", "email"]}],
    }
    assert users(patch.after)[0] == users(TEXT)[0]


@pytest.mark.parametrize(("gone", "left"), [("anna@example.com", 1), ("BORIS@example.com", 0)])
def test_somebody_is_taken_out(gone: str, left: int) -> None:
    assert users(revoked(TEXT, gone).after) == [users(TEXT)[left]]


def test_the_last_one_is_taken_out_and_another_comes(home: Catalog) -> None:
    alone = revoked(TEXT, "anna@example.com").after
    nobody = revoked(alone, "boris@example.com").after
    assert users(nobody) == []
    again = granted(nobody, User(email="vera@example.com", role="viewer"), home).after
    assert [user["email"] for user in users(again)] == ["vera@example.com"]


def test_where_there_is_no_file(home: Catalog) -> None:
    patch = granted("", User(email="vera@example.com", role="viewer"), home)
    assert users(patch.after) == [{"email": "vera@example.com", "role": "viewer", "language": "en"}]
    assert patch.text.startswith("--- /dev/null")


def test_what_can_not_be_held_is_refused(home: Catalog) -> None:
    with pytest.raises(WrongUse, match="not an e-mail"):
        granted(TEXT, User(email="vera", role="viewer"), home)
    with pytest.raises(WrongUse):
        granted(TEXT, User(email="v@example.com", role="viewer", scope=[Scope(dimension="moon", values=["x"])]), home)
    with pytest.raises(UnknownName, match=r"nobody@example\.com"):
        revoked(TEXT, "nobody@example.com")


def test_the_file_of_this_desk_keeps_its_other_lines(home: Catalog) -> None:
    text = access_text(ROOT)
    patch = granted(text, User(email="olga@example.com", role="analyst", language="ru"), home)
    changed = [line for line in patch.text.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == [
        '-    {"email": "olga@example.com", "role": "manager", "language": "ru"},',
        '+    {"email": "olga@example.com", "role": "analyst", "language": "ru"},',
    ]
