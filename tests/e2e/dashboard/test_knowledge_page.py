"""Knowledge: what the files say, what of it is used, what was not answered, and decisions on what was learned."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from dash_agent.models.learning import Reach
from dash_agent.models.principal import Principal, Role
from dashboard.opened import House
from tests.conftest import ROOT
from tests.e2e.dashboard.conftest import Look, looking, texts
from tests.e2e.dashboard.houses import drop, housed
from tests.e2e.databases import Database

ANALYST = "anton@example.com"
VIEWER = "vera@example.com"
MANAGER = "maria@example.com"
BOOTS = '"boots" means WhatsApp'


@dataclass(frozen=True)
class Own:
    """A house on a database of this module's own, and hand-written SQL on it."""

    house: House
    database: Database

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database.owner) as connection:
            return connection.execute(statement.encode(), values or None).fetchall()

    def teach(self, sentence: str, user: str = VIEWER, role: Role = Role.VIEWER, reach: Reach = Reach.ALL) -> str:
        return self.house.running.lessons.teach(sentence, Principal(user, role), reach).learning_id


@pytest.fixture(scope="module")
def database(fresh_database: Callable[[], Database]) -> Database:
    return fresh_database()


@pytest.fixture
def own(database: Database, tmp_path: Path) -> Iterator[Own]:
    with housed(database, tmp_path) as house:
        yield Own(house, database)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("TRUNCATE app.learnings, app.learning_decisions, app.feedback, app.answers CASCADE")


def sections(test: AppTest) -> list[str]:
    return list(test.get("button_group")[0].options)


def pills(test: AppTest) -> list[str]:
    """The second group of buttons: what a section is narrowed by."""
    return list(test.get("button_group")[1].options)


def entries(test: AppTest) -> list[str]:
    return [expander.label for expander in test.expander]


def click(test: AppTest, key: str) -> AppTest:
    return next(button for button in test.button if button.key == key).click().run()


# The catalogue


def test_every_entry_of_the_files_is_counted(look: Look) -> None:
    def listed(file: str, key: str) -> int:
        return len(json.loads((ROOT / "business" / file).read_text(encoding="utf-8"))[key])

    rules = listed("rules.json", "constants") + listed("rules.json", "bundles")
    assert pills(look("knowledge")) == [
        f"Metrics ({listed('metrics.json', 'metrics')})",
        f"Dimensions ({listed('dimensions.json', 'dimensions')})",
        f"Tables ({len(list((ROOT / 'tables').glob('*.json')))})",
        f"Patterns ({len(list((ROOT / 'queries').glob('*.sql')))})",
        f"Values ({listed('values.json', 'values')})",
        f"Rules ({rules})",
        f"Documents ({len(list((ROOT / 'knowledge').glob('*/*.md')))})",
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("csat", "CSAT · `csat`"),
        ("удовлетворённость", "CSAT · `csat`"),
        ("draft_created_at set", "Resolved · `resolved`"),
        ("queries/error_matrix.sql", "AI errors: type by category · `error_matrix`"),
        ("tables/shipments.json", "Shipments · `shipments`"),
    ],
)
def test_the_search_reads_names_words_definitions_and_files(look: Look, words: str, found: str) -> None:
    test = look("knowledge", find=words)
    assert found in entries(test)


def test_the_search_finds_nothing(look: Look) -> None:
    test = look("knowledge", find="csat frobnicator")
    assert "Nothing holds all of these words." in texts(test)
    assert not entries(test)


def test_an_entry_says_all_the_file_says(look: Look) -> None:
    (metric,) = [
        one
        for one in json.loads((ROOT / "business/metrics.json").read_text(encoding="utf-8"))["metrics"]
        if one["name"] == "identified"
    ]
    test = look("knowledge", find="identified customer_id is set known")
    shown = texts(test).replace("\\", "").replace("\u2060", "")
    assert metric["description"] in shown
    assert metric["synonyms"]["en"][0] in shown
    assert metric["synonyms"]["ru"][0] in shown
    assert "File: `business/metrics.json`" in shown


@pytest.mark.parametrize(("user", "sees"), [(VIEWER, False), (MANAGER, False), (ANALYST, True), ("admin", True)])
def test_sql_is_for_those_who_see_sql(look: Look, user: str, sees: bool) -> None:
    test = look("knowledge", user=user, language="en", find="auto_sent no person's review")
    assert "Auto-sent · `auto_sent`" in entries(test)
    assert any("FROM support_threads_data WHERE auto_sent" in code.value for code in test.code) == sees


