"""Who gets in: by a password, by a provider, by nothing; and who does not, however they try."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest

from dash_agent.cli.listening import listen
from dash_agent.errors import Unavailable
from dashboard import signin
from dashboard.__main__ import check_exposure, main
from dashboard.passes import COOKIE, HOURS, Attempts, Passes, kept_secret
from tests.e2e.dashboard.provider import Provider, provider_at
from tests.e2e.dashboard.serving import look, served_dashboard
from tests.e2e.databases import Database
from tests.e2e.serving import settings

PASSWORD = "open sesame: ключ"
INSIDE = 'page_name: "Overview"'


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


# Passes


def test_a_pass_holds_for_some_hours_and_not_a_second_longer() -> None:
    clock = Hands()
    passes = Passes(PASSWORD, b"s" * 32, clock)
    given = passes.issue()
    clock.now += HOURS * 3600 - 1
    assert passes.holds(given)
    clock.now += 1
    assert not passes.holds(given)


def test_a_pass_of_another_password_secret_or_hand_is_none() -> None:
    given = Passes(PASSWORD, b"s" * 32).issue()
    assert Passes(PASSWORD, b"s" * 32).holds(given)
    assert not Passes(PASSWORD + "!", b"s" * 32).holds(given)
    assert not Passes(PASSWORD, b"t" * 32).holds(given)
    claims = jwt.decode(given, options={"verify_signature": False})
    for forged in (
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, PASSWORD * 4, algorithm="HS256"),
        jwt.encode({**claims, "end": time.time() + 1e6}, "guess" * 8, algorithm="HS256"),
        given[:-2],
        "",
        "a.b.c",
        None,
    ):
        assert not Passes(PASSWORD, b"s" * 32).holds(forged)


def test_a_pass_that_was_given_back_holds_for_nobody_who_has_a_copy() -> None:
    passes = Passes(PASSWORD, b"s" * 32)
    mine, other = passes.issue(), passes.issue()
    passes.give_back(mine)
    assert (passes.holds(mine), passes.holds(other)) == (False, True)


def test_the_password_is_the_whole_password() -> None:
    passes = Passes(PASSWORD, b"s" * 32)
    assert passes.is_password(PASSWORD)
    for wrong in ("", PASSWORD[:-1], PASSWORD + " ", PASSWORD.upper(), "x" * 5_000):
        assert not passes.is_password(wrong)


def test_attempts_are_few_from_one_address_and_in_all() -> None:
    clock = Hands()
    attempts = Attempts(of_one=2, of_all=3, minutes=1, clock=clock)
    assert [attempts.wait_s("a"), attempts.wait_s("a"), attempts.wait_s("a")] == [0, 0, 60]
    assert [attempts.wait_s("b"), attempts.wait_s("c")] == [0, 60]
    clock.now += 60
    assert [attempts.wait_s("a"), attempts.wait_s("c")] == [0, 0]


def test_the_right_password_forgets_the_wrong_ones_of_its_address_alone() -> None:
    attempts = Attempts(of_one=2, of_all=50, clock=Hands())
    for address in "aabb":
        attempts.wait_s(address)
    attempts.forget("a")
    assert attempts.wait_s("a") == 0
    assert attempts.wait_s("b") > 0


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = kept_secret(tmp_path / "data")
    assert kept_secret(tmp_path / "data") == made != kept_secret(tmp_path / "other")
    (file,) = (tmp_path / "data").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text("")
    with pytest.raises(Unavailable, match="is damaged"):
        kept_secret(tmp_path / "data")


# The administrator's password, over HTTP


@pytest.fixture(scope="module")
def guarded(desk: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_dashboard(desk, tmp_path_factory.mktemp("guarded"), DASH_ADMIN_PASSWORD=PASSWORD) as url:
        yield url


def visitor(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=30)


def sent(client: httpx.Client, password: str, there: str = "/overview", **headers: str) -> httpx.Response:
    form = client.get("/signin", params={"next": there}).text
    seal = re.search(r'name="seal" value="(\w+)"', form)
    assert seal is not None
    fields = {"password": password, "seal": seal[1]}
    return client.post("/signin", params={"next": there}, data=fields, headers=headers)


def test_the_right_password_opens_every_page(guarded: str) -> None:
    with visitor(guarded) as client:
        assert client.get("/overview?period=today").headers["location"] == "/signin?next=%2Foverview%3Fperiod%3Dtoday"
        response = sent(client, PASSWORD, "/overview?period=today")
        assert (response.status_code, response.headers["location"]) == (303, "/overview?period=today")
        cookie = response.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert client.get("/overview").status_code == 200
        assert INSIDE in look(guarded, {COOKIE: client.cookies[COOKIE]})


def test_nothing_is_told_to_who_is_not_in(guarded: str) -> None:
    for cookies in ({}, {COOKIE: "forged"}, {"user": "admin"}):
        seen = look(guarded, cookies)
        assert INSIDE not in seen
        assert "Sign in to Dash" in seen


def test_signing_out_ends_the_session_also_for_who_kept_the_cookie(guarded: str) -> None:
    with visitor(guarded) as client:
        sent(client, PASSWORD)
        kept = client.cookies[COOKIE]
        # The link without its mark is what another site could name.
        assert client.get("/signout").status_code == 303
        assert INSIDE in look(guarded, {COOKIE: kept})
        mark = re.search(r"/signout\?mark=(\w+)", look(guarded, {COOKIE: kept}))
        assert mark is not None
        assert client.get("/signout", params={"mark": mark[1]}).headers["location"] == "/signin"
        assert COOKIE not in client.cookies
        assert INSIDE not in look(guarded, {COOKIE: kept})


def test_a_form_that_is_not_ours_is_not_taken(guarded: str) -> None:
    with visitor(guarded) as client:
        assert client.post("/signin", data={"password": PASSWORD}).status_code == 403
        assert client.post("/signin", data={"password": PASSWORD, "seal": "0" * 64}).status_code == 403
        assert client.post("/signin", content=b"x" * 100_000).status_code == 403
        assert client.post("/signin", content=b"\xff\x00").status_code == 403
        assert sent(client, PASSWORD, Origin="https://evil.example").status_code == 403
        assert COOKIE not in client.cookies


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_the_way_on_stays_here(guarded: str, there: str) -> None:
    with visitor(guarded) as client:
        assert sent(client, PASSWORD, there).headers["location"] == "/"


def test_what_is_asked_for_is_escaped(guarded: str) -> None:
    with visitor(guarded) as client:
        shown = client.get("/signin", params={"next": '/"><script>alert(1)</script>'}).text
        assert "<script>" not in shown


def test_the_form_speaks_the_browsers_language(guarded: str) -> None:
    with visitor(guarded) as client:
        assert "Пароль администратора" in client.get("/signin", headers={"Accept-Language": "ru,en;q=0.8"}).text
        assert "Administrator&#x27;s password" in client.get("/signin", headers={"Accept-Language": "de"}).text


def test_pages_of_another_origin_reach_nothing(guarded: str) -> None:
    with visitor(guarded) as client:
        assert client.get("/_stcore/health", headers={"Origin": "https://evil.example"}).status_code == 403
        assert "default-src 'self'" in client.get("/signin").headers["content-security-policy"]


def test_wrong_passwords_are_counted(desk: Database, tmp_path: Path) -> None:
    with served_dashboard(desk, tmp_path, DASH_ADMIN_PASSWORD=PASSWORD) as url, visitor(url) as client:
        for _ in range(5):
            response = sent(client, "not it")
            assert response.status_code == 401
            assert "This is not the password." in response.text
        blocked = sent(client, PASSWORD)
        assert blocked.status_code == 429
        assert 0 < int(blocked.headers["retry-after"]) <= 15 * 60
        assert COOKIE not in client.cookies


# Without any sign-in


def test_without_a_sign_in_only_this_machine_looks(desk: Database, tmp_path: Path) -> None:
    with served_dashboard(desk, tmp_path) as url, visitor(url) as client:
        assert client.get("/overview").status_code == 200
        assert client.get("/overview", headers={"Host": "dash.example.com"}).status_code == 403
        assert INSIDE in look(url)
        for name in ("health", "host-config"):
            assert client.get(f"/_stcore/{name}").status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])
def test_without_a_sign_in_another_host_is_refused(
    host: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DASH_ADMIN_PASSWORD", raising=False)
    assert main(["--host", host]) == 2
    assert "nobody can sign in to it; set DASH_ADMIN_PASSWORD or OIDC_*" in capsys.readouterr().err
    check_exposure(host, settings(admin_password="x"))


# A provider


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with provider_at() as it:
        yield it


@pytest.fixture(scope="module")
def by_provider(desk: Database, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    variables = {
        "OIDC_CLIENT_ID": provider.client_id,
        "OIDC_CLIENT_SECRET": provider.client_secret,
        "OIDC_METADATA_URL": provider.metadata_url,
        "OIDC_REDIRECT_URI": f"http://127.0.0.1:{port}/oauth2callback",
    }
    with served_dashboard(desk, tmp_path_factory.mktemp("provider"), port, **variables) as url:
        yield url


def test_who_nobody_knows_is_shown_the_way_to_the_provider(by_provider: str) -> None:
    seen = look(by_provider)
    assert "Sign in with your work account" in seen
    assert INSIDE not in seen
    assert "Sign in as administrator" not in seen


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"email": "Maria@Example.com", "email_verified": True}, INSIDE),
        ({"email": "stranger@example.com", "email_verified": True}, "has no access to Dash"),
        ({"email": "maria@example.com", "email_verified": False}, "has not confirmed the address"),
        ({"email": "maria@example.com"}, "has not confirmed the address"),
        ({"email": "admin", "email_verified": True}, "has no access to Dash"),
        ({}, "did not send an e-mail address"),
    ],
)
def test_whom_the_provider_names(by_provider: str, provider: Provider, claims: dict[str, object], told: str) -> None:
    provider.claims = claims
    with visitor(by_provider) as client:
        provider.sign_in(client, look(by_provider, press="Sign in with your work account"))
        seen = look(by_provider, dict(client.cookies))
    assert told in seen
    assert (INSIDE in seen) is (told == INSIDE)


def test_a_forged_cookie_of_the_provider_names_nobody(by_provider: str) -> None:
    assert INSIDE not in look(by_provider, {"_streamlit_user": '"{\\"email\\": \\"maria@example.com\\"}"'})


def test_who_is_taken_out_of_the_file_is_out() -> None:
    claims = {"email": "Anna@example.com", "email_verified": True}
    known = {"anna@example.com": signin.ADMIN}
    assert signin.known_user(claims, known) == "anna@example.com"
    assert signin.known_user(claims, {}) is None
