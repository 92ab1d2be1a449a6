"""`business/digests/*.json`: what is told again and again, when, to whom and of which rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, Literal, Protocol

from pydantic import Field

from dash_agent.context.files import FileModel, LocalText, nearest
from dash_agent.models.principal import ScopeFilter
from dash_agent.models.query import Grain

DIGESTS: Final = "business/digests"

PeriodName = Literal[
    "today",
    "yesterday",
    "last_7_full_days",
    "last_30_days",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
    "this_quarter",
    "last_quarter",
]
Language = Literal["en", "ru"]
SectionKind = Literal[
    "metrics", "movers", "funnel", "stuck", "ai_and_people", "cost", "readiness", "approvals", "question"
]


class Rows(FileModel):
    """Rows whose `dimension` has one of `values`."""

    dimension: str
    """A name of dimensions.json."""
    values: list[str] = Field(min_length=1)
    """As they are stored."""


class Reader(FileModel):
    """How somebody reads a digest."""

    language: Language = "en"
    """Of the whole digest."""
    scope: list[Rows] = []
    """The rows that are counted: all of these hold. Without it, every row."""


class Chat(Reader):
    """A chat of Telegram."""

    chat: str = Field(min_length=1)
    """A name of TELEGRAM_CHAT_IDS, or an id such as '-1001234567890' or '@channel'."""


class Mailbox(Reader):
    """Somebody's mail."""

    to: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    """An address."""


class Folder(Reader):
    """A folder of DASH_DATA_DIR/digests, with a page and its pictures for each period."""

    folder: str = Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")
    """Its name."""


class Audience(FileModel):
    """Who gets it. Each chat, address and folder once."""

    telegram: list[Chat] = []
    """Chats."""
    mail: list[Mailbox] = []
    """Addresses."""
    file: list[Folder] = []
    """Folders."""


class Addressed(Protocol):
    """What has an audience: a digest, an alert."""

    @property
    def audience(self) -> Audience: ...


class Section(FileModel):
    """A part of a digest, under a title."""

    kind: SectionKind
    """What it tells. `metrics` and `question` say which by the keys of those names."""
    title: LocalText = {}
    """By language; the kind's own otherwise."""
    metrics: list[str] = []
    """Of `metrics` and `movers` (those of the board otherwise), and what `ai_and_people`, `cost` and `approvals` tell
    in place of their own."""
    question: LocalText = {}
    """Of `question`: by language, in the words in which it would be asked."""


class Picture(FileModel):
    """A chart that goes with it, where there is a browser to draw it."""

    metrics: list[str] = []
    """What is drawn; without any it is the funnel of the period."""
    by: str | None = None
    """A dimension, or a bucket of time: 'hour', 'day', 'week', 'month', 'quarter', 'weekday', 'hour_of_day'."""
    period: PeriodName | None = None
    """Where it is not the digest's own."""
    title: LocalText = {}
    """By language; the metrics' labels otherwise."""


class Digest(FileModel):
    """What is told again and again."""

    schema_: str | None = Field(default=None, alias="$schema")
    """The file's JSON Schema, for editors."""
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,59}$")
    """As the file is called."""
    title: LocalText
    """Its headline, by language."""
    schedule: str
    """When it is due: five fields of cron, in the business time zone."""
    period: PeriodName
    """What it is about, as of when it is due."""
    audience: Audience = Audience()
    """Who gets it, and how."""
    sections: list[Section] = Field(min_length=1)
    """In the order in which they are told."""
    charts: list[Picture] = Field(default=[], max_length=10)
    """Ten at most: an album holds no more."""
    skip_unchanged: bool = False
    """Whether it is left out where every number is what it was the last time."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """All that it names, each once."""
        told = [name for section in self.sections for name in section.metrics]
        drawn = [name for chart in self.charts for name in chart.metrics]
        return tuple(dict.fromkeys((*told, *drawn)))


Wrong = tuple[str, str, str]
"""Place, message and rule."""


def problems(digest: Digest, metrics: Collection[str], dimensions: Collection[str]) -> Iterator[Wrong]:
    """Names that are not there, parts that say nothing, and whoever would get it twice."""
    named = [(f"sections[{index}]", section.metrics) for index, section in enumerate(digest.sections)]
    named += [(f"charts[{index}]", chart.metrics) for index, chart in enumerate(digest.charts)]
    for place, names in named:
        for position, name in enumerate(names):
            if name not in metrics:
                said = f"there is no metric '{name}'{nearest(name, list(metrics))}"
                yield f"{place}.metrics[{position}]", said, "unknown-name"
    for index, chart in enumerate(digest.charts):
        known = [*map(str, Grain), *dimensions]
        if chart.by is not None and chart.by not in known:
            said = f"there is no dimension or bucket of time '{chart.by}'{nearest(chart.by, known)}"
            yield f"charts[{index}].by", said, "unknown-name"
        if chart.metrics and chart.by is None:
            yield f"charts[{index}]", "say 'by' what it is drawn: a bucket of time or a dimension", "digest-part"
    yield from _empty_sections(digest)
    for place, reader in readers(digest):
        for index, rows in enumerate(reader.scope):
            if rows.dimension not in dimensions:
                said = f"there is no dimension '{rows.dimension}'{nearest(rows.dimension, list(dimensions))}"
                yield f"{place}.scope[{index}].dimension", said, "unknown-name"
    yield from twice(digest)


def _empty_sections(digest: Digest) -> Iterator[Wrong]:
    for index, section in enumerate(digest.sections):
        if section.kind == "metrics" and not section.metrics:
            yield f"sections[{index}]", "name the 'metrics' that it tells", "digest-part"
        if section.kind == "question" and not section.question:
            yield f"sections[{index}]", "give the 'question', by language", "digest-part"
        if section.question and section.kind != "question":
            yield f"sections[{index}].question", f"a section of kind '{section.kind}' asks none", "digest-part"


def twice(told: Addressed) -> Iterator[Wrong]:
    """Whoever gets it already."""
    seen = set[tuple[str, str]]()
    for place, reader in readers(told):
        key = address(reader)
        if key in seen:
            yield place, f"'{key[1]}' gets it already; leave one", "duplicate-name"
        seen.add(key)


def readers(told: Addressed) -> Iterator[tuple[str, Chat | Mailbox | Folder]]:
    """Everybody who gets it, with their places in the file."""
    for index, chat in enumerate(told.audience.telegram):
        yield f"audience.telegram[{index}]", chat
    for index, mailbox in enumerate(told.audience.mail):
        yield f"audience.mail[{index}]", mailbox
    for index, folder in enumerate(told.audience.file):
        yield f"audience.file[{index}]", folder


def address(reader: Chat | Mailbox | Folder) -> tuple[str, str]:
    """Channel and address."""
    match reader:
        case Chat():
            return "telegram", reader.chat
        case Mailbox():
            return "mail", reader.to.strip().lower()
        case Folder():
            return "file", reader.folder


def scope_of(reader: Reader) -> tuple[ScopeFilter, ...]:
    """As `context.access` has a person's."""
    made = (ScopeFilter(rows.dimension, tuple(sorted(rows.values))) for rows in reader.scope)
    return tuple(sorted(made, key=repr))
