"""Broken content files are named with their place and the nearest right word, all of them at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.errors import ContentError
from dash_agent.semantic.model import SemanticModel
from tests.conftest import ROOT

Change = Callable[[Any], None]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    for folder in ("tables", "business", "queries"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def change(content: Path, file: str, how: Change) -> None:
    path = content / file
    data = json.loads(path.read_text(encoding="utf-8"))
    how(data)
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def problems(content: Path) -> list[str]:
    with pytest.raises(ContentError) as raised:
        SemanticModel(load_catalog(content))
    return [str(problem) for problem in raised.value.problems]


def metric(data: Any, name: str) -> Any:
    return next(m for m in data["metrics"] if m["name"] == name)


def test_the_home_content_holds_together(home: Catalog) -> None:
    assert {"tickets", "resolution_rate", "response_time"} <= set(home.metrics)
    assert home.readable["customers"] == ("customer_id", "country", "language", "created_at")


def test_a_syntax_error_has_its_line_and_column(content: Path) -> None:
    (content / "tables/customers.json").write_text('{\n  "table": "customers",\n  "label" {}\n}', encoding="utf-8")
    said = "tables/customers.json: line 3, column 11: not valid JSON: a colon is missing between key and value"
    assert problems(content) == [said]


def test_a_metric_over_an_unknown_table_names_the_nearest(content: Path) -> None:
    change(content, "business/metrics.json", lambda d: metric(d, "tickets").update(table="support_thread_data"))
    found = problems(content)
    assert len(found) == 1
    assert found[0].endswith("there is no table 'support_thread_data'; did you mean 'support_threads_data'?")
    assert found[0].startswith("business/metrics.json: metrics[")


def test_a_misspelt_type_and_key_are_both_told(content: Path) -> None:
    def spoil(data: Any) -> None:
        data["columns"][0]["type"] = "datetme"
        data["columns"][1]["descripton"] = "x"

    change(content, "tables/customers.json", spoil)
    first, second = problems(content)
    assert first.startswith("tables/customers.json: columns[0].type: 'datetme' is not one of 'bigint'")
    assert second == (
        "tables/customers.json: columns[1].descripton: unknown key 'descripton'; did you mean 'description'?"
    )


def test_a_metric_over_a_missing_column_is_told(content: Path) -> None:
    change(content, "business/metrics.json", lambda d: metric(d, "sent").update(where="sent_ta IS NOT NULL"))
    (found,) = problems(content)
    assert found.endswith("'support_threads_data' has no column 'sent_ta'; did you mean 'sent_at'?")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("sent_at IS NOT", "not valid SQL"),
        ("customer_email IS NULL", "'support_threads_data.customer_email' is personal"),
        ("ticket_id IN (SELECT ticket_id FROM support_dialogs)", "this has a SELECT in it"),
        ("count(*) > 1", "this has an aggregate, count(…), in it"),
        ("updated_at < :now - make_interval(hours => :stuk_hours)", "did you mean 'stuck_hours'?"),
    ],
)
def test_what_is_no_expression_over_a_row_is_told(content: Path, where: str, said: str) -> None:
    change(content, "business/metrics.json", lambda d: metric(d, "sent").update(where=where))
    assert any(said in problem for problem in problems(content))


def test_a_ratio_of_ratios_is_refused(content: Path) -> None:
    change(
        content,
        "business/metrics.json",
        lambda d: metric(d, "resolution_rate").update(numerator="escalation_rate"),
    )
    assert any("'escalation_rate' is itself a ratio" in problem for problem in problems(content))


def test_a_dimension_on_a_personal_column_is_refused(content: Path) -> None:
    change(content, "business/dimensions.json", lambda d: d["dimensions"][0].update(column="customers.email"))
    assert any("'customers.email' is personal" in problem for problem in problems(content))


def test_a_header_that_is_no_yaml_has_its_line(content: Path) -> None:
    (content / "queries/broken.sql").write_text("/*\nname: [broken\n*/\nSELECT 1", encoding="utf-8")
    (found,) = problems(content)
    assert found.startswith("queries/broken.sql: line 3, column 1: the header is not valid YAML")


def test_a_missing_file_and_a_missing_folder_are_told(content: Path, tmp_path: Path) -> None:
    (content / "business/values.json").unlink()
    assert problems(content) == ["business/values.json: the file is missing"]
    with pytest.raises(ContentError, match="set DASH_CONTENT_DIR"):
        load_catalog(tmp_path / "elsewhere")


def test_the_version_changes_with_any_byte(content: Path) -> None:
    before = load_catalog(content).version
    path = content / "business/rules.json"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert load_catalog(content).version != before
