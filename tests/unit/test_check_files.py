"""The linter over files that are slightly off: keys given twice, numbers without end, files that nobody reads."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dash_agent.check.linter import check
from dash_agent.context.access import load_principals
from dash_agent.context.catalog import load_catalog
from dash_agent.context.json_places import DEEPEST, stands
from dash_agent.errors import ContentError
from dash_agent.semantic.time import Calendar
from tests.conftest import ROOT

SMALL = ROOT / "tests" / "content" / "small"
TICKETS = "tables/support_threads_data.json"
METRICS = "business/metrics.json"
RULES = "business/rules.json"

Told = list[tuple[str, str, str]]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """The small folder, to spoil."""
    return Path(shutil.copytree(SMALL, tmp_path / "content"))


def change(content: Path, file: str, how: Callable[[Any], object]) -> None:
    path = content / file
    data = json.loads(path.read_text(encoding="utf-8"))
    how(data)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=2), encoding="utf-8")


def swap(content: Path, file: str, old: str, new: str) -> None:
    path = content / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def told(content: Path, calendar: Calendar) -> Told:
    return [(p.file, p.rule, p.message) for p in check(content, calendar).problems]


def test_each_key_that_is_there_twice_is_told_at_its_own_line(content: Path, calendar: Calendar) -> None:
    twice = '{\n"it\'s": ["a"],\n"it\'s": ["b"],\n"en": ["c"]}'
    text = f'{{"values": [\n{{"dimension": "channel", "value": "a", "value": "email"}},\n{{"dimension": "channel",\n\
"value": "b",\n"value": "chat", "synonyms": {twice}}}]}}'
    (content / "business/values.json").write_text(text, encoding="utf-8")
    found = [
        (p.line, p.place, p.message.split(" is there")[0])
        for p in check(content, calendar).problems
        if p.rule == "duplicate-key"
    ]
    assert found == [
        (2, "line 2", "the key 'value'"),
        (5, "line 5", "the key 'value'"),
        (7, "line 7", "the key 'it's'"),
    ]


def test_keys_inside_of_what_is_there_twice_are_there_once(content: Path, calendar: Calendar) -> None:
    swap(content, RULES, '"examples"', '"examples": {"en": [], "ru": []},\n"examples"')
    assert [rule for _, rule, _ in told(content, calendar)] == ["duplicate-key"]


def test_a_yaml_merge_key_may_be_overridden(content: Path, calendar: Calendar) -> None:
    file = "queries/queue_by_channel.sql"
    stuck = "  stuck: {role: metric, unit: count, label: {en: Stuck, ru: Застряли}}"
    both = "  waiting: &number {role: metric, unit: count, label: {en: Waiting, ru: Ждут}}"
    swap(content, file, stuck, stuck.replace("{role: metric, unit: count,", "{<<: *number,"))
    swap(content, file, both.replace("&number ", ""), both)
    assert told(content, calendar) == []
    swap(content, file, "{<<: *number,", "{<<: *number, label: {en: Stuck, ru: x},")
    assert [rule for _, rule, _ in told(content, calendar)] == ["duplicate-key"]


@pytest.mark.parametrize(
    ("file", "key", "value", "said"),
    [
        (RULES, "default_days", 0, "1 or more is wanted, and this is the number 0"),
        (RULES, "default_days", 999_999, "3660 or less is wanted, and this is the number 999999"),
        (TICKETS, "fresh_hours", 1_000_000_000, "87600 or less is wanted, and this is the number 1000000000"),
    ],
)
def test_a_number_has_its_bounds(
    file: str, key: str, value: float, said: str, content: Path, calendar: Calendar
) -> None:
    change(content, file, lambda d: d.update({key: value}))
    ((where, rule, message),) = told(content, calendar)
    assert (where, rule) == (file, "wrong-value")
    assert said in message


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1e300, "1000000 or less is wanted"),
        (-1_000_001, "-1000000 or more is wanted"),
        (0.0000001, "6 decimal places at most are wanted"),
    ],
)
def test_a_constant_has_its_bounds(value: float, said: str, content: Path, calendar: Calendar) -> None:
    change(content, RULES, lambda d: d["constants"][0].update(value=value))
    ((_, rule, message),) = told(content, calendar)
    assert rule == "wrong-value"
    assert message.startswith(said)


@pytest.mark.parametrize("digits", ["9" * 5000, "-" + "9" * 5000, "1." + "1" * 5000])
def test_a_number_without_end_is_told_with_its_line(digits: str, content: Path, calendar: Calendar) -> None:
    path = content / RULES
    path.write_text(f'{{\n"primary_metric": "tickets",\n"default_days": {digits}}}', encoding="utf-8")
    (found,) = check(content, calendar).problems
    assert (found.file, found.line, found.rule) == (RULES, 3, "wrong-value")
    assert f"has {len(digits)} digits" in found.message
    with pytest.raises(ContentError):
        load_catalog(content)


def test_a_number_without_end_in_a_header_is_told(content: Path, calendar: Calendar) -> None:
    swap(content, "queries/queue_by_channel.sql", "unit: count", f"decimals: {'9' * 5000}, unit: count")
    ((file, _, message),) = told(content, calendar)
    assert (file, message) == (
        "queries/queue_by_channel.sql",
        "the header is not valid YAML: a number is too long to be read",
    )


@pytest.mark.parametrize("word", ["NaN", "-Infinity"])
def test_what_is_no_number_is_told(word: str, content: Path, calendar: Calendar) -> None:
    swap(content, RULES, '"default_days": 30', f'"default_days": {word}')
    ((file, rule, message),) = told(content, calendar)
    assert (file, rule, message) == (RULES, "wrong-value", f"'{word}' is no number")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("business/metrics.yaml", "'business/metrics.json' is read"),
        ("business/notes.txt", "these are read: business/metrics.json"),
        ("queries/mine.SQL", "did you mean 'queries/mine.sql'?"),
        ("queries/queue_by_channel.SQL", "'queries/queue_by_channel.sql' is read"),
        ("tables/sub/orders.json", "did you mean 'tables/orders.json'?"),
        ("business/acces.json", "'business/access.json' is read"),
    ],
)
def test_a_file_that_nobody_reads_is_told_and_not_counted(
    wrong: str, said: str, content: Path, calendar: Calendar
) -> None:
    before = check(content, calendar)
    assert before.problems == ()
    (content / wrong).parent.mkdir(exist_ok=True)
    (content / wrong).write_text("{}", encoding="utf-8")
    after = check(content, calendar)
    (found,) = after.problems
    assert (found.file, found.rule, found.severity) == (wrong, "unread-file", "warning")
    assert said in found.message
    assert after.files == before.files


def test_hidden_files_and_readmes_are_left_alone(content: Path, calendar: Calendar) -> None:
    for file in ("tables/.gitkeep", "business/README.md", "queries/.idea/x.sql"):
        (content / file).parent.mkdir(exist_ok=True)
        (content / file).write_text("", encoding="utf-8")
    assert told(content, calendar) == []


@pytest.mark.parametrize("name", ["business/acces.json", "business/access.yaml", "business/Access.json", "access.json"])
def test_a_misspelt_access_file_is_no_missing_one(name: str, content: Path, calendar: Calendar) -> None:
    assert len(load_principals(content)) > 0
    (content / "business/access.json").rename(content / name)
    (found,) = check(content, calendar).problems
    assert (found.file, found.rule, found.severity) == (name, "access-name", "error")
    with pytest.raises(ContentError, match="nobody's rows are narrowed"):
        load_principals(content)
    (content / name).unlink()
    assert load_principals(content) == {}


def test_values_of_a_derived_table_are_not_learned_live(content: Path, calendar: Calendar) -> None:
    column = {"name": "ticket_id", "type": "bigint", "description": "The ticket."}
    table = {
        "table": "firsts",
        "label": {"en": "Firsts", "ru": "Первые"},
        "description": "A first ticket.",
        "primary_key": "ticket_id",
        "columns": [column, {"name": "channel", "type": "text", "description": "Its channel.", "values": "live"}],
        "query": "SELECT ticket_id, channel FROM support_threads_data",
    }
    (content / "tables/firsts.json").write_text(json.dumps(table), encoding="utf-8")
    (found,) = check(content, calendar).problems
    assert (found.file, found.place) == ("tables/firsts.json", "columns[1].values")
    assert found.message.startswith("values of a derived table are not learned live")
    with pytest.raises(ContentError):
        load_catalog(content)


def test_places_are_found_down_to_a_depth_that_no_file_needs() -> None:
    assert len(list(stands("[" * 200_000))) <= DEEPEST + 1
    assert [stand.place for stand in stands('{"a": [1, {"b": 2}]}')] == ["a", "a[0]", "a[1]", "a[1].b"]
