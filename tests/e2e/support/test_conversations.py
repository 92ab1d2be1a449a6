"""Whole conversations, judged by what is in the database at their end and by the facts that were told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from dash_agent.adapters.embeddings import SentenceEncoder
from support_agent.wiring import Office, World, open_office
from tests.e2e.databases import Database
from tests.e2e.support.scripts import Script, filled, held, pass_hat_k, scripts, wrongs
from tests.support_desk import Shop

SCRIPTS = list(scripts())
LEAST_PARAPHRASES = 3
ENCODER = SentenceEncoder()


class WithEncoder(Shop):
    def opened(self) -> Office:
        return open_office(World(self.connections, self.clock, ENCODER, self.folder, self.settings, self.support))


@pytest.fixture(scope="module")
def talked(fresh_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """With the encoder, as an installation has it."""
    made = WithEncoder(fresh_database(), tmp_path_factory.mktemp("talked"))
    made.office.warm()
    yield made
    made.connections.close()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_conversation_in_all_its_wordings(script: Script, talked: Shop) -> None:
    assert len(script.opening) >= LEAST_PARAPHRASES
    told_wrong = []
    for opening in script.opening:
        who = filled(talked, script)
        told = held(talked, script, opening, who)
        found = list(wrongs(talked, script, told, who, told.thread))
        if found:
            told_wrong.append("\n".join((*found, told.transcript())))
        elif os.environ.get("TRANSCRIPTS"):
            print(f"\n== {script.name}\n{told.transcript()}")
    passed = len(script.opening) - len(told_wrong)
    rate = pass_hat_k(passed, len(script.opening), len(script.opening))
    assert rate == 1, "\n\n".join(told_wrong)


def test_every_category_is_talked_through_in_both_languages() -> None:
    categories = {script.category for script in SCRIPTS if script.language == "en"}
    assert len(categories) == 10
    assert {script.category for script in SCRIPTS if script.language == "ru"} == categories