def test_columns_of_a_table_with_the_personal_ones_marked(look: Look) -> None:
    columns = json.loads((ROOT / "tables/customers.json").read_text(encoding="utf-8"))["columns"]
    test = look("knowledge", find="tables/customers.json")
    frame = test.dataframe[0].value
    assert list(frame["name"]) == [column["name"] for column in columns]
    assert set(frame[frame["personal"]]["name"]) == {"full_name", "email"}


@pytest.mark.parametrize(("language", "question"), [("en", "Tickets"), ("ru", "Тикеты")])
def test_a_click_asks_an_example(own: Own, language: str, question: str) -> None:
    click(looking("knowledge", language=language), "ask-metric-tickets-0")
    assert own.sql("SELECT question, answer ->> 'status' FROM app.answers WHERE question IS NOT NULL") == [
        (question, "answered")
    ]


def test_a_pattern_has_the_questions_of_its_file(look: Look) -> None:
    test = look("knowledge", language="ru", find="queries/ready_for_auto_send.sql")
    said = [button.label for button in test.button if str(button.key).startswith("ask-pattern-ready_for_auto_send")]
    assert "Спросить: Какие категории готовы к auto-send? Покажи данные" in [label.replace("\\", "") for label in said]


def test_more_of_a_long_list(look: Look) -> None:
    test = look("knowledge")
    assert len(entries(test)) == 20
    more = next(button for button in test.button if button.label.startswith("Show more"))
    assert len(entries(more.click().run())) == 40


def test_in_russian(look: Look) -> None:
    test = look("knowledge", language="ru", find="csat")
    assert sections(test) == ["Что система знает", "Что используется", "Без ответа", "Выученное", "Проверка"]
    assert pills(test)[0].startswith("Метрики (")


# What is used


def test_uses_are_those_of_hand_written_sql(own: Own) -> None:
    dash = own.house.running.dash
    for question in ("tickets by channel", "tickets", "What is the NPS?"):
        dash.ask(question, Principal(VIEWER, Role.VIEWER))
    expected = own.sql("""
        SELECT s ->> 'name', count(*) FROM app.answers, jsonb_array_elements(answer -> 'sources') AS s
        WHERE question IS NOT NULL GROUP BY s ->> 'layer', 1""")
    frame = looking("knowledge", section="uses").dataframe[0].value
    assert sorted(frame["asked"]) == sorted(count for _, count in expected)
    assert {("Metrics", "Tickets", 2), ("Dimensions", "Channel", 1)} <= set(
        zip(frame["kind"], frame["name"], frame["asked"], strict=True)
    )


def test_nothing_was_asked_yet(own: Own) -> None:
    for section, said in (
        ("uses", "The counts come with the first questions."),
        ("unanswered", "Every question of this period was answered."),
        ("learnings", "Nothing waits for review."),
        ("check", "Nothing was checked in this session yet."),
    ):
        test = looking("knowledge", section=section)
        assert not test.exception
        assert said in texts(test), section


# What was not answered


@pytest.fixture
def missed(own: Own) -> Own:
    dash = own.house.running.dash
    for question, user in (
        ("What is the NPS?", VIEWER),
        ("NPS by channel", MANAGER),
        ("frobnicator of anna@example.com", MANAGER),
        ("by channel", VIEWER),
        ("hello", VIEWER),
    ):
        dash.ask(question, Principal(user, Role.VIEWER))
    return own


def test_unanswered_questions_are_grouped_for_analysts(missed: Own) -> None:
    test = looking("knowledge", user=ANALYST, section="unanswered")
    shown = texts(test)
    assert "**“nps”**" in shown
    assert "2 questions · by 2 people" in shown
    assert "Understood, but incomplete" in shown
    assert "no metric was named" in shown
    assert "hello" not in shown


def test_others_see_their_own_questions_alone(missed: Own) -> None:
    for user, own_one, other in ((VIEWER, "What is the NPS?", "NPS by channel"), (MANAGER, "frobnicator", "What is")):
        shown = texts(looking("knowledge", user=user, language="en", section="unanswered"))
        assert own_one in shown
        assert other not in shown
        assert "people" not in shown.replace("by people", "")


