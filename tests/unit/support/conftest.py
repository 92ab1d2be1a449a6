"""What the tests of the support agent share: an encoder that is loaded once for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dash_agent.adapters.embeddings import SentenceEncoder
from support_agent.guardrails import REPLIES, Likeness

CATEGORY_PAGES = sorted((Path(__file__).parents[3] / "knowledge" / "categories").glob("*.md"))


@pytest.fixture(scope="session")
def shop_examples() -> list[str]:
    pages = [yaml.safe_load(page.read_text("utf-8").split("---")[1]) for page in CATEGORY_PAGES]
    return [text for page in pages for language, some in page["examples"].items() if language != "he" for text in some]


@pytest.fixture(scope="session")
def likeness() -> Likeness:
    return Likeness(SentenceEncoder())


@pytest.fixture(scope="session")
def bad_replies() -> Likeness:
    return Likeness(SentenceEncoder(), REPLIES)
