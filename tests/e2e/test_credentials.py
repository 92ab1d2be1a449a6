"""Who gets in, over real HTTP: keys, tokens, scopes, roles, other people's things, pages of other origins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from dash_agent.bootstrap import Running
from dash_agent.errors import WrongUse
from dash_agent.server import create_app
from dash_agent.server.rights import EVERYTHING
from tests.e2e.serving import AUDIENCE, JWT_KEY, KEY, bearer, error, run, served, settings, token

QUESTION = "How many tickets were there in October 2026?"
BY_CHANNEL = "How many tickets were there in October 2026 by channel?"
MARIA, OLGA, ANTON, NINA, VERA = (f"{name}@example.com" for name in ("maria", "olga", "anton", "nina", "vera"))
GUARDED = settings(security_key=SecretStr(KEY), jwt_key=SecretStr(JWT_KEY), jwt_audience=AUDIENCE)
FORM = {"message": QUESTION, "stream": "false"}
PAGE = "https://os.agno.com"


@pytest.fixture(scope="module")
def client(staffed_by_scope: Running) -> Iterator[httpx.Client]:
    with served(staffed_by_scope, GUARDED, agents=True) as it:
        yield it


def as_user(client: httpx.Client, email: str, **more: object) -> httpx.Client:
    """The same server, with a token on every request."""
    return httpx.Client(base_url=client.base_url, timeout=60, headers=bearer(token(email, **more)))  # type: ignore[arg-type]


WRONG = {
    "nothing": {},
    "wrong key": bearer("wrong"),
    "basic": {"Authorization": f"Basic {KEY}"},
    "other key's token": bearer(token(MARIA, key="another secret that is long enough for it")),
    "wrong audience": bearer(token(MARIA, audience="another service")),
    "expired": bearer(token(MARIA, minutes=-1)),
    "no e-mail": bearer(token(None)),
    "unsigned": bearer(jwt.encode({"email": NINA, "aud": AUDIENCE, "exp": 4102444800}, None, algorithm="none")),
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG)
def test_who_is_unknown_gets_in_nowhere(headers: dict[str, str], client: httpx.Client) -> None:
    refused = [
        client.post("/api/v1/ask", json={"question": QUESTION}, headers=headers),
        client.post("/agents/dash/runs", data=FORM, headers=headers),
        *(
            client.get(path, headers=headers)
            for path in ("/agents", "/sessions", "/traces", "/config", "/nothing", "/")
        ),
        client.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=headers),
    ]
    for response in refused:
        assert error(response, 401) == "unauthorized", response.url
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_an_e_mail_that_the_access_file_does_not_name(client: httpx.Client) -> None:
    headers = bearer(token("stranger@example.com", scopes=[EVERYTHING]))
    assert error(client.post("/api/v1/ask", json={"question": QUESTION}, headers=headers), 403) == "forbidden"
    assert error(client.post("/agents/dash/runs", data=FORM, headers=headers), 403) == "forbidden"


def test_the_key_and_a_token_both_open(client: httpx.Client) -> None:
    assert client.get("/info").json()["auth_mode"] == "jwt"
    with httpx.Client(base_url=client.base_url, timeout=60, headers=bearer(KEY)) as admin:
        assert run(admin, QUESTION)["user_id"] == "admin"
    with as_user(client, "  Maria@Example.COM ") as maria:
        assert run(maria, QUESTION)["user_id"] == MARIA


def test_the_principal_is_never_of_the_body(client: httpx.Client) -> None:
    """A viewer who sees two channels says to be somebody who sees all."""
    with as_user(client, VERA) as vera:
        asked = vera.post("/api/v1/ask", json={"question": BY_CHANNEL, "user_id": NINA, "role": "admin"}).json()
        assert {row[0] for row in asked["rows"]} == {"whatsapp", "telegram"}
        made = run(vera, BY_CHANNEL, user_id=NINA)
        assert made["user_id"] == VERA
        assert sum(line.startswith("| ") for line in made["content"].splitlines()) == 4
    with httpx.Client(base_url=client.base_url, timeout=60, headers=bearer(KEY)) as admin:
        assert run(admin, QUESTION, user_id=VERA)["user_id"] == "admin"


@pytest.mark.parametrize(("email", "sees"), [(VERA, False), (MARIA, False), (ANTON, True), (NINA, True)])
def test_sql_is_for_analysts_and_admins(email: str, sees: bool, client: httpx.Client) -> None:
    with as_user(client, email) as user:
        answer = user.post("/api/v1/ask", json={"question": QUESTION}).json()
        assert (answer["sql"] is not None) is sees
        assert user.get(f"/api/v1/answers/{answer['answer_id']}").json() == answer
        assert ("```sql" in run(user, QUESTION)["content"]) is sees
        assert user.get("/traces").status_code == (200 if sees else 403)


def test_one_cannot_read_what_is_anothers(client: httpx.Client) -> None:
    with as_user(client, ANTON) as anton, as_user(client, MARIA) as maria:
        theirs = run(anton, QUESTION, "antons session")
        answer = anton.post("/api/v1/ask", json={"question": QUESTION}).json()
        assert maria.get(f"/api/v1/answers/{answer['answer_id']}").status_code == 404
        assert "antons session" not in maria.get("/sessions", params={"type": "agent"}).text
        for path in ("/sessions/antons session", "/sessions/antons session/runs"):
            assert anton.get(path, params={"type": "agent"}).status_code == 200
            assert error(maria.get(path, params={"type": "agent", "user_id": ANTON}), 404) == "not_found"
        entered = maria.post("/agents/dash/runs", data={**FORM, "session_id": "antons session"})
        assert entered.status_code in (403, 404)
        maria.delete("/sessions/antons session", params={"type": "agent"})
        assert anton.get("/sessions/antons session", params={"type": "agent"}).status_code == 200
    with as_user(client, NINA, scopes=["traces:read"]) as narrowed:
        assert theirs["run_id"] not in narrowed.get("/traces").text


def test_sessions_of_one_name_are_two_conversations(client: httpx.Client) -> None:
    with as_user(client, MARIA) as maria, as_user(client, ANTON) as anton:
        maria.post("/api/v1/ask", json={"question": QUESTION, "session_id": "shared name"})
        found = anton.post("/api/v1/ask", json={"question": "and by channel?", "session_id": "shared name"}).json()
        assert not found["rows"] or found["plan"]["period"]["label"] != "October 2026"


NARROWED: list[tuple[Any, int]] = [
    (None, 200),
    ([EVERYTHING], 200),
    (["agents:run"], 200),
    (["agents:dash:run"], 200),
    (["agents:*:run"], 200),
    ("agents:read agents:run", 200),
    ([], 403),
    (["agents:other:run"], 403),
    (["sessions:read"], 403),
    ({"agents:run": True}, 403),
]


@pytest.mark.parametrize(("scopes", "status"), NARROWED)
def test_scopes_of_a_token_narrow(scopes: Any, status: int, client: httpx.Client) -> None:
    more = {} if scopes is None else {"scopes": scopes}
    with as_user(client, MARIA, **more) as maria:
        assert maria.post("/api/v1/ask", json={"question": QUESTION}).status_code == status
        assert maria.post("/agents/dash/runs", data=FORM).status_code == status
        listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        sent = maria.post("/mcp", json=listing, headers={"Accept": "application/json, text/event-stream"})
        assert (sent.status_code == 403) is (status == 403)


def test_scopes_never_add_to_a_role(client: httpx.Client) -> None:
    with as_user(client, MARIA, scopes=[EVERYTHING, "service_accounts:write", "schedules:write"]) as maria:
        made = {"name": "x", "cron_expr": "* * * * *", "endpoint": "/agents/dash/runs", "payload": {"message": "x"}}
        for path in ("/service-accounts", "/schedules", "/components"):
            assert error(maria.post(path, json=made), 403) == "forbidden"
        assert maria.get("/sessions", params={"user_id": ANTON}).json()["data"] == [
            session for session in maria.get("/sessions").json()["data"] if session["user_id"] == MARIA
        ]


def test_a_token_by_a_public_key(staffed_by_scope: Running) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pem = public.decode().strip().replace("\n", "\\n")
    claims = {"email": MARIA, "aud": ["other", AUDIENCE], "exp": 4102444800}
    with served(staffed_by_scope, settings(jwt_key=SecretStr(pem), jwt_audience=AUDIENCE)) as client:
        good = jwt.encode(claims, private, algorithm="RS256")
        assert client.post("/api/v1/ask", json={"question": QUESTION}, headers=bearer(good)).status_code == 200
        # Signed with the public key as if it were a secret.
        forged = _hs256(claims, public)
        assert error(client.post("/api/v1/ask", json={"question": QUESTION}, headers=bearer(forged)), 401)


def _hs256(claims: dict[str, Any], key: bytes) -> str:
    """PyJWT itself refuses to sign with a public key."""
    import base64
    import hashlib
    import hmac
    import json

    def part(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    signed = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (signed + b"." + part(hmac.digest(key, signed, hashlib.sha256))).decode()


def test_a_key_for_tokens_needs_an_audience(staffed_by_scope: Running) -> None:
    with pytest.raises(WrongUse, match="JWT_AUDIENCE"):
        create_app(staffed_by_scope, settings(jwt_key=SecretStr(JWT_KEY)))


# Pages of other origins


def preflight(client: httpx.Client, origin: str, path: str = "/agents/dash/runs") -> httpx.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
        "Access-Control-Request-Private-Network": "true",
    }
    return client.options(path, headers=asked)


@pytest.mark.parametrize("path", ["/agents/dash/runs", "/api/v1/ask", "/config"])
def test_the_control_plane_may_call_a_server_on_this_machine(path: str, client: httpx.Client) -> None:
    answer = preflight(client, PAGE, path)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-private-network"] == "true"
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:3000", "https://app.agno.com", "null"])
def test_other_origins_may_not(origin: str, client: httpx.Client) -> None:
    refused = preflight(client, origin)
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers
    answer = client.get("/agents", headers={"Origin": origin, **bearer(KEY)})
    assert "access-control-allow-origin" not in answer.headers


def test_errors_are_readable_for_the_control_plane(client: httpx.Client) -> None:
    for answer in (
        client.get("/agents", headers={"Origin": PAGE}),
        client.get("/nothing", headers={"Origin": PAGE, **bearer(KEY)}),
        client.get("/agents", headers={"Origin": PAGE, **bearer(KEY)}),
    ):
        assert answer.headers.get_list("access-control-allow-origin") == [PAGE]


def test_without_credentials_only_this_machine_and_the_named_origins(staffed_by_scope: Running) -> None:
    with served(staffed_by_scope, agents=True) as client:
        assert client.get("/agents").status_code == 200
        assert client.get("/agents", headers={"Origin": PAGE}).status_code == 200
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Host": "evil.example:7777"}):
            assert error(client.get("/agents", headers=headers), 403) == "forbidden"
            assert error(client.post("/agents/dash/runs", data=FORM, headers=headers), 403) == "forbidden"
            assert error(client.post("/mcp", json={}, headers=headers), 403) == "forbidden"
    with served(staffed_by_scope, settings(origins="")) as closed:
        refused = closed.post("/api/v1/ask", json={"question": QUESTION}, headers={"Origin": PAGE})
        assert error(refused, 403) == "forbidden"