def test_an_unanswered_question_is_asked_again(missed: Own) -> None:
    click(looking("knowledge", user=ANALYST, section="unanswered"), "again-0")
    asked = missed.sql('SELECT "user" FROM app.answers WHERE question = %s ORDER BY kept_at', "NPS by channel")
    assert asked == [(MANAGER,), (ANALYST,)]


def test_a_strange_word_is_taught(missed: Own) -> None:
    test = looking("knowledge", user=ANALYST, section="unanswered")
    titles = [element.value for element in test.markdown if element.value.startswith("**")]
    click(test, f"teach-{titles.index('**“frobnicator”**')}")
    (sentence,) = test.text_input
    assert sentence.value == '"frobnicator" means '
    sentence.input('"frobnicator" means CSAT')
    click_submit(test)
    assert missed.sql("SELECT author, status, words FROM app.learnings") == [
        (ANALYST, "proposed", '"frobnicator" means CSAT')
    ]
    assert "It waits for review now." in texts(test)


def click_submit(test: AppTest) -> None:
    next(button for button in test.button if button.label in ("Teach", "Научить")).click().run()


# Learnings


def test_an_approved_learning_is_in_force(own: Own) -> None:
    key = own.teach(BOOTS)
    test = looking("knowledge", user=ANALYST, section="learnings")
    shown = texts(test).replace("\u2060", "")
    assert "boots" in shown
    assert "by vera@example.com" in shown.replace("\\", "")
    click(test, f"approve-{key}")
    assert own.sql("SELECT status FROM app.learnings") == [("active",)]
    assert own.sql('SELECT "user", decision FROM app.learning_decisions ORDER BY decision_id') == [
        (VIEWER, "proposed"),
        (ANALYST, "approved"),
    ]
    assert "Approved" in texts(test)
    assert "boots" not in " ".join(element.value for element in test.markdown)


@pytest.mark.parametrize(("choice", "status"), [("reject", "rejected"), ("retire", "retired")])
def test_what_cannot_be_undone_is_asked_twice(own: Own, choice: str, status: str) -> None:
    key = own.teach(BOOTS)
    test = looking("knowledge", user=ANALYST, section="learnings")
    assert "can't be brought back" in texts(test)
    next(one for one in test.text_input if one.key == f"reason-{choice}-{key}").input("too short a word").run()
    assert own.sql("SELECT status FROM app.learnings") == [("proposed",)]
    click(test, f"sure-{choice}-{key}")
    assert own.sql("SELECT status FROM app.learnings") == [(status,)]
    assert own.sql("SELECT decision, reason FROM app.learning_decisions ORDER BY decision_id DESC LIMIT 1") == [
        (status, "too short a word")
    ]


def test_somebody_else_was_faster(own: Own) -> None:
    key = own.teach(BOOTS)
    test = looking("knowledge", user=ANALYST, section="learnings")
    review = own.house.running.lessons.review
    admin = Principal("nina@example.com", Role.ADMIN)
    review.reject(review.found(key, admin), admin)
    click(test, f"approve-{key}") if any(one.key == f"approve-{key}" for one in test.button) else test.run()
    assert own.sql("SELECT status FROM app.learnings") == [("rejected",)]


def test_a_promoted_learning_is_a_patch(own: Own) -> None:
    key = own.teach(BOOTS)
    test = click(looking("knowledge", user=ANALYST, section="learnings"), f"promote-{key}")
    (code,) = [one for one in test.code if one.language == "diff"]
    assert code.value.startswith("--- a/business/values.json\n+++ b/business/values.json\n")
    assert [line for line in code.value.splitlines() if line.startswith("+") and "boots" in line]
    assert [button.label for button in test.get("download_button")] == ["Download the patch"]
    assert own.sql("SELECT status FROM app.learnings") == [("proposed",)]
    assert "boots" not in (ROOT / "business/values.json").read_text(encoding="utf-8")


def test_what_has_no_place_in_the_files_says_so(own: Own) -> None:
    key = own.teach("note on CSAT: the survey was off on October 5")
    test = click(looking("knowledge", user=ANALYST, section="learnings"), f"promote-{key}")
    assert [error.value for error in test.error]
    assert not test.get("download_button")


def test_a_learning_without_effect_says_why(own: Own) -> None:
    own.teach(BOOTS)
    with psycopg.connect(own.database.owner, autocommit=True) as owner:
        owner.execute("""UPDATE app.learnings SET payload = jsonb_set(payload, '{phrasings}', '["email"]')""")
    test = looking("knowledge", user=ANALYST, section="learnings")
    assert [warning for warning in test.warning if "It has no effect now" in warning.value]


