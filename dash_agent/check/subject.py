"""What the rules look at: the files as far as they could be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from sqlglot import exp

from dash_agent.check.compiled import Compiled, Compiling
from dash_agent.check.database import Live
from dash_agent.check.sound import sound_catalog
from dash_agent.check.statements import Statement
from dash_agent.context.access import AccessFile, meant_as_access, read_access
from dash_agent.context.business import Counted, Metric, RatioMetric
from dash_agent.context.content import METRICS, Content, read_content
from dash_agent.context.documents import FOLDERS, Document, read_documents
from dash_agent.context.names import cross_problems
from dash_agent.context.patterns import Pattern
from dash_agent.context.strays import ACCESS, BUSINESS, content_files, nearest_name, unread_files
from dash_agent.context.tables import Table
from dash_agent.errors import ContentError, Problem
from dash_agent.planning.parser import Parser
from dash_agent.semantic.expressions import Mistake, Part, mistakes, parsed, parts
from dash_agent.semantic.model import SemanticModel
from dash_agent.semantic.time import Calendar


@dataclass(frozen=True, slots=True)
class Expression:
    """A metric's SQL over the rows of its table. tree: None where it is no value of a row; `mistakes` say why."""

    metric: Counted
    place: str
    table: Table
    part: Part
    tree: exp.Expr | None
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True)
class Subject:
    """read_problems: of reading the files and looking up their names, at places as the files count them.

    files: how many there are.

    live: None where only the files are looked at.
    """

    root: Path
    content: Content
    documents: Sequence[Document]
    access: AccessFile
    read_problems: Sequence[Problem]
    files: int
    calendar: Calendar
    live: Live | None

    @cached_property
    def model(self) -> SemanticModel | None:
        """Of everything that holds together, None where nothing does."""
        metrics = {expression.metric.name for expression in self.expressions if expression.mistakes}
        catalog = sound_catalog(self.content, metrics, {t for t, s in self.derived.items() if s.select is None})
        try:
            return SemanticModel(catalog) if catalog is not None else None
        except ContentError:
            return None

    @cached_property
    def live_values(self) -> Mapping[str, tuple[str, ...]]:
        """By dimension; {} without a database."""
        return self.live.values(self.model.catalog) if self.live is not None and self.model is not None else {}

    @cached_property
    def compiled(self) -> tuple[Compiled, ...]:
        if self.model is None:
            return ()
        lines = {name: statement.first_line for name, statement in self.statements.items()}
        return tuple(Compiling(self.content, self.model, self.calendar, lines).all())

    @cached_property
    def parser(self) -> Parser | None:
        return Parser(self.model, self.live_values) if self.model is not None else None

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """Of every metric whose table could be read; what is over a part that could not is left out."""
        return tuple(self._expressions())

    def _expressions(self) -> Iterator[Expression]:
        constants = [constant.name for constant in self.content.constants]
        for place, metric in self.metrics:
            table = None if isinstance(metric, RatioMetric) else self.content.tables.get(metric.table)
            if table is None or isinstance(metric, RatioMetric):
                continue
            for part in parts(metric):
                tree = parsed(part.sql)
                if isinstance(tree, Mistake):
                    yield Expression(metric, f"{place}.{part.key}", table, part, None, (tree,))
                elif not self._rests_on_unread(tree, table):
                    found = tuple(dict.fromkeys(mistakes(tree, table, constants)))
                    yield Expression(metric, f"{place}.{part.key}", table, part, None if found else tree, found)

    def _rests_on_unread(self, tree: exp.Expr, table: Table) -> bool:
        columns = (column.name for column in tree.find_all(exp.Column))
        constants = (placeholder.name for placeholder in tree.find_all(exp.Placeholder))
        return any(self.content.is_unsure_column(table.table, name) for name in columns) or any(
            self.content.is_unsure("constant", name) for name in constants if name != "now"
        )

    @cached_property
    def derived(self) -> Mapping[str, Statement]:
        """By derived table."""
        found = ((file, table) for file, table in self.tables if table.query is not None)
        return {table.table: Statement(file, "query", table.query or "", self.content) for file, table in found}

    @cached_property
    def statements(self) -> Mapping[str, Statement]:
        """By pattern."""
        return {name: self._statement(pattern) for name, pattern in self.content.patterns.items()}

    def _statement(self, pattern: Pattern) -> Statement:
        text = (self.root / pattern.file).read_text(encoding="utf-8-sig")
        line = text.count("\n", 0, text.find(pattern.sql, text.find("*/"))) + 1
        return Statement(pattern.file, f"line {line}", pattern.sql, self.content, line)

    @cached_property
    def told(self) -> tuple[Problem, ...]:
        """What reading found, of files, names, expressions and statements, at places as the files count them."""
        found = list(self.read_problems)
        for expression in self.expressions:
            problems = (Problem(METRICS, expression.place, m.message, rule=m.rule) for m in expression.mistakes)
            found += map(self.content.placed, problems)
        for statement in (*self.derived.values(), *self.statements.values()):
            found += statement.problems()
        return tuple(found)

    @property
    def metrics(self) -> Iterator[tuple[str, Metric]]:
        """With their places."""
        return ((f"metrics[{index}]", metric) for index, metric in enumerate(self.content.metrics))

    @property
    def tables(self) -> Iterator[tuple[str, Table]]:
        """With their files."""
        return ((self.content.table_files[name], table) for name, table in self.content.tables.items())

    @cached_property
    def metrics_by_name(self) -> Mapping[str, Metric]:
        return {metric.name: metric for metric in self.content.metrics}


def read_subject(root: Path, calendar: Calendar, live: Live | None) -> Subject:
    """Raises ContentError where there is no content folder."""
    content = read_content(root)
    documents, document_problems = read_documents(root)
    access = read_access(root)
    content = replace(content, dropped={**content.dropped, ACCESS: access.dropped})
    crossed = map(content.placed, cross_problems(content))
    found = [*content.problems, *crossed, *document_problems, *access.problems, *_strays(root)]
    files = sum(1 for _ in (*content_files(root), *(root / "knowledge").glob("*/*.md")))
    return Subject(root, content, documents, access.value or AccessFile(), found, files, calendar, live)


def _strays(root: Path) -> Iterator[Problem]:
    """Files where nobody reads them, or under a name that nobody reads."""
    told = meant_as_access(root)
    for file in unread_files(root):
        if file not in told:
            yield Problem(file, "", _unread(root, file), rule="unread-file")
    for path in sorted((root / "knowledge").rglob("*.md")):
        if path.parent.parent != root / "knowledge":
            known = ", ".join(f"knowledge/{folder}/" for folder in FOLDERS)
            message = f"nothing reads a document that lies here; these folders are read: {known}"
            yield Problem(path.relative_to(root).as_posix(), "", message, rule="file-name")


def _unread(root: Path, file: str) -> str:
    meant = nearest_name(file)
    if meant is None:
        return f"nothing reads this file; these are read: {', '.join(BUSINESS)}"
    way_out = f"'{meant}' is read" if (root / meant).is_file() else f"did you mean '{meant}'?"
    return f"nothing reads this file; {way_out}"
