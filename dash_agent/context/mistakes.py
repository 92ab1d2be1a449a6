"""What is wrong with a file's data, in words for the person who wrote it: pydantic's findings without its terms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from dash_agent.errors import Problem


def nearest(name: str, known: Sequence[str]) -> str:
    """'; did you mean 'x'?' for the closest known name, '' where nothing is close."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def described(file: str, detail: ErrorDetails, shape: type[BaseModel], data: object, called: str) -> Problem:
    """called: what the data is, such as 'file' or 'header'."""
    loc = _without_kinds(detail["loc"], data)
    place = path(loc)
    key = str(loc[-1]) if loc else ""
    match detail["type"]:
        case "extra_forbidden":
            return Problem(file, place, _unknown(key, shape, detail["loc"]), rule="unknown-key")
        case "missing":
            return Problem(file, place, f"the key '{key}' is missing", rule="missing-key")
        case "union_tag_not_found":
            return Problem(file, place, "the key 'kind' is missing", rule="missing-key")
        case _:
            said = _wrong(detail) if loc else f"the {called} holds keys with values, and this is {_kind(detail)}"
            return Problem(file, place, said, rule="wrong-value")


def path(loc: Sequence[str | int]) -> str:
    found = ""
    for part in loc:
        found += f"[{part}]" if isinstance(part, int) else f".{part}" if found else str(part)
    return found


def _without_kinds(loc: Sequence[str | int], data: object) -> list[str | int]:
    """The way to a value as the file has it: pydantic puts the chosen kind of a union into it."""
    found: list[str | int] = []
    here = data
    for at, part in enumerate(loc):
        last = at == len(loc) - 1
        if isinstance(here, dict) and part not in here and not last:
            continue
        if part == "[key]":
            continue
        found.append(part)
        if isinstance(here, dict):
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
    return found


def _unknown(key: str, shape: type[BaseModel], loc: Sequence[str | int]) -> str:
    """A misspelt key is mostly one of its own object, or one that is right a level off."""
    here = _shape_at(shape, loc[:-1])
    own = [name for name in _own_keys(here) if name != "$schema"]
    if key in _keys(shape):
        kind = _kind_of(here)
        where = f"does not go with kind '{kind}'" if kind else "does not belong here"
        return f"the key '{key}' {where}; these do: {listed(own)}"
    close = get_close_matches(key, own, n=1, cutoff=0.6)
    if close:
        return f"unknown key '{key}'; did you mean '{close[0]}'?"
    return f"unknown key '{key}'{nearest(key, sorted(_keys(shape)))}"


def listed(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _shape_at(shape: type[BaseModel], loc: Sequence[str | int]) -> type[BaseModel]:
    here: object = shape
    for part in loc:
        choices = list(_models(here))
        tagged = [model for model in choices if _kind_of(model) == part]
        if tagged:
            here = tagged[0]
        elif isinstance(here, type) and issubclass(here, BaseModel):
            here = _field(here, str(part))
        # A position, or a key of a mapping: the models are those that the annotation holds.
    return next(_models(here), shape)


def _kind_of(model: type[BaseModel]) -> object:
    field = model.model_fields.get("kind")
    values = get_args(field.annotation) if field is not None else ()
    return values[0] if len(values) == 1 else None


def _field(model: type[BaseModel], key: str) -> object:
    return next((f.annotation for name, f in model.model_fields.items() if (f.alias or name) == key), model)


def _own_keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _keys(shape: type[BaseModel]) -> set[str]:
    """Every key that a shape or one nested in it knows."""
    nested = (model for field in shape.model_fields.values() for model in _models(field.annotation))
    return {*_own_keys(shape), *(key for model in nested for key in _keys(model))}


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is not Literal:
        for argument in get_args(annotation):
            yield from _models(argument)


_WANTED: Final[Mapping[str, str]] = {
    "string_type": "text in quotes is wanted",
    "string_unicode": "text of whole characters is wanted",
    "list_type": "a list in [ ] is wanted",
    "dict_type": "an object in { } is wanted",
    "model_type": "an object in { } is wanted",
    "model_attributes_type": "an object in { } is wanted",
    "bool_type": "true or false is wanted",
    "int_type": "a whole number is wanted",
    "int_from_float": "a whole number is wanted",
    "float_type": "a number is wanted",
    "decimal_type": "a number is wanted",
    "decimal_parsing": "a number is wanted",
    "finite_number": "a number is wanted",
    "date_type": "a date such as 2026-11-20, without quotes, is wanted",
    "date_from_datetime_inexact": "a date such as 2026-11-20, without a time, is wanted",
    "invalid_key": "a key in quotes is wanted",
}


def _plain(limit: object) -> str:
    return str(int(limit)) if isinstance(limit, float) and limit.is_integer() else str(limit)


_LIMITS: Final[Mapping[str, Callable[[Mapping[str, object]], str]]] = {
    "greater_than": lambda limit: f"more than {limit['gt']} is wanted",
    "greater_than_equal": lambda limit: f"{_plain(limit['ge'])} or more is wanted",
    "less_than": lambda limit: f"less than {limit['lt']} is wanted",
    "less_than_equal": lambda limit: f"{_plain(limit['le'])} or less is wanted",
    "decimal_max_places": lambda limit: f"{limit['decimal_places']} decimal places at most are wanted",
    "too_short": lambda limit: f"a list of {limit['min_length']} or more is wanted",
}


_OTHER_WORDS: Final = {
    "int": "integer",
    "bool": "boolean",
    "string": "text",
    "varchar": "text",
    "decimal": "numeric",
    "float": "double precision",
    "json": "jsonb",
    "timestamp": "timestamptz",
    "datetime": "timestamptz",
    "median": "percentile",
    "rate": "ratio",
}


def _wrong(detail: ErrorDetails) -> str:
    kind, limit = detail["type"], detail.get("ctx", {})
    if kind in ("literal_error", "union_tag_invalid"):
        allowed = str(limit.get("expected") or limit.get("expected_tags"))
        choices = [word.strip(" '") for part in allowed.split(",") for word in part.split(" or ")]
        value = limit.get("tag", detail["input"])
        shown = f"'{value}'" if isinstance(value, str) else _kind(detail)
        meant = _OTHER_WORDS.get(str(value), "")
        close = f"; did you mean '{meant}'?" if meant in choices else nearest(str(value), choices)
        return f"{shown} is not one of {listed(choices)}{close}"
    wanted = _LIMITS[kind](limit) if kind in _LIMITS else _WANTED.get(kind, "this value does not fit here")
    return f"{wanted}, and this is {_kind(detail)}"


def _kind(detail: ErrorDetails) -> str:
    match detail["input"]:
        case None:
            return "empty"
        case bool(value):
            return "true" if value else "false"
        case int(value) | float(value):
            return f"the number {value}"
        case str(value):
            return f"the text '{value if len(value) <= 40 else value[:39] + '…'}'"
        case list(items):
            return "a list" if items else "an empty list"
        case dict():
            return "an object"
        case value:
            return str(value)
