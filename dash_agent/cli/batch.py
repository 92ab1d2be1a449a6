"""`dash-agent ask --jsonl`: a file of questions, a line of JSON each."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dash_agent.ask import Dash
from dash_agent.bootstrap import open_dash
from dash_agent.cli.terminal import progress_line
from dash_agent.errors import DashError, Unavailable, WrongUse
from dash_agent.models.principal import Principal
from dash_agent.models.wire import Json, answer_json
from dash_agent.settings import Settings

logger = logging.getLogger(__name__)

HINT = 'write {"id": "q1", "question": "…"} or {"id": "q1", "turns": ["…", "…"]}'


@dataclass(frozen=True, slots=True)
class Batch:
    """How every line is asked."""

    asker: Principal
    now: datetime | None
    engine: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """turns: the questions of one conversation; a single question is a conversation of one."""

    id: Json
    turns: tuple[str, ...]


class BadLine(WrongUse):
    """A line that is not a question. id: the line's own, or line:N."""

    code = "bad_line"

    def __init__(self, identity: Json, message: str) -> None:
        super().__init__(message, HINT)
        self.id = identity


def read_lines(path: Path) -> list[bytes]:
    """The file's lines, undecoded, so that one bad line spoils no other. Raises WrongUse."""
    try:
        content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise WrongUse(f"--jsonl {path}: {error.strerror}", "name a file of JSON lines") from None
    return content.removeprefix(b"\xef\xbb\xbf").split(b"\n")


def run_batch(
    settings: Settings,
    lines: list[bytes],
    asker: Principal,
    *,
    now: datetime | None,
    engine: str,
    language: str | None,
) -> int:
    """Prints one object for each line that is not blank, in order. Returns 0, or 3 where the database went away."""
    batch = Batch(asker, now, engine, language)
    code = 0
    with open_dash(settings, on_progress=progress_line) as running:
        for number, raw in enumerate(lines, 1):
            if not raw.strip():
                continue
            result, failed = _result(running.dash, running.ids.new(), raw, number, batch)
            code = max(code, failed)
            print(json.dumps(result, ensure_ascii=False), flush=True)
    return code


def _result(dash: Dash, session: str, raw: bytes, number: int, batch: Batch) -> tuple[dict[str, Json], int]:
    identity: Json = f"line:{number}"
    try:
        line = parse_line(raw, number)
        identity = line.id
        return {"id": identity, **_converse(dash, session, line, batch)}, 0
    except BadLine as error:
        return _error(error.id, error), 0
    except DashError as error:
        return _error(identity, error), error.exit_code if isinstance(error, Unavailable) else 0
    except Exception:
        logger.exception("line %s", number)
        return _error(identity, DashError("an internal error", "see standard error, and report it")), 0


def _converse(dash: Dash, session: str, line: Line, batch: Batch) -> dict[str, Json]:
    """The answer to the last turn. A single question has no session: nothing follows it up."""
    name = session if len(line.turns) > 1 else None
    answers = [
        dash.ask(turn, batch.asker, session=name, now=batch.now, engine=batch.engine, language=batch.language)
        for turn in line.turns
    ]
    return answer_json(answers[-1])


def parse_line(raw: bytes, number: int) -> Line:
    """Raises BadLine."""
    identity: Json = f"line:{number}"
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadLine(identity, f"line {number} is not JSON ({_reason(error)})") from None
    if not isinstance(data, dict):
        raise BadLine(identity, f"line {number} is not an object")
    if data.get("id") is not None:
        identity = data["id"]
    turns = tuple(_turns(data, identity, number))
    return Line(identity, turns)


def _turns(data: dict[str, object], identity: Json, number: int) -> Iterator[str]:
    given = data.get("turns") if data.get("turns") is not None else [data.get("question")]
    if not isinstance(given, list) or not given or not all(isinstance(turn, str) for turn in given):
        raise BadLine(identity, f"line {number} has no `question` that is text, and no `turns` that are texts")
    yield from (str(turn) for turn in given)


def _reason(error: ValueError | RecursionError) -> str:
    match error:
        case json.JSONDecodeError():
            return f"{error.msg.lower()} at column {error.colno}"
        case UnicodeDecodeError():
            return f"byte {error.start + 1} is not UTF-8"
        case _:
            return "too deep or too long a number"


def _error(identity: Json, error: DashError) -> dict[str, Json]:
    return {
        "id": identity,
        "status": "error",
        "error": {"code": error.code, "message": error.message, "hint": error.hint},
    }
