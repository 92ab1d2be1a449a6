"""Learnings as patches of the content files: small, in the files' own layout, and passing the check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dash_agent.check.linter import check
from dash_agent.context.catalog import Catalog
from dash_agent.errors import WrongUse
from dash_agent.learning.json_text import with_entry, with_words
from dash_agent.learning.promotion import Patch, patch
from dash_agent.models.learning import (
    Gotcha,
    Habit,
    Learning,
    LearningStatus,
    Origin,
    PatternCandidate,
    Payload,
    Preference,
    Reach,
    Synonym,
    Target,
)
from dash_agent.semantic.time import Calendar
from tests.conftest import NOW

FILE = """\
{
  "values": [
    {"dimension": "channel", "value": "email", "synonyms": {"en": ["mail"]}},
    {
      "dimension": "channel",
      "value": "chat",
      "synonyms": {
        "en": [
          "one", "two",
          "three"
        ]
      }
    },
    {
      "dimension": "channel",
      "value": "voice"
    }
  ]
}
"""


def learned(payload: Payload) -> Learning:
    return Learning("L1", payload, LearningStatus.ACTIVE, Reach.ALL, "", "anna", Origin.TAUGHT, "x", NOW)


def synonym(
    *words: str, target: Target = Target.VALUE, name: str = "channel", values: tuple[str, ...] = ("whatsapp",)
) -> Synonym:
    return Synonym(words, target, name, values if target is Target.VALUE else ())


@pytest.mark.parametrize(
    ("value", "language", "changed"),
    [
        (
            "email",
            "en",
            '    {"dimension": "channel", "value": "email", "synonyms": {"en": ["mail", "new \\"one\\""]}},',
        ),
        ("chat", "en", '          "three", "new \\"one\\""'),
        ("email", "ru", '"synonyms": {"en": ["mail"], "ru": ["new \\"one\\""]}},'),
        ("voice", "en", '      "synonyms": {"en": ["new \\"one\\""]}'),
    ],
)
def test_words_come_to_the_end_of_their_list(value: str, language: str, changed: str) -> None:
    made = with_words(FILE, "values", lambda entry: entry["value"] == value, ("synonyms", language), ['new "one"'])
    assert changed in made
    entry = next(one for one in json.loads(made)["values"] if one["value"] == value)
    assert entry["synonyms"][language][-1] == 'new "one"'
    before, after = FILE.splitlines(), made.splitlines()
    assert len([line for line in before if line not in after]) <= 2


def test_a_full_line_is_followed_by_one_with_its_indent() -> None:
    long = FILE.replace('"three"', '"' + "x" * 95 + '"')
    made = with_words(long, "values", lambda entry: entry["value"] == "chat", ("synonyms", "en"), ["eleven words"])
    assert '          "eleven words"\n        ]' in made


def test_a_new_entry_is_the_last() -> None:
    made = with_entry(FILE, "values", {"dimension": "channel", "value": "fax"})
    assert json.loads(made)["values"][-1] == {"dimension": "channel", "value": "fax"}
    assert made.startswith(FILE[: FILE.rindex("}", 0, FILE.rindex("]")) + 1])


PROMOTED = [
    synonym("boots", "ботики"),
    synonym("smileys", target=Target.METRIC, name="csat"),
    synonym("дорожка", target=Target.DIMENSION),
    synonym("pigeon mail", values=("telegram", "whatsapp")),
]


def diff_lines(made: Patch) -> tuple[list[str], list[str]]:
    lines = [line for line in made.text.splitlines() if not line.startswith(("---", "+++"))]
    return [one for one in lines if one.startswith("-")], [one for one in lines if one.startswith("+")]


@pytest.mark.parametrize("payload", PROMOTED, ids=lambda one: one.phrasings[0])
def test_a_patch_touches_the_lines_of_its_words_alone(payload: Synonym, home: Catalog) -> None:
    removed, added = diff_lines(patch(learned(payload), home.files))
    assert len(removed) <= len(payload.phrasings)
    assert all(len(line) <= 121 for line in added)
    assert all(any(words in line for line in added) for words in payload.phrasings)


def test_all_of_them_pass_the_check(home: Catalog, calendar: Calendar, tmp_path: Path) -> None:
    files = dict(home.files)
    for payload in PROMOTED:
        made = patch(learned(payload), files)
        files[made.file] = made.after
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = check(tmp_path, calendar).problems
    assert [str(problem) for problem in found if "business/" in problem.file and problem.severity == "error"] == []


def test_what_the_file_has_already_makes_no_patch(home: Catalog) -> None:
    with pytest.raises(WrongUse, match="already"):
        patch(learned(synonym("whats app")), home.files)


@pytest.mark.parametrize("payload", [Gotcha("csat", "channel", ("voice",)), Preference(Habit.SPLIT, name="channel")])
def test_what_has_no_place_in_the_files(payload: Payload, home: Catalog) -> None:
    with pytest.raises(WrongUse):
        patch(learned(payload), home.files)


def test_a_pattern_can_not_end_its_own_header(home: Catalog) -> None:
    columns = [{"name": "channel", "role": "dimension"}, {"name": "tickets", "role": "helper", "type": "integer"}]
    nasty = PatternCandidate("slow", "what is slow? */ DROP TABLE customers; /* it's", "SELECT 1 AS tickets")
    made = patch(learned(nasty), home.files, {"columns": columns})
    assert made.after.count("*/") == 1
    assert made.text.startswith("--- /dev/null")
    with pytest.raises(WrongUse, match="not kept"):
        patch(learned(nasty), home.files, {})
