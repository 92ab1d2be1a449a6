"""What `dash-agent metric` reads, finds and prints, without a database."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from dash_agent.adapters.clock import FrozenClock
from dash_agent.ask import Dash, Ports
from dash_agent.cli import run
from dash_agent.cli.preview import print_preview
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.context.revision import PastContent, past_content
from dash_agent.errors import QueryFailed, UnknownName, WrongUse
from dash_agent.models.answer import Answer, AnswerColumn, ColumnRole, Status
from dash_agent.models.plan import Assumption
from dash_agent.models.principal import Principal, Role
from dash_agent.models.query import Grain
from dash_agent.models.sql import Cell, ResultColumn, ResultSet, SafeQuery
from dash_agent.planning.one_period import read_period
from dash_agent.preview.against import Against, Outcome, Side, against, side_by_side
from dash_agent.preview.changes import Change, changes
from dash_agent.preview.metric import Asker, Wanted, answered, wanted
from dash_agent.preview.page import page
from dash_agent.preview.wire import preview_json
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar
from dash_agent.settings import Settings
from tests.conftest import CASES, NOW, ZONE
from tests.fakes import CountingIds, FakeAnswers, FakeIntrospection, FakeTurns

DESK = Path(__file__).parent.parent / "content" / "desk"
ADMIN = Principal("admin", Role.ADMIN)
Edit = Callable[[dict], None]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


# Periods


@pytest.mark.parametrize(
    ("words", "start", "end", "before", "before_end"),
    [
        ("last month", "2026-10-01 00:00+03:00", "2026-11-01 00:00+02:00", "2026-09-01 00:00", "2026-10-01 00:00"),
        ("в октябре", "2026-10-01 00:00+03:00", "2026-11-01 00:00+02:00", "2026-09-01 00:00", "2026-10-01 00:00"),
        ("Q3", "2026-07-01 00:00+03:00", "2026-10-01 00:00+03:00", "2026-04-01 00:00", "2026-07-01 00:00"),
        ("2025", "2025-01-01 00:00+02:00", "2026-01-01 00:00+02:00", "2024-01-01 00:00", "2025-01-01 00:00"),
        ("this week", "2026-11-16 00:00+02:00", "2026-11-20 14:00+02:00", "2026-11-09 00:00", "2026-11-13 14:00"),
        ("2026-11", "2026-11-01 00:00+02:00", "2026-11-20 14:00+02:00", "2026-10-01 00:00", "2026-10-20 14:00"),
        ("last 7 days", "2026-11-14 00:00+02:00", "2026-11-20 14:00+02:00", "2026-11-07 00:00", "2026-11-13 14:00"),
        ("last 3 months", "2026-08-01 00:00+03:00", "2026-11-01 00:00+02:00", "2026-05-01 00:00", "2026-08-01 00:00"),
        ("last 6 hours", "2026-11-20 08:00+02:00", "2026-11-20 14:00+02:00", "2026-11-20 02:00", "2026-11-20 08:00"),
        ("2026-09-15", "2026-09-15 00:00+03:00", "2026-09-16 00:00+03:00", "2026-09-14 00:00", "2026-09-15 00:00"),
        (
            "2026-09-01..2026-10-01",
            "2026-09-01 00:00+03:00",
            "2026-10-01 00:00+03:00",
            "2026-08-01 00:00",
            "2026-09-01 00:00",
        ),
        (
            "2026-09-10 .. 2026-09-15",
            "2026-09-10 00:00+03:00",
            "2026-09-15 00:00+03:00",
            "2026-09-05 00:00",
            "2026-09-10 00:00",
        ),
    ],
)
def test_a_period_and_the_one_before(
    words: str, start: str, end: str, before: str, before_end: str, calendar: Calendar
) -> None:
    """now is Friday, 2026-11-20 14:00 in Jerusalem; the clocks went back on October 25."""
    read = read_period(words, calendar)
    assert (read.period.start, read.period.end) == (moment(start), moment(end))
    earlier = read.before(calendar)
    local = (earlier.start.astimezone(ZONE).replace(tzinfo=None), earlier.end.astimezone(ZONE).replace(tzinfo=None))
    assert local == (moment(before), moment(before_end))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", "'' is not one period"),
        ("fortnight", "'fortnight' is not understood"),
        ("last month by channel", "'channel' is not understood"),
        ("last", "does not say the previous what"),
        ("october november", "is not one period"),
        ("31 February", "is on no calendar"),
        ("2026-02-30", "is no date"),
        ("2026-13", "is no date"),
        ("9999-01-01", "is no date"),
        ("2026-10-01..", "'' of the period '2026-10-01..' is no date"),
        ("2026-10-01..october", "'october' of the period"),
        ("2026-10-01..2026-09-01", "ends before it begins"),
    ],
)
def test_what_is_no_period_is_refused(words: str, says: str, calendar: Calendar) -> None:
    with pytest.raises(WrongUse) as caught:
        read_period(words, calendar)
    assert says in str(caught.value)


# Content of one's own


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return shutil.copytree(DESK, tmp_path / "content")


def edited(folder: Path, file: str, edit: Edit) -> None:
    path = folder / file
    data = json.loads(path.read_text(encoding="utf-8"))
    edit(data)
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def metric(name: str, **fields: object) -> Edit:
    """Sets fields of a metric; None takes one away."""

    def edit(data: dict) -> None:
        (found,) = (found for found in data["metrics"] if found["name"] == name)
        for key, value in fields.items():
            found.pop(key, None) if value is None else found.update({key: value})

    return edit


@pytest.fixture
def desk() -> Catalog:
    return load_catalog(DESK)


# Names


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("resolutoin_rate", "resolution_rate"),
        ("Resolution rate", "resolution_rate"),
        ("резолюшен", "resolution_rate"),
        ("доля решенных", "resolution_rate"),
        ("solved", "resolved"),
        ("answertime", "answer_time"),
    ],
)
def test_an_unknown_metric_finds_the_nearest_in_either_language(
    name: str, first: str, desk: Catalog, calendar: Calendar
) -> None:
    with pytest.raises(UnknownName) as caught:
        wanted(desk, name, (), None, calendar)
    assert caught.value.suggestions[0] == first


def test_a_name_like_no_other_is_given_no_suggestions(desk: Catalog, calendar: Calendar) -> None:
    with pytest.raises(UnknownName) as caught:
        wanted(desk, "xyzzy", (), None, calendar)
    assert caught.value.suggestions == ()


@pytest.mark.parametrize(
    ("name", "by", "says"),
    [
        ("resolved", ["chanel"], "there is no dimension 'chanel'; did you mean 'channel'?"),
        ("resolved", ["страна"], "did you mean 'country'?"),
        ("resolved", ["weekdy"], "did you mean 'weekday'"),
        ("resolved", ["carrier"], "no join leads from them to 'parcels'; 'resolved' can be split by channel, country"),
        ("parcels", ["channel"], "'parcels' can be split by carrier"),
        ("resolved", ["month,week"], "one grain of time at most"),
        ("stuck", ["month"], "is a state of now and has no month by itself; with --period"),
    ],
)
def test_a_wrong_split_says_what_would_do(
    name: str, by: list[str], says: str, desk: Catalog, calendar: Calendar
) -> None:
    with pytest.raises(WrongUse) as caught:
        wanted(desk, name, by, None, calendar)
    assert says in str(caught.value)


def test_a_split_is_named_once_or_with_commas(desk: Catalog, calendar: Calendar) -> None:
    query = wanted(desk, "resolved", ["channel, month", "country", "channel"], None, calendar).plan.query
    assert (query.dimensions, query.grain, query.compare) == (("channel", "country"), Grain.MONTH, None)


def test_the_default_period_and_the_one_before(desk: Catalog, calendar: Calendar) -> None:
    plan = wanted(desk, "resolved", (), None, calendar).plan
    assert plan.assumptions == (Assumption.DEFAULT_PERIOD,)
    assert plan.query.period is not None
    assert plan.query.compare is not None
    assert plan.query.period.start == moment("2026-10-22 00:00+03:00")
    assert plan.query.compare.start == moment("2026-09-22 00:00+03:00")


def test_a_state_of_now_takes_no_period_by_itself(desk: Catalog, calendar: Calendar) -> None:
    assert wanted(desk, "stuck", (), None, calendar).plan.query.period is None
    within = wanted(desk, "stuck", ["month"], "october", calendar).plan
    assert within.query.period is not None
    assert within.assumptions == (Assumption.STATE_OF_NOW,)


# What changed


def found(content: Path, name: str = "resolution_rate", dimensions: Sequence[str] = ()) -> tuple[Change, ...]:
    before, after = (SemanticModel(load_catalog(folder)) for folder in (DESK, content))
    return changes(before, after, name, dimensions)


def test_another_layout_of_the_files_is_no_change(content: Path) -> None:
    def turned_round(data: dict) -> None:
        data["metrics"] = [dict(reversed(metric.items())) for metric in reversed(data["metrics"])]

    edited(content, "business/metrics.json", turned_round)
    edited(content, "business/rules.json", lambda data: data["constants"][0].update(value=24.0))
    assert found(content) == ()
    assert found(content, "stuck", ["country"]) == ()


def test_what_was_left_to_a_default_and_is_said_now_is_no_change(content: Path) -> None:
    edited(content, "business/metrics.json", metric("tickets", direction="neutral", decimals=0))
    assert found(content, "tickets") == ()


def test_a_part_that_changed_is_found_and_wording_comes_last(content: Path) -> None:
    words = {"en": ["resolution rate"], "ru": ["решаемость"]}
    edited(content, "business/metrics.json", metric("resolution_rate", synonyms=words, decimals=2))
    edited(content, "business/metrics.json", metric("resolved", where="drafted_at IS NOT NULL AND NOT auto_sent"))
    told = found(content)
    assert [(change.of, change.name, change.field) for change in told] == [
        ("metric", "resolution_rate", "decimals"),
        ("metric", "resolved", "where"),
        ("metric", "resolution_rate", "synonyms.en"),
        ("metric", "resolution_rate", "synonyms.ru"),
    ]
    assert told[1].before == "drafted_at IS NOT NULL"
    assert told[1].after == "drafted_at IS NOT NULL AND NOT auto_sent"
    assert found(content, "tickets") == ()


def test_another_part_is_a_field_of_the_ratio(content: Path) -> None:
    edited(content, "business/metrics.json", metric("resolution_rate", denominator="tickets"))
    assert found(content) == (Change("metric", "resolution_rate", "denominator", "answered", "tickets"),)


def test_a_new_part_is_new(content: Path) -> None:
    def with_sent(data: dict) -> None:
        sent = {**data["metrics"][2], "name": "sent", "where": "auto_sent", "synonyms": {}}
        data["metrics"].append(sent)
        metric("resolution_rate", numerator="sent")(data)

    edited(content, "business/metrics.json", with_sent)
    told = found(content)
    assert Change("metric", "sent", "", None, "sent") in told
    assert Change("metric", "resolution_rate", "numerator", "resolved", "sent") in told


def test_another_kind_is_told_field_by_field(content: Path) -> None:
    averaged = metric("answer_time", kind="average", percentile=None)
    edited(content, "business/metrics.json", averaged)
    told = {(change.field, change.before, change.after) for change in found(content, "answer_time")}
    assert told == {("kind", "percentile", "average"), ("percentile", 0.9, None)}


def test_a_constant_counts_where_the_sql_names_it(content: Path) -> None:
    edited(content, "business/rules.json", lambda data: data["constants"][0].update(value=48))
    assert found(content, "stuck") == (Change("constant", "stuck_hours", "value", Decimal(24), Decimal(48)),)
    assert found(content, "resolved") == ()


def test_a_tables_time_counts(content: Path) -> None:
    edited(content, "tables/tickets.json", lambda data: data.update(time="updated_at", description="Another."))
    assert found(content) == (Change("table", "tickets", "time", "created_at", "updated_at"),)


def test_a_dimension_counts_where_it_splits_and_so_does_the_way_to_it(content: Path) -> None:
    def on_tickets(data: dict) -> None:
        data["dimensions"][1]["column"] = "tickets.status"

    edited(content, "business/dimensions.json", on_tickets)
    assert found(content) == ()
    assert found(content, dimensions=["channel"]) == ()
    assert found(content, dimensions=["country"]) == (
        Change("dimension", "country", "column", "customers.country", "tickets.status"),
        Change(
            "dimension",
            "country",
            "reached from tickets",
            ("tickets.customer_id = customers.customer_id",),
            None,
        ),
    )


# Before and after


def answer(columns: Sequence[AnswerColumn], *rows: tuple[Cell, ...]) -> Answer:
    return Answer("1", None, None, "en", NOW, Status.ANSWERED, "", None, columns=tuple(columns), rows=rows)


CHANNEL = AnswerColumn("channel", ColumnRole.DIMENSION, "text", None, "Channel")
MONTH = AnswerColumn("month", ColumnRole.DIMENSION, "date", None, "Month")
RATE = AnswerColumn("rate", ColumnRole.METRIC, "number", "percent", "Rate")


def test_groups_of_either_side_are_shown() -> None:
    before = answer([CHANNEL, RATE], ("email", Decimal("10.0")), ("fax", Decimal("5.0")), (None, None))
    after = answer([CHANNEL, RATE], (None, Decimal("7.5")), ("email", Decimal("12.5")), ("chat", Decimal("1.0")))
    assert side_by_side(before, after) == (
        Side((None,), None, Decimal("7.5"), None, in_before=True, in_after=True),
        Side(("email",), Decimal("10.0"), Decimal("12.5"), Decimal("2.5"), in_before=True, in_after=True),
        Side(("chat",), None, Decimal("1.0"), None, in_before=False, in_after=True),
        Side(("fax",), Decimal("5.0"), None, None, in_before=True, in_after=False),
    )


def test_buckets_stay_in_time() -> None:
    months = [datetime(2026, month, 1, tzinfo=UTC).date() for month in (8, 9, 10)]
    before = answer([MONTH, CHANNEL, RATE], (months[0], "fax", 1), (months[2], "fax", 3))
    after = answer([MONTH, CHANNEL, RATE], (months[0], "email", 1), (months[1], "email", 2))
    told = [side.group for side in side_by_side(before, after)]
    assert told == [(months[0], "email"), (months[0], "fax"), (months[1], "email"), (months[2], "fax")]


def test_values_of_two_units_have_no_difference() -> None:
    counted = replace(RATE, unit="count")
    (side,) = side_by_side(answer([counted], (10,)), answer([RATE], (Decimal("12.5"),)))
    assert (side.before, side.after, side.difference) == (10, Decimal("12.5"), None)


class Rows:
    """A warehouse that gives each statement its rows in turn, or fails."""

    def __init__(self, *given: ResultSet | Exception) -> None:
        self._given = list(given)

    def execute(self, query: SafeQuery) -> ResultSet:
        given = self._given.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    def explain(self, query: SafeQuery) -> None:
        raise AssertionError("a preview explains nothing")


def one(value: Cell) -> ResultSet:
    return ResultSet((ResultColumn("resolution_rate", "number"),), ((value,),), truncated=False, elapsed_ms=1.0)


def dash_on(catalog: Catalog, answers: FakeAnswers, *given: ResultSet | Exception) -> Dash:
    ports = Ports(Rows(*given), FakeIntrospection(), answers, FakeTurns(), FrozenClock(NOW), CountingIds())
    return Dash(ports, catalog, timezone=ZONE.key)


def past(catalog: Catalog | None) -> PastContent:
    return PastContent("HEAD~1", "3f2a91c04d" + "0" * 30, catalog)


def compared(
    then: Catalog, today: Catalog, *given: ResultSet | Exception, by: Sequence[str] = (), name: str = "resolution_rate"
) -> tuple[Wanted, Answer, Against]:
    """given: what the database gives to today's statement and then to the earlier one."""
    answers = FakeAnswers()
    dash = dash_on(today, answers, *given)
    asker = Asker(ADMIN, NOW, "en")
    asked = wanted(today, name, by, None, Calendar(NOW, ZONE), alone=False)
    after = answered(dash, today, asked.plan, asker)
    beside = against(dash, asked.plan, after, past(then), asker)
    assert answers.saved == {}
    return asked, after, beside


