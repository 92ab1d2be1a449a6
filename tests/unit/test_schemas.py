"""The JSON Schemas for editors: up to date, every key explained, and true of our own files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from dash_agent.check.page import page
from dash_agent.check.schemas import SHAPES, schema, write
from support_agent.schemas import write as write_support
from tests.conftest import ROOT

CONTENT = ROOT / "tests" / "content"
ROOTS = (ROOT, CONTENT / "twitter", CONTENT / "small")


def _files() -> Iterator[Any]:
    for root in ROOTS:
        for name in ("metrics", "dimensions", "values", "rules", "access"):
            path = root / "business" / f"{name}.json"
            if path.is_file():
                yield pytest.param(name, path, id=str(path.relative_to(ROOT)))
        named = (("table", "tables/*.json"), ("pattern-header", "queries/*.sql"), ("front-matter", "knowledge/*/*.md"))
        for name, files in named:
            yield from (pytest.param(name, path, id=str(path.relative_to(ROOT))) for path in sorted(root.glob(files)))


def _data(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return json.loads(text)
    opening, closing = ("/*", "*/") if path.suffix == ".sql" else ("---\n", "\n---\n")
    header = text.partition(opening)[2].partition(closing)[0]
    return json.loads(json.dumps(yaml.safe_load(header), default=str))


@pytest.mark.parametrize(("name", "path"), list(_files()))
def test_our_files_are_valid(name: str, path: Path) -> None:
    found = Draft202012Validator(schema(name)).iter_errors(_data(path))
    assert [error.message for error in found] == []


def test_a_misspelt_key_and_value_are_not() -> None:
    data = {"metrics": [{"name": "x", "kind": "count", "label": {}, "descripton": "", "table": "t", "unit": "counts"}]}
    assert not Draft202012Validator(schema("metrics")).is_valid(data)


@pytest.mark.parametrize("name", SHAPES)
def test_every_key_is_explained(name: str) -> None:
    found = schema(name)
    Draft202012Validator.check_schema(found)
    parts = [found, *found.get("$defs", {}).values()]
    keys = {key: value for part in parts for key, value in part.get("properties", {}).items()}
    assert [key for key, value in keys.items() if not value.get("description", "").strip()] == []


def test_the_files_are_what_is_generated(tmp_path: Path) -> None:
    write(tmp_path)
    write_support(tmp_path)
    kept = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "schemas").iterdir()}
    assert kept == {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == page()


def test_our_json_files_name_their_schema() -> None:
    for path in (*(ROOT / "tables").glob("*.json"), *(ROOT / "business").glob("*.json")):
        named = path.parent / json.loads(path.read_text(encoding="utf-8"))["$schema"]
        assert named.resolve().is_file(), path
