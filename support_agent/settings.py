"""Settings of the support agent, beside those of `dash_agent`. `python -m support_agent.settings` prints their part of
`.env.example`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dash_agent.errors import WrongUse
from dash_agent.settings import Settings

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)


class SupportSettings(BaseSettings):
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

    shop_key: SecretStr | None = Field(
        default=None,
        validation_alias="SHOP_JWT_KEY",
        description="Support: the secret that the shop signs customers' tokens with (HS256; sub is the customer_id, "
        "exp is required). Without it customers show who they are by a code.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        validation_alias="SMTP_URL",
        description="Support: the server that mail goes out by. Without it every mail is a file in outbox/ of "
        "DASH_DATA_DIR.",
        examples=["smtp://USER:PASSWORD@mail.example.com:587?from=care@example.com"],
    )
    cancel_link_keys: SecretStr | None = Field(
        default=None,
        validation_alias="CANCEL_LINK_KEYS",
        description="Support: keys of cancel links as ID:BASE64 of 32 bytes, separated by commas, the newest first. "
        "Without it one is made and kept in DASH_DATA_DIR.",
    )
    public_url: str = Field(
        default="http://localhost:7777",
        validation_alias="DASH_PUBLIC_URL",
        description="Support: where customers reach this server; cancel links begin with it.",
    )
    preset: str | None = Field(
        default=None,
        validation_alias="DASH_SUPPORT_PRESET",
        description="Support: one of the presets of business/support.json. Without it the one that the file names.",
        examples=["call_centre"],
    )
    threads: int = Field(
        default=16,
        ge=1,
        le=256,
        validation_alias="DASH_SUPPORT_THREADS",
        description="Support: messages of customers that are worked on at a time.",
    )
    messages_a_minute: int = Field(
        default=30,
        ge=1,
        validation_alias="DASH_SUPPORT_MESSAGES_PER_MINUTE",
        description="Support: messages a minute of one customer, or of one dialogue where nobody is identified.",
    )
    calls_a_minute: int = Field(
        default=1200,
        ge=1,
        validation_alias="DASH_SUPPORT_CALLS_PER_MINUTE",
        description="Support: calls a minute of one network address.",
    )
    dialogues_an_hour: int = Field(
        default=300,
        ge=1,
        validation_alias="DASH_SUPPORT_DIALOGUES_PER_HOUR",
        description="Support: dialogues an hour that one network address may begin.",
    )
    longest_message: int = Field(
        default=4000,
        ge=100,
        le=100_000,
        validation_alias="DASH_SUPPORT_LONGEST_MESSAGE",
        description="Support: characters that one message of a customer may have.",
    )

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        found = urlsplit(url)
        if found.scheme not in ("http", "https") or not found.hostname or found.query or found.fragment:
            raise ValueError("not a web address; write https://HOST")
        return url.rstrip("/")


def load_support_settings() -> SupportSettings:
    """Raises WrongUse with one line that names every variable that is wrong."""
    try:
        return SupportSettings()
    except ValidationError as error:
        raise WrongUse("; ".join(_problem(dict(found)) for found in error.errors(include_url=False))) from None


def _problem(found: dict[str, object]) -> str:
    place = found["loc"]
    name = str(place[0]) if isinstance(place, tuple) and place else "settings"
    fields = SupportSettings.model_fields.items()
    variable = next((str(field.validation_alias) for known, field in fields if known == name), name)
    return f"{variable}: {str(found['msg']).removeprefix('Value error, ')}"


def env_example() -> str:
    """Every setting that `dash_agent.settings` has not written, commented out, with its default or an example."""
    written = {field.validation_alias for field in Settings.model_fields.values()}
    blocks = [""]
    for field in SupportSettings.model_fields.values():
        if field.validation_alias in written:
            continue
        shown = field.examples[0] if field.examples else "" if field.default is None else field.default
        kind = "Example" if field.examples else "Default"
        note = f"{field.description} {kind}: {shown}" if str(shown) else field.description
        blocks.append(f"# {note}\n# {field.validation_alias}={shown if kind == 'Default' else ''}\n")
    return "\n".join(blocks)


if __name__ == "__main__":
    print(env_example(), end="")