@pytest.fixture
def narrower(content: Path) -> Catalog:
    """The desk after resolved was narrowed."""
    edited(content, "business/metrics.json", metric("resolved", where="drafted_at IS NOT NULL AND NOT auto_sent"))
    return load_catalog(content)


def test_a_change_gives_both_values_and_what_changed(desk: Catalog, narrower: Catalog) -> None:
    _, after, beside = compared(desk, narrower, one(Decimal("67.9")), one(Decimal("91.8")))
    assert beside.outcome is Outcome.CHANGED
    assert beside.sides == (
        Side((), Decimal("91.8"), Decimal("67.9"), Decimal("-23.9"), in_before=True, in_after=True),
    )
    assert [change.field for change in beside.changes] == ["where"]
    assert beside.answer is not None
    assert (after.sql or "").count("auto_sent") == 1
    assert "auto_sent" not in (beside.answer.sql or "")
    assert "+      tickets.drafted_at IS NOT NULL AND NOT tickets.auto_sent) AS resolved," in beside.sql_diff


def test_nothing_changed_is_one_statement_and_one_number(desk: Catalog) -> None:
    """Rows that come in between the two runs are no difference of the definition."""
    _, _, beside = compared(desk, desk, one(Decimal("91.8")), one(Decimal("91.9")))
    assert (beside.outcome, beside.changes, beside.sql_diff) == (Outcome.SAME, (), ())
    assert beside.sides[0].difference == 0


