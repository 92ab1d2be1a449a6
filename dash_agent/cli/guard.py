"""`dash-agent guard`: which statements would be let through. Runs none of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dash_agent.errors import WrongUse

if TYPE_CHECKING:
    from dash_agent.models.wire import Json
    from dash_agent.settings import Settings
    from dash_agent.sql.guard import GuardSchema, Moment

COLUMNS_HINT = 'write {"table": ["column", …], …}'


def guard(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Lines of JSON with `id` and `sql`; else standard input, such lines or one plain statement."
        ),
    ] = None,
    columns: Annotated[
        Path | None,
        typer.Option("--columns", metavar="FILE", help="JSON of table → columns, instead of the content folders."),
    ] = None,
) -> int:
    """Judges SQL statements, a line of JSON each, and runs none of them."""
    from dash_agent.bootstrap import open_clock
    from dash_agent.settings import load_settings
    from dash_agent.sql.guard import Moment

    settings = load_settings()
    schema = _schema(columns, settings)
    moment = Moment(open_clock(settings).now(), settings.timezone)
    content = _content(file)
    if file is None and content.lstrip()[:1] not in (b"{", b""):
        content = json.dumps({"id": "stdin", "sql": content.decode("utf-8", "replace")}).encode()
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            print(json.dumps(_verdict(line, number, schema, moment), ensure_ascii=False))
    return 0


def _schema(columns: Path | None, settings: Settings) -> GuardSchema:
    from dash_agent.context.catalog import load_catalog
    from dash_agent.sql.guard import GuardSchema

    readable = load_catalog(settings.content_dir).readable if columns is None else read_columns(columns)
    return GuardSchema({table: tuple(names) for table, names in readable.items()})


def read_columns(path: Path) -> dict[str, list[str]]:
    """Columns by table. Raises WrongUse."""
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise WrongUse(f"--columns {path}: {error.strerror}", COLUMNS_HINT) from None
    except (ValueError, RecursionError) as error:
        raise WrongUse(f"--columns {path}: not JSON ({error})", COLUMNS_HINT) from None
    if not isinstance(data, dict) or not all(_are_names(names) for names in data.values()):
        raise WrongUse(f"--columns {path}: not an object of table → columns", COLUMNS_HINT)
    return data


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _content(file: Path | None) -> bytes:
    try:
        content = sys.stdin.buffer.read() if file is None else file.read_bytes()
    except OSError as error:
        raise WrongUse(f"{file}: {error.strerror}", "name a file of JSON lines") from None
    return content.removeprefix(b"\xef\xbb\xbf")


def _verdict(line: bytes, number: int, schema: GuardSchema, moment: Moment) -> dict[str, Json]:
    from dash_agent.sql.guard import judge

    identity: Json = f"line:{number}"
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return {"id": identity, "allowed": False, "reason": f"line {number} is not JSON"}
    if not isinstance(data, dict) or not isinstance(data.get("sql"), str):
        return {"id": identity, "allowed": False, "reason": f"line {number} has no `sql` that is text"}
    identity = data["id"] if data.get("id") is not None else identity
    verdict = judge(data["sql"], schema, moment)
    return {"id": identity, "allowed": verdict.allowed, "reason": verdict.reason}