@pytest.mark.parametrize("user", [VIEWER, MANAGER])
def test_who_does_not_review_decides_nothing(own: Own, user: str) -> None:
    """They see what they taught, and nobody else's."""
    own.teach(BOOTS, user=user)
    own.teach('"pigeon" means telegram', user="paul@example.com")
    test = looking("knowledge", user=user, language="en", section="learnings")
    shown = texts(test)
    assert "boots" in shown
    assert "pigeon" not in shown
    keys = [str(button.key) for button in test.button]
    assert not [key for key in keys if key.startswith(("approve", "sure", "promote"))]


def test_teaching_for_oneself(own: Own) -> None:
    test = looking("knowledge", user=VIEWER, language="ru", section="learnings")
    (sentence,) = test.text_input
    sentence.input("«ботики» — это WhatsApp")
    reach = next(group for group in test.get("button_group") if group.key == "knowledge.reach")
    reach.set_value(Reach.USER)
    click_submit(test)
    assert own.sql("SELECT author, scope, owner, status FROM app.learnings") == [(VIEWER, "user", VIEWER, "active")]
    assert "Для вас действует с этой минуты." in texts(test)


def test_a_sentence_that_teaches_nothing(own: Own) -> None:
    test = looking("knowledge", user=ANALYST, section="learnings")
    test.text_input[0].input("the weather is fine")
    click_submit(test)
    assert not test.exception
    assert test.error
    assert own.sql("SELECT count(*) FROM app.learnings") == [(0,)]


def test_markdown_of_a_learning_stays_text(own: Own) -> None:
    own.teach("note on CSAT: **free** :red[now] $x$ <img src=x>")
    test = looking("knowledge", user=ANALYST, section="learnings")
    for kind in ("markdown", "caption"):
        for element in test.get(kind):
            assert "**free**" not in element.value
            assert ":red[" not in element.value
            assert "<img" not in element.value.replace("\\<img", "")


# The check, and what is in service


@pytest.mark.parametrize(("user", "sees"), [(VIEWER, False), (MANAGER, False), (ANALYST, True), ("admin", True)])
def test_the_check_is_for_analysts(look: Look, user: str, sees: bool) -> None:
    test = look("knowledge", user=user, language="en", section="check")
    assert ("Check" in sections(test)) == sees
    assert any(button.label == "Check now" for button in test.button) == sees


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("content")
    for name in ("tables", "business", "queries", "knowledge"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def test_a_broken_file_stays_out_of_service_and_is_told(database: Database, copied: Path, tmp_path: Path) -> None:
    """The file is broken while its former version is in service."""
    with housed(database, tmp_path, copied) as house:
        version = house.running.catalog.version
        path = copied / "business/targets.json"
        whole = path.read_text(encoding="utf-8")
        path.write_text(whole.replace('"metric": "csat"', '"metric": "csta"'), encoding="utf-8")
        line = next(n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if "csta" in text)
        assert not house.running.content.look()
        assert house.running.content.look()
        try:
            told = looking("knowledge")
            viewed = looking("knowledge", user=VIEWER, language="en")
            checked = looking("knowledge", user=ANALYST, section="check")
            next(group for group in checked.get("button_group") if group.key == "knowledge.against").set_value(
                "offline"
            )
            next(button for button in checked.button if button.label == "Check now").click().run(timeout=240)
        finally:
            path.write_text(whole, encoding="utf-8")
    for test in (told, viewed):
        (warning,) = test.warning
        assert f"`{version}`" in warning.value
    assert "csta" in texts(told).replace("\u2060", "")
    assert "csta" not in texts(viewed)
    assert not checked.exception
    shown = texts(checked)
    assert "##### `business/targets.json`" in shown
    assert f"line {line}" in shown
    assert "one error" in shown
    assert "'csta'" in shown


def test_the_database_is_gone(fresh_database: Callable[[], Database], tmp_path: Path) -> None:
    made = fresh_database()
    with housed(made, tmp_path):
        drop(made)
        shown = {section: looking("knowledge", section=section) for section in ("uses", "unanswered", "learnings")}
        catalogue = looking("knowledge", find="csat")
    for section, test in shown.items():
        assert not test.exception, section
        assert [title.value for title in test.title] == ["Knowledge"]
        assert len(test.error) == 1, section
    assert "CSAT · `csat`" in entries(catalogue)
