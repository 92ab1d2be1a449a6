"""Settings, from environment variables or the file `.env`. `python -m dash_agent.settings` prints `.env.example`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dash_agent.errors import WrongUse

MOMENT_EXAMPLE: Final = "2026-11-20T12:00:00+00:00"
POSTGRES_SCHEMES: Final = ("postgresql", "postgres")
YEARS: Final = range(1970, 2200)
PROVIDERS: Final = ("openai", "anthropic")
DEFAULT_CHAT: Final = "managers"
CHAT_ID: Final = re.compile(r"-?\d{1,20}|@\w{4,64}")
WEBHOOK_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
DEFAULT_MODELS: Final = "openai:gpt-5.4-mini,anthropic:claude-sonnet-5-5"


class Settings(BaseSettings):
    """What an installation may set. An empty value is the same as none."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="PostgreSQL server for our own state, as the app role. Without it an embedded one is started.",
        examples=["postgresql://dash_app:PASSWORD@db.internal:5432/dash"],
    )
    owner_url: SecretStr | None = Field(
        default=None,
        validation_alias="DASH_OWNER_URL",
        description="The same database as its owner. Only migrations and grants use it; without it none are made.",
        examples=["postgresql://dash_owner:PASSWORD@db.internal:5432/dash"],
    )
    warehouse_url: SecretStr | None = Field(
        default=None,
        validation_alias="DASH_WAREHOUSE_URL",
        description="Database that questions are about, as a role that can only read. Never migrated. "
        "Without it questions are about our own database.",
        examples=["postgresql://reader:PASSWORD@warehouse.internal:5432/support"],
    )
    timezone: str = Field(
        default="Asia/Jerusalem",
        validation_alias="DASH_TIMEZONE",
        description="Business time zone: where days, weeks and months begin.",
    )
    now: datetime | None = Field(
        default=None,
        validation_alias="DASH_NOW",
        description="Freezes now, for demonstrations and tests. Without an offset it is in the business time zone.",
        examples=[MOMENT_EXAMPLE],
    )
    content_dir: Path = Field(
        default=Path(),
        validation_alias="DASH_CONTENT_DIR",
        description="Folder that holds tables/, queries/, business/ and knowledge/.",
    )
    data_dir: Path = Field(
        default=Path(".dash"),
        validation_alias="DASH_DATA_DIR",
        description="Folder for everything that is kept on disk: the embedded database, passwords, demo records.",
    )
    security_key: SecretStr | None = Field(
        default=None,
        validation_alias="OS_SECURITY_KEY",
        description="Staff send it as `Authorization: Bearer`. Without it the server binds to localhost only.",
    )
    jwt_key: SecretStr | None = Field(
        default=None,
        validation_alias="JWT_VERIFICATION_KEY",
        description="Staff may send a JWT: a public key in PEM (line breaks may be written \\n) or a shared secret "
        "(HS256). Its claim `email` is looked up in business/access.json.",
    )
    jwt_audience: str | None = Field(
        default=None,
        validation_alias="JWT_AUDIENCE",
        description="What the claim `aud` of a JWT must hold. Needed where JWT_VERIFICATION_KEY is set.",
        examples=["dash"],
    )
    admin_password: SecretStr | None = Field(
        default=None,
        validation_alias="DASH_ADMIN_PASSWORD",
        description="Lets the administrator into the dashboard. Without it and without OIDC_* the dashboard binds to "
        "localhost only.",
    )
    oidc_client_id: str | None = Field(
        default=None,
        validation_alias="OIDC_CLIENT_ID",
        description="Signs people in to the dashboard at an OpenID provider; their e-mail is looked up in "
        "business/access.json. Needed with it: OIDC_CLIENT_SECRET, OIDC_METADATA_URL and OIDC_REDIRECT_URI.",
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, validation_alias="OIDC_CLIENT_SECRET", description="The provider's secret for this client."
    )
    oidc_metadata_url: str | None = Field(
        default=None,
        validation_alias="OIDC_METADATA_URL",
        description="Where the provider tells of itself.",
        examples=["https://accounts.google.com/.well-known/openid-configuration"],
    )
    oidc_redirect_uri: str | None = Field(
        default=None,
        validation_alias="OIDC_REDIRECT_URI",
        description="Where the provider sends people back to: the dashboard's address and /oauth2callback.",
        examples=["https://dash.example.com/oauth2callback"],
    )
    origins: str = Field(
        default="https://os.agno.com",
        validation_alias="DASH_ORIGINS",
        description="Web origins whose pages may call the server from a browser, separated by commas.",
    )
    langfuse_host: str = Field(
        default="https://cloud.langfuse.com",
        validation_alias="LANGFUSE_HOST",
        description="Where traces go, too, when both keys of Langfuse are set.",
    )
    langfuse_public_key: str | None = Field(
        default=None, validation_alias="LANGFUSE_PUBLIC_KEY", description="Sends traces to Langfuse."
    )
    langfuse_secret_key: SecretStr | None = Field(
        default=None, validation_alias="LANGFUSE_SECRET_KEY", description="Sends traces to Langfuse."
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="OPENAI_API_KEY",
        description="Lets a model plan what the parser can't, at OpenAI or at the server of OPENAI_BASE_URL.",
    )
    openai_base_url: str | None = Field(
        default=None,
        validation_alias="OPENAI_BASE_URL",
        description="Server that speaks OpenAI's protocol. Many of them need no key.",
        examples=["http://localhost:8000/v1"],
    )
    anthropic_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="ANTHROPIC_API_KEY",
        description="Lets a model of Anthropic plan what the parser can't.",
    )
    model: str | None = Field(
        default=None,
        validation_alias="DASH_MODEL",
        description="Models as PROVIDER:ID, asked in this order until one answers; providers are openai and anthropic. "
        "Without it one of each provider that has a key.",
        examples=["openai:gpt-5.4-mini,anthropic:claude-sonnet-5-5"],
    )
    model_timeout: float = Field(
        default=30.0,
        gt=0,
        le=600,
        validation_alias="DASH_MODEL_TIMEOUT",
        description="Seconds that one call of a model may take before the next model is asked.",
    )
    double_check: bool = Field(
        default=True,
        validation_alias="DASH_DOUBLE_CHECK",
        description="Where a model is configured, it plans what the parser has planned, too, and results are compared.",
    )
    statement_timeout: float = Field(
        default=15.0,
        gt=0,
        le=3600,
        validation_alias="DASH_STATEMENT_TIMEOUT",
        description="Seconds that one analytical statement may take.",
    )
    row_cap: int = Field(
        default=1000,
        gt=0,
        le=100_000,
        validation_alias="DASH_ROW_CAP",
        description="Rows that one answer holds at most; what is cut off is said.",
    )
    answer_cache: bool = Field(
        default=True,
        validation_alias="DASH_ANSWER_CACHE",
        description="Shows a kept answer again where nothing that it rests on has changed, and says so.",
    )
    budget: Decimal | None = Field(
        default=None,
        ge=0,
        validation_alias="DASH_BUDGET_USD",
        description="USD that models may cost a user a day, in the business time zone; then questions are planned "
        "without one. `dash-agent budget` sets another for single users. Without it there is no limit.",
        examples=["0.50"],
    )
    worker_slots: int = Field(
        default=2,
        ge=1,
        le=64,
        validation_alias="DASH_WORKER_SLOTS",
        description="Jobs that one worker runs at a time.",
    )
    keep_answers_days: int = Field(
        default=400,
        ge=1,
        validation_alias="DASH_KEEP_ANSWERS_DAYS",
        description="Days after which receipts are removed, and content versions that no receipt names. "
        "Answers that somebody gave feedback on stay.",
    )
    keep_turns_days: int = Field(
        default=30,
        ge=1,
        validation_alias="DASH_KEEP_TURNS_DAYS",
        description="Days after which the turns of a conversation are removed, and follow-ups to it not understood.",
    )
    keep_jobs_days: int = Field(
        default=14,
        ge=1,
        validation_alias="DASH_KEEP_JOBS_DAYS",
        description="Days for which jobs that are done, and what they sent, stay listed. Dead letters stay until they "
        "are retried.",
    )
    keep_digests_days: int = Field(
        default=365,
        ge=1,
        validation_alias="DASH_KEEP_DIGESTS_DAYS",
        description="Days after which it is forgotten what became of a digest, and its folder in digests/ is removed. "
        "What it said is forgotten after 90.",
    )
    browser: Path | None = Field(
        default=None,
        validation_alias="DASH_BROWSER",
        description="Chromium or Chrome that draws charts as pictures. Without it one that stands on PATH is taken.",
        examples=["/usr/bin/chromium"],
    )

    telegram_token: SecretStr | None = Field(
        default=None,
        validation_alias="TELEGRAM_BOT_TOKEN",
        description="The bot that digests and alerts go out by. Without it nothing is sent to Telegram.",
    )
    telegram_base: str = Field(
        default="https://api.telegram.org",
        validation_alias="TELEGRAM_API_BASE",
        description="The server of Telegram's Bot API, or one of your own that stands in for it.",
    )
    telegram_chats: str | None = Field(
        default=None,
        validation_alias="TELEGRAM_CHAT_IDS",
        description="Chats by the names that business/digests/*.json call them, as NAME=ID, separated by commas. "
        "One without a name is `managers`.",
        examples=["managers=-1001234567890,managers_ru=-1009876543210"],
    )
    webhook_url: str | None = Field(
        default=None,
        validation_alias="TELEGRAM_WEBHOOK_URL",
        description="Where Telegram sends what people press: our server's address from outside and /api/v1/telegram. "
        "Without it the worker asks for it.",
        examples=["https://dash.example.com/api/v1/telegram"],
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        validation_alias="TELEGRAM_WEBHOOK_SECRET",
        description="What Telegram shows with it, so that nobody else can press. Needed where TELEGRAM_WEBHOOK_URL is "
        "set: 1 to 256 of A-Z, a-z, 0-9, _ and -.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        validation_alias="SMTP_URL",
        description="The server that mail goes out by. Without it every mail is a file in outbox/ of DASH_DATA_DIR.",
        examples=["smtp://USER:PASSWORD@mail.example.com:587?from=dash@example.com"],
    )
    dashboard_url: str = Field(
        default="http://localhost:8501",
        validation_alias="DASH_DASHBOARD_URL",
        description="Where people reach the dashboard; links in digests begin with it.",
    )

    @property
    def chats(self) -> Mapping[str, str]:
        """Ids of chats by name."""
        entries = (entry.strip() for entry in (self.telegram_chats or "").split(","))
        named = (entry.rpartition("=") for entry in entries if entry)
        return {name.strip() or DEFAULT_CHAT: chat.strip() for name, _, chat in named}

    @property
    def webhook(self) -> tuple[str, str] | None:
        """Address and secret. Raises WrongUse where there is one of them alone."""
        if (self.webhook_url is None) is not (self.webhook_secret is None):
            raise WrongUse("a webhook of Telegram lacks a part", "set TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET")
        return (
            (self.webhook_url, self.webhook_secret.get_secret_value())
            if self.webhook_url is not None and self.webhook_secret is not None
            else None
        )

    @field_validator("webhook_secret")
    @classmethod
    def _sendable_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not WEBHOOK_SECRET.fullmatch(secret.get_secret_value()):
            raise ValueError("write 1 to 256 characters of A-Z, a-z, 0-9, _ and -")
        return secret

    @field_validator("telegram_chats")
    @classmethod
    def _known_chats(cls, text: str | None) -> str | None:
        seen = set[str]()
        for entry in filter(None, (part.strip() for part in (text or "").split(","))):
            name, _, chat = entry.rpartition("=")
            name = name.strip() or DEFAULT_CHAT
            if not CHAT_ID.fullmatch(chat.strip()):
                raise ValueError(f"'{entry}' is not NAME=ID with an id such as -1001234567890 or @channel")
            if name in seen:
                raise ValueError(f"two chats are called '{name}'; write NAME=ID")
            seen.add(name)
        return text

    @field_validator("telegram_base", "dashboard_url")
    @classmethod
    def _base_address(cls, url: str) -> str:
        found = urlsplit(url)
        if found.scheme not in ("http", "https") or not found.hostname or found.query or found.fragment:
            raise ValueError("not a web address; write https://HOST")
        return url.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        zones = available_timezones()
        if name not in zones:
            raise ValueError(f"'{name}' is not a time zone{_nearest(name, zones)}")
        return name

    @property
    def models(self) -> tuple[tuple[str, str], ...]:
        """(provider, id) in the order of asking; a model whose provider has neither key nor server is left out."""
        reachable = {
            "openai": self.openai_api_key is not None or self.openai_base_url is not None,
            "anthropic": self.anthropic_api_key is not None,
        }
        named = [entry.strip().partition(":") for entry in (self.model or DEFAULT_MODELS).split(",")]
        return tuple((provider, name.strip()) for provider, _, name in named if reachable[provider])

    @field_validator("now", mode="before")
    @classmethod
    def _moment(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        try:
            return parse_moment(value, info.data.get("timezone", "UTC"))
        except WrongUse as error:
            raise ValueError(str(error)) from None

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        return tuple(origin.strip().rstrip("/") for origin in self.origins.split(",") if origin.strip())

    @property
    def has_credentials(self) -> bool:
        """Whether staff can show who they are. Without, the server listens on this machine alone."""
        return self.security_key is not None or self.jwt_key is not None

    @property
    def has_oidc(self) -> bool:
        """Whether people sign in to the dashboard at a provider. Raises WrongUse where only part of it is set."""
        needed = {
            "OIDC_CLIENT_ID": self.oidc_client_id,
            "OIDC_CLIENT_SECRET": self.oidc_client_secret,
            "OIDC_METADATA_URL": self.oidc_metadata_url,
            "OIDC_REDIRECT_URI": self.oidc_redirect_uri,
        }
        missing = [name for name, value in needed.items() if value is None]
        if missing and len(missing) < len(needed):
            raise WrongUse(f"sign-in at a provider lacks {', '.join(missing)}", "set all of OIDC_*, or none")
        return not missing

    @property
    def has_sign_in(self) -> bool:
        """Whether people can show the dashboard who they are. Raises WrongUse as `has_oidc` does."""
        return self.has_oidc or self.admin_password is not None

    @field_validator("origins")
    @classmethod
    def _origins(cls, text: str) -> str:
        for origin in filter(None, (part.strip() for part in text.split(","))):
            found = urlsplit(origin)
            if found.scheme not in ("http", "https") or not found.hostname or found.path.strip("/"):
                raise ValueError(f"'{origin}' is not an origin; write https://HOST, with a port where there is one")
        return text

    @field_validator("oidc_metadata_url", "oidc_redirect_uri", "webhook_url")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url is not None and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            raise ValueError("not a web address; write https://HOST/PATH")
        return url

    @field_validator("oidc_redirect_uri")
    @classmethod
    def _callback(cls, url: str | None) -> str | None:
        if url is not None and not urlsplit(url).path.endswith("/oauth2callback"):
            raise ValueError("it must end in /oauth2callback")
        return url

    @field_validator("openai_base_url")
    @classmethod
    def _http_url(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError("not an HTTP address; write http://HOST:PORT/v1")
        return url

    @field_validator("model")
    @classmethod
    def _known_models(cls, text: str | None) -> str | None:
        for entry in text.split(",") if text else ():
            provider, _, name = entry.strip().partition(":")
            if provider not in PROVIDERS or not name.strip():
                raise ValueError(f"'{entry.strip()}' is not PROVIDER:ID with a provider of {', '.join(PROVIDERS)}")
        return text

    @field_validator("database_url", "owner_url", "warehouse_url")
    @classmethod
    def _postgres_url(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        try:
            scheme = urlsplit(url.get_secret_value()).scheme
        except ValueError:
            scheme = ""
        if scheme not in POSTGRES_SCHEMES:
            raise ValueError("not a PostgreSQL URL; write postgresql://USER:PASSWORD@HOST:5432/DATABASE")
        return url


def load_settings() -> Settings:
    """The settings of this process. Raises WrongUse with one line that names every variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise WrongUse("; ".join(_problem(dict(found)) for found in error.errors(include_url=False))) from None
    except UnicodeDecodeError as error:
        raise WrongUse(".env: not UTF-8 text", "save the file as UTF-8") from error


def _problem(found: dict[str, object]) -> str:
    place = found["loc"]
    name = str(place[0]) if isinstance(place, tuple) and place else "settings"
    variable = next((str(f.validation_alias) for n, f in Settings.model_fields.items() if n == name), name)
    return f"{variable}: {str(found['msg']).removeprefix('Value error, ')}"


def parse_moment(text: str, timezone: str) -> datetime:
    """A date and time in ISO 8601, aware; read in `timezone` where it has no offset. Raises WrongUse."""
    hint = f"write it like {MOMENT_EXAMPLE}"
    shown = ascii(text[:60])
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise WrongUse(f"{shown} is not an ISO date and time", hint) from None
    if ":" not in text:
        raise WrongUse(f"{shown} has no time of day", hint)
    if moment.year not in YEARS:
        raise WrongUse(f"{shown} is not between {YEARS.start} and {YEARS.stop - 1}", hint)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))


def _nearest(name: str, known: set[str]) -> str:
    """The nearest of `known`, by the city first, so that 'Jerusalem' finds 'Asia/Jerusalem'."""
    by_city = {zone.rsplit("/", 1)[-1].lower(): zone for zone in sorted(known, reverse=True)}
    city = name.rsplit("/", 1)[-1].lower().replace(" ", "_")
    whole = difflib.get_close_matches(name, known, n=2, cutoff=0.7)
    found = whole or [by_city[c] for c in difflib.get_close_matches(city, by_city, n=2, cutoff=0.7)]
    return f"; did you mean {' or '.join(repr(zone) for zone in found)}?" if found else ""


def env_example() -> str:
    """The text of `.env.example`: every setting, commented out, with its default or an example."""
    blocks = ["# Copy to .env and set what you need. Every setting has a working default.\n"]
    for field in Settings.model_fields.values():
        shown = field.examples[0] if field.examples else "" if field.default is None else field.default
        kind = "Example" if field.examples else "Default"
        note = f"{field.description} {kind}: {shown}" if str(shown) else field.description
        blocks.append(f"# {note}\n# {field.validation_alias}={shown if kind == 'Default' else ''}\n")
    return "\n".join(blocks)


if __name__ == "__main__":
    print(env_example(), end="")
