"""JSON Schemas of the content files, for editors. `python -m dash_agent.check.schemas FOLDER` writes them."""

from __future__ import annotations

import ast
import inspect
import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final, cast

from pydantic import BaseModel

from dash_agent.context.access import AccessFile
from dash_agent.context.alerts import Alert
from dash_agent.context.board import Board
from dash_agent.context.business import DimensionsFile, MetricsFile, RulesFile, ValuesFile
from dash_agent.context.digests import Digest
from dash_agent.context.documents import FrontMatter
from dash_agent.context.patterns import PatternHeader
from dash_agent.context.prices import PricesFile
from dash_agent.context.tables import Table
from dash_agent.context.targets import TargetsFile
from dash_agent.models.wire import Json

SHAPES: Final[Mapping[str, type[BaseModel]]] = {
    "table": Table,
    "metrics": MetricsFile,
    "dimensions": DimensionsFile,
    "values": ValuesFile,
    "rules": RulesFile,
    "targets": TargetsFile,
    "board": Board,
    "digest": Digest,
    "alert": Alert,
    "prices": PricesFile,
    "access": AccessFile,
    "pattern-header": PatternHeader,
    "front-matter": FrontMatter,
}

Object = dict[str, Json]


def schema(name: str) -> Object:
    """The schema of one kind of file: keys with what they mean, as the models' docstrings tell it."""
    shape = SHAPES[name]
    found = cast("Object", shape.model_json_schema())
    models = {model.__name__: model for model in _models(shape)}
    _explain(found, shape)
    definitions = found.get("$defs", {})
    for defined, part in definitions.items() if isinstance(definitions, dict) else ():
        if defined in models and isinstance(part, dict):
            _explain(part, models[defined])
    head: Object = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:dash-agent:schema:{name}"}
    return {**head, **found}


def _explain(found: Object, model: type[BaseModel]) -> None:
    explained = dict(_docstrings(model))
    properties = found.get("properties", {})
    for key, value in properties.items() if isinstance(properties, dict) else ():
        if isinstance(value, dict) and key in explained:
            value["description"] = explained[key]
            value.pop("title", None)


def _docstrings(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Keys with the docstring below each, inherited ones first.

    Read from the source, and only here: pydantic would do it while the models are made, at every start.
    """
    for base in reversed(model.__mro__):
        if base is BaseModel or not issubclass(base, BaseModel):
            continue
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        body = tree.body if isinstance(tree, ast.ClassDef) else []
        for here, below in pairwise(body):
            if isinstance(here, ast.AnnAssign) and isinstance(here.target, ast.Name) and isinstance(below, ast.Expr):
                said = below.value.value if isinstance(below.value, ast.Constant) else None
                field = model.model_fields.get(here.target.id)
                if isinstance(said, str) and field is not None:
                    yield field.alias or here.target.id, " ".join(said.split())


def _models(shape: object) -> Iterator[type[BaseModel]]:
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        yield shape
        for field in shape.model_fields.values():
            yield from _models(field.annotation)
    for argument in getattr(shape, "__args__", ()):
        yield from _models(argument)


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in SHAPES:
        text = json.dumps(schema(name), ensure_ascii=False, indent=2)
        (folder / f"{name}.schema.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
