"""An OpenID provider on this machine, which signs in whoever comes as whom the test says."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


class Provider:
    """claims: what it says of who signs in next."""

    client_id = "dash"
    client_secret = "a secret of the client"

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.metadata_url = f"{self.url}/.well-known/openid-configuration"
        self.claims: dict[str, object] = {}
        self._key = rsa.generate_private_key(65537, 2048)
        self._nonces: dict[str, str] = {}

    def sign_in(self, client: httpx.Client, pressed: str) -> None:
        """The way of a browser there and back. pressed: what came when the button was pressed."""
        found = re.search(r'auth_redirect \{\s*url: "([^"]+)"', pressed)
        assert found is not None, pressed
        step = client.get(found[1])
        while step.is_redirect:
            there = step.headers["location"]
            step = (httpx if there.startswith(self.url) else client).get(there)

    def answer(self, path: str, sent: dict[str, str]) -> tuple[int, dict[str, Any] | str]:
        """A body, or where to go."""
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        if path == "/keys":
            public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
            return 200, {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}
        if path == "/authorize":
            self._nonces["code"] = sent.get("nonce", "")
            return 302, f"{sent['redirect_uri']}?{urlencode({'code': 'code', 'state': sent['state']})}"
        if path == "/token":
            return 200, {"access_token": "token", "token_type": "Bearer", "id_token": self._token()}
        return 404, {}

    def _token(self) -> str:
        now = int(time.time())
        own = {"iss": self.url, "aud": self.client_id, "sub": "somebody", "iat": now, "exp": now + 300}
        claims = {**own, "nonce": self._nonces["code"], **self.claims}
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "one"})


@contextmanager
def provider_at() -> Iterator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["content-length"])).decode())

        def _answer(self, sent: str) -> None:
            fields = {name: values[0] for name, values in parse_qs(sent).items()}
            status, told = provider.answer(urlsplit(self.path).path, fields)
            self.send_response(status)
            if isinstance(told, str):
                self.send_header("Location", told)
            body = b"" if isinstance(told, str) else json.dumps(told).encode()
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