def test_a_metric_or_a_split_that_was_not_there(desk: Catalog, content: Path) -> None:
    edited(content, "business/metrics.json", lambda data: data.update(metrics=data["metrics"][:3]))
    edited(content, "business/dimensions.json", lambda data: data["dimensions"].pop(1))
    before = load_catalog(content)
    assert compared(before, desk, one(Decimal("91.8")))[2].missing == ("metric", "resolution_rate")
    split = ResultSet((ResultColumn("country", "text"), ResultColumn("tickets", "integer")), (("US", 3),), False, 1.0)
    told = compared(before, desk, split, by=["country"], name="tickets")[2]
    assert (told.outcome, told.missing) == (Outcome.ABSENT, ("dimension", "country"))


def test_earlier_content_that_does_not_run_leaves_todays_value(desk: Catalog, narrower: Catalog) -> None:
    failure = QueryFailed("the database reported: column tickets.gone does not exist")
    _, after, beside = compared(desk, narrower, one(Decimal("67.9")), failure)
    assert after.rows == ((Decimal("67.9"),),)
    assert beside.outcome is Outcome.BROKEN
    assert "column tickets.gone does not exist" in beside.reasons[0]


def test_a_column_that_is_personal_today_is_not_read_by_earlier_content(desk: Catalog, content: Path) -> None:
    def once_open(data: dict) -> None:
        data["columns"][1].pop("personal")

    def by_email(data: dict) -> None:
        data["dimensions"][1]["column"] = "customers.email"

    edited(content, "tables/customers.json", once_open)
    edited(content, "business/dimensions.json", by_email)
    split = ResultSet((ResultColumn("country", "text"), ResultColumn("tickets", "integer")), (("US", 3),), False, 1.0)
    _, _, beside = compared(load_catalog(content), desk, split, by=["country"], name="tickets")
    assert beside.outcome is Outcome.BROKEN
    assert "email" in beside.reasons[0]


