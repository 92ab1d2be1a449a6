"""Guard and planning: no database."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil

from dash_agent.adapters.embeddings import SentenceEncoder
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.models.plan import Plan
from dash_agent.planning import chain
from dash_agent.planning.parser import Parser
from dash_agent.planning.tokens import language_of
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar
from dash_agent.settings import load_settings
from dash_agent.sql.guard import GuardSchema, Moment, judge
from tests.bench.data import NOW
from tests.bench.figures import CASES, Limits, Report, every_question, lines, milliseconds

ROUNDS = 5
LIMITS = Limits(median=15, p95=40)
MEMORY_MB = 300
ZONE = "Asia/Jerusalem"
LAY_OUT = """
import sys
from pathlib import Path
from dash_agent.adapters.embeddings import SentenceEncoder
SentenceEncoder(Path(sys.argv[1])).embed([""])
"""


def bench_guard(report: Report) -> None:
    columns = json.loads((CASES / "guard_columns.json").read_text(encoding="utf-8"))
    schema = GuardSchema({table: frozenset(names) for table, names in columns.items()})
    moment = Moment(datetime.fromisoformat(NOW), ZONE)
    for name in ("guard_legit.jsonl", "guard_attacks.jsonl"):
        statements = [str(line["sql"]) for line in lines(name)] * ROUNDS
        report.show(name, [milliseconds(partial(judge, sql, schema, moment)) for sql in statements])


def bench_planning(report: Report) -> None:
    catalog = load_catalog(load_settings().content_dir)
    live = json.loads((CASES / "live_values.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        _lay_out(folder)
        _planning(report, catalog, live, SentenceEncoder(Path(folder)))


def _lay_out(folder: str) -> None:
    """Weights on disk, as every process but an installation's first finds them."""
    subprocess.run([sys.executable, "-c", LAY_OUT, folder], check=True)


def _planning(report: Report, catalog: Catalog, live: Mapping[str, Sequence[str]], encoder: SentenceEncoder) -> None:
    model = SemanticModel(catalog)
    parsers: list[Parser] = []
    report.show("lexicon, nothing kept", [milliseconds(lambda: parsers.append(Parser(model, live, encoder)))])
    parser = parsers[0]
    calendar = Calendar(datetime.fromisoformat(NOW), ZoneInfo(ZONE))
    taken: list[tuple[float, str]] = []
    for conversation in every_question():
        previous: Plan | None = None
        for question in conversation:
            language = language_of(question, "en")
            made: list[Plan] = []
            ms = milliseconds(lambda: made.append(chain.plan(question, parser, calendar, previous, language)))  # noqa: B023
            previous = made[0]
            taken.append((ms, question))
    report.show("planning", [ms for ms, _ in taken], LIMITS, worst=max(taken)[1])
    process = psutil.Process()
    report.single("memory, all planned", process.memory_info().rss / 1e6, None, "MB")
    report.show("the embedder's first", [milliseconds(lambda: encoder.embed(["a tie"]))])
    report.show("a vector", [milliseconds(partial(encoder.embed, [question])) for _, question in taken[:100]])
    # Two patterns that tie are told apart by meaning: the most that planning ever holds.
    report.single("memory with the embedder", process.memory_info().rss / 1e6, MEMORY_MB, "MB")
