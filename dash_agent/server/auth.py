"""Who asks over HTTP, by the credential that was sent. Never taken from a body."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

import jwt
from fastapi import Request
from starlette.datastructures import Headers

from dash_agent.errors import WrongUse
from dash_agent.extensions import NotStaff
from dash_agent.models.principal import Principal, Role
from dash_agent.server.failures import Refused
from dash_agent.server.rights import RUN, RUN_DASH, allows, narrowed, scopes_of
from dash_agent.settings import Settings

ADMIN = Principal(user="admin", role=Role.ADMIN)

PUBLIC_KEYS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
SECRETS: Final = ("HS256", "HS384", "HS512")
REASONS: Final[Mapping[type[jwt.PyJWTError], str]] = {
    jwt.ExpiredSignatureError: "this token has expired",
    jwt.InvalidAudienceError: "this token is for another audience",
    jwt.MissingRequiredClaimError: "this token lacks one of the claims aud, email, exp",
}

Principals = Callable[[], Mapping[str, Principal]]


@dataclass(frozen=True, slots=True)
class Identity:
    """scopes: in AgentOS's words, what the role may do and the token has not left out."""

    principal: Principal
    scopes: frozenset[str]


class Credentials:
    """Reads a request's credential: the key of the staff, or a JWT. One instance serves all routes.

    Without either configured the server listens on this machine alone, and whoever names it so is the admin: a page
    on the web that a browser here was lured to sends another Host, or an Origin that is not among `origins`.
    """

    def __init__(
        self,
        principals: Principals,
        *,
        key: str | None = None,
        jwt_key: str | None = None,
        audience: str | None = None,
        origins: Collection[str] = (),
    ) -> None:
        """Raises WrongUse for a JWT key without an audience: tokens for other services would open this one."""
        if jwt_key and not audience:
            raise WrongUse("JWT_VERIFICATION_KEY is set, and JWT_AUDIENCE is not", "set it to what tokens have in aud")
        self._principals = principals
        self._key = key.encode() if key else None
        self._jwt_key = jwt_key.replace("\\n", "\n") if jwt_key else None
        self._audience = audience
        self._origins = frozenset(origins)

    @classmethod
    def of(cls, settings: Settings, principals: Principals) -> Credentials:
        return cls(
            principals,
            key=settings.security_key.get_secret_value() if settings.security_key else None,
            jwt_key=settings.jwt_key.get_secret_value() if settings.jwt_key else None,
            audience=settings.jwt_audience,
            origins=settings.allowed_origins,
        )

    def identity(self, headers: Headers) -> Identity:
        """Raises Refused."""
        if self._key is None and self._jwt_key is None:
            self._check_local(headers)
            return _identity(ADMIN)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _unknown("this is for staff")
        if self._is_key(token.strip()):
            return _identity(ADMIN)
        if self._jwt_key is None:
            raise _unknown("this is for staff")
        return self._of_token(token.strip(), self._jwt_key)

    def _is_key(self, token: str) -> bool:
        return self._key is not None and hmac.compare_digest(token.encode("utf-8", "surrogateescape"), self._key)

    def _of_token(self, token: str, key: str) -> Identity:
        try:
            claims = jwt.decode(
                token,
                key,
                # By the kind of the key, never by what the token says: a public key is no secret to sign with.
                algorithms=PUBLIC_KEYS if key.lstrip().startswith("-----BEGIN") else SECRETS,
                audience=self._audience,
                options={"require": ["exp", "aud", "email"], "verify_iat": False},
            )
        except jwt.PyJWTError as error:
            raise _unknown(REASONS.get(type(error), "this token is not valid")) from None
        principal = self._principals().get(str(claims["email"]).strip().lower())
        if principal is None:
            raise Refused(403, "the access file of this installation does not name you")
        return _identity(principal, claims.get("scopes"))

    def _check_local(self, headers: Headers) -> None:
        origin = headers.get("origin", "")
        if not _is_local(headers.get("host", "")):
            raise Refused(403, "without a staff key only this machine may ask, by the name localhost")
        if origin and origin not in self._origins and not _is_local(origin.partition("://")[2]):
            raise Refused(403, "pages of this origin may not ask; DASH_ORIGINS names those that may")


def _identity(principal: Principal, claimed: object = None) -> Identity:
    return Identity(principal, narrowed(scopes_of(principal.role), claimed))


def _unknown(reason: str) -> Refused:
    return Refused(401, reason, {"WWW-Authenticate": "Bearer"})


class Staff:
    """A dependency of our own routes: the principal of a request that may ask."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def __call__(self, request: Request) -> Principal:
        """Raises Refused."""
        return self._of(request.headers)

    def of_headers(self, headers: Mapping[str, str]) -> Principal:
        """For extensions. Raises NotStaff."""
        try:
            return self._of(Headers(dict(headers)))
        except Refused as refused:
            raise NotStaff(refused.status, refused.message, refused.hint) from None

    def _of(self, headers: Headers) -> Principal:
        identity = self._credentials.identity(headers)
        if not allows(identity.scopes, RUN, RUN_DASH):
            raise Refused(403, "the scopes of this token leave out asking")
        return identity.principal


def staff_of(settings: Settings, principals: Principals) -> Callable[[Mapping[str, str]], Principal]:
    """Who of the staff calls, by the headers of a request, for extensions."""
    return Staff(Credentials.of(settings, principals)).of_headers


def _is_local(host: str) -> bool:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name.lower() == "localhost"