# Git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose content folder is a subfolder: first empty, then the desk's, then broken, then narrowed."""
    folder = tmp_path / "repository"
    content = folder / "analytics" / "content"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.email", "dana@example.com")
    git(folder, "config", "user.name", "Dana")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=empty")
    shutil.copytree(DESK, content)
    (folder / ".gitattributes").write_text("*.json export-ignore\n", encoding="utf-8")
    (content / "business" / "elsewhere.json").symlink_to("/etc/hostname")
    commit(folder, "desk")
    edited(content, "business/metrics.json", metric("resolved", since="1.0"))
    edited(content, "business/metrics.json", metric("tickets", kind="tally"))
    commit(folder, "broken")
    edited(content, "business/metrics.json", metric("resolved", since=None, where="auto_sent"))
    edited(content, "business/metrics.json", metric("tickets", kind="count"))
    commit(folder, "narrowed")
    return folder


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


def commit(folder: Path, tag: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", f"--message={tag}")
    git(folder, "tag", tag)


def test_content_of_a_revision_in_a_subfolder(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    content = repository / "analytics" / "content"
    at_desk, narrowed = past_content(content, "desk"), past_content(content, "HEAD")
    assert at_desk.catalog is not None
    assert narrowed.catalog is not None
    assert at_desk.catalog.metrics == load_catalog(DESK).metrics
    assert narrowed.catalog.metrics["resolved"].where == "auto_sent"
    assert at_desk.name == f"desk ({at_desk.commit[:10]})"
    assert past_content(content, at_desk.commit[:12]).name == at_desk.commit[:10]
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_working_copy_is_not_what_is_read(repository: Path) -> None:
    content = repository / "analytics" / "content"
    edited(content, "business/metrics.json", metric("resolved", where="NOT auto_sent"))
    shutil.rmtree(content / "tables")
    found = past_content(content, "HEAD").catalog
    assert found is not None
    assert found.metrics["resolved"].where == "auto_sent"


def test_a_folder_that_was_not_there_and_broken_files_are_told(repository: Path) -> None:
    content = repository / "analytics" / "content"
    empty = past_content(content, "HEAD~3")
    assert empty.catalog is None
    assert [str(problem) for problem in empty.problems] == ["analytics/content/tables: the revision has no such folder"]
    broken = past_content(content, "broken")
    assert broken.catalog is None
    told = "\n".join(map(str, broken.problems))
    assert "business/metrics.json" in told
    assert "since" in told
    assert "tally" in told
    assert tempfile.gettempdir() not in told


@pytest.mark.parametrize(
    "revision", ["nowhere", "", "--all", "-h", "^HEAD", "HEAD..desk", "HEAD:analytics", "a\0b", "desk; ls", "$(ls)"]
)
def test_what_is_no_revision(revision: str, repository: Path) -> None:
    with pytest.raises(WrongUse, match="git knows no revision"):
        past_content(repository / "analytics" / "content", revision)


def test_a_shallow_clone_says_so(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")
    content = tmp_path / "shallow" / "analytics" / "content"
    assert past_content(content, "HEAD").catalog is not None
    with pytest.raises(WrongUse, match="shallow"):
        past_content(content, "HEAD~1")


def test_a_folder_in_no_repository(content: Path) -> None:
    with pytest.raises(WrongUse, match="is in no git repository"):
        past_content(content, "HEAD")


# The command


@pytest.fixture
def nowhere(content: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The desk's content, and a data folder that nothing may be made in."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)
    monkeypatch.chdir(content.parent)
    monkeypatch.setenv("DASH_CONTENT_DIR", str(content))
    monkeypatch.setenv("DASH_DATA_DIR", str(content.parent / "data"))
    return content.parent


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["metric"], 2, "NAME"),
        (["metric", "резолюшен"], 2, "did you mean 'resolution_rate'?"),
        (["metric", "resolved", "--by", "carrier"], 2, "can be split by channel, country"),
        (["metric", "resolved", "--period", "someday"], 2, "write it like 'last month'"),
        (["metric", "resolved", "--now", "junk"], 2, "write it like 2026-11-20"),
        (["metric", "resolved", "--as", "nobody@example.com"], 2, "there is no user 'nobody@example.com'"),
        (["metric", "resolved", "--against", "HEAD"], 2, "is in no git repository"),
    ],
)
def test_wrong_use_is_told_before_a_database_is_started(
    arguments: list[str], code: int, says: str, nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert says.lower() in told.err.lower()
    assert told.err.count("\n") == 1
    assert not (nowhere / "data").exists()


def test_without_git(nowhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", str(nowhere / "empty"))
    assert run(["metric", "resolved", "--against", "HEAD"]) == 3
    assert "git is not installed" in capsys.readouterr().err


# What is printed


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", [80, 120])
def test_the_text_is_as_it_was_read(language: str, width: int, desk: Catalog, narrower: Catalog) -> None:
    answers = FakeAnswers()
    dash = dash_on(narrower, answers, one(Decimal("67.9")), one(Decimal("91.8")))
    asker = Asker(ADMIN, NOW, language)
    asked = wanted(narrower, "resolution_rate", (), "октябрь", Calendar(NOW, ZONE), alone=False)
    after = answered(dash, narrower, asked.plan, asker)
    beside = against(dash, asked.plan, after, past(desk), asker)
    printed = StringIO()
    console = Console(file=printed, width=width, markup=False, highlight=False, emoji=False, color_system=None)
    print_preview(asked, after, beside, console, dash.wording(language))
    golden = CASES / "metric" / f"{language}_{width}.txt"
    assert _without_blanks(printed.getvalue()) == golden.read_text(encoding="utf-8")
    assert max(map(len, printed.getvalue().splitlines())) <= width or "CAST" in printed.getvalue()


def _without_blanks(text: str) -> str:
    """rich fills the lines of tables with blanks, which editors take away from a golden file."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def test_the_object_for_programs(desk: Catalog, narrower: Catalog) -> None:
    asked, after, beside = compared(desk, narrower, one(Decimal("67.9")), one(Decimal("91.8")))
    told = json.loads(json.dumps(preview_json(asked, after, beside)))
    assert told["name"] == "resolution_rate"
    assert told["definition"]["numerator"] == "resolved"
    assert [part["name"] for part in told["definition"]["parts"]] == ["resolved", "answered"]
    assert told["definition"]["dimensions"] == ["channel", "country"]
    assert told["rows"] == [[67.9]]
    assert told["period"]["start"] == "2026-10-22T00:00:00+03:00"
    assert told["against"]["outcome"] == "changed"
    assert told["against"]["changes"] == [
        {
            "of": "metric",
            "name": "resolved",
            "field": "where",
            "from": "drafted_at IS NOT NULL",
            "to": "drafted_at IS NOT NULL AND NOT auto_sent",
        }
    ]
    assert told["before"]["rows"] == [[91.8]]
    assert told["after"]["rows"] == told["rows"]
    alone = preview_json(asked, after, None)
    assert (alone["against"], alone["before"], alone["after"]) == (None, None, None)


def test_the_page_has_every_metric_dimension_and_constant(desk: Catalog) -> None:
    told = page(desk)
    for name in (*desk.metrics, *desk.dimensions):
        assert f"\n### {name}\n" in told
    assert "| stuck_hours | 24 | hours |" in told
    assert "  - Resolved (resolved): rows where drafted\\_at" not in told
    assert "  - Resolved (resolved): rows where drafted_at IS NOT NULL" in told
    assert "updated_at \\< :now" in told
