"""Reading one content file: JSON with its place, a pydantic model, problems that name the nearest right word."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from dash_agent.errors import Problem

LocalText = dict[str, str]
LocalWords = dict[str, list[str]]


class FileModel(BaseModel):
    """Base of every file's shape: unknown keys are problems, values are never coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Shape = TypeVar("Shape", bound=FileModel)


def nearest(name: str, known: Sequence[str]) -> str:
    """'; did you mean 'x'?' for the closest known name, '' where nothing is close."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def read_json(path: Path, file: str, shape: type[Shape]) -> Shape | list[Problem]:
    """The parsed file, or every problem that it has. file: the name that problems carry."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        return [Problem(file, f"byte {error.start}", "the file is not UTF-8 text")]
    except OSError as error:
        return [Problem(file, "", f"can't be read: {error.strerror}")]
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        return [Problem(file, f"line {error.lineno}, column {error.colno}", f"not valid JSON: {error.msg}")]
    return parse(data, file, shape)


def parse(data: object, file: str, shape: type[Shape]) -> Shape | list[Problem]:
    """`data` (as JSON or YAML gave it) in its shape, or every problem that it has."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        return [_problem(file, detail, shape) for detail in error.errors(include_url=False)]


def _problem(file: str, detail: ErrorDetails, shape: type[FileModel]) -> Problem:
    place = _path(detail["loc"])
    key = str(detail["loc"][-1]) if detail["loc"] else ""
    match detail["type"]:
        case "extra_forbidden":
            return Problem(file, place, f"unknown key '{key}'{nearest(key, sorted(_keys(shape)))}")
        case "missing":
            return Problem(file, place, f"the key '{key}' is missing")
        case "literal_error" | "enum":
            expected = detail.get("ctx", {}).get("expected", "")
            choices = [word.strip(" '") for part in expected.split(",") for word in part.split(" or ")]
            value = str(detail["input"])
            return Problem(file, place, f"'{value}' is not one of {expected}{nearest(value, choices)}")
        case _:
            return Problem(file, place, detail["msg"][:1].lower() + detail["msg"][1:])


def _path(loc: Sequence[str | int]) -> str:
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _keys(shape: type[BaseModel]) -> Iterator[str]:
    """Every key that a shape or one nested in it knows: a misspelt key is often right one level off."""
    for name, field in shape.model_fields.items():
        yield field.alias or name
        for nested in _models_in(field.annotation):
            yield from _keys(nested)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)
