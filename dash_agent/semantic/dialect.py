"""What differs between database engines, as trees. The rest of `semantic` writes nothing that is one engine's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from sqlglot import exp

from dash_agent.models.query import Grain, Scalar


class Dialect(ABC):
    """Buckets, percentiles, instants, filtered aggregates and numbers of one engine. name: sqlglot's."""

    name: ClassVar[str]

    @abstractmethod
    def instant(self, moment: datetime) -> exp.Expr: ...

    @abstractmethod
    def day(self, value: date) -> exp.Expr: ...

    @abstractmethod
    def typed(self, tree: exp.Expr, type_name: str) -> exp.Expr:
        """`tree` as a PostgreSQL type of the content files: 'numeric', 'date', 'timestamptz', 'text[]' …"""

    @abstractmethod
    def scalar(self, value: Scalar) -> exp.Expr:
        """A value as a literal without a type of its own."""

    @abstractmethod
    def bucket(self, moment: exp.Expr, grain: Grain, zone: str) -> exp.Expr:
        """The bucket of an instant in a zone: a date, an hour's local timestamp, or a small integer."""

    @abstractmethod
    def steps(self, first: exp.Expr, last: exp.Expr, grain: Grain, column: str) -> exp.Expr:
        """A relation with one column: `first` and what follows at the grain's distance, up to `last`, included."""

    @abstractmethod
    def stepped(self, start: exp.Expr, grain: Grain) -> exp.Expr:
        """`start` moved by one unit of the grain."""

    @abstractmethod
    def numbers(self, values: Sequence[int], column: str) -> exp.Expr:
        """A relation with one column of these numbers."""

    @abstractmethod
    def instant_of(self, local: exp.Expr, zone: str) -> exp.Expr:
        """The instant of a local timestamp."""

    @abstractmethod
    def filtered(self, aggregate: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
        """An aggregate over the rows that meet a condition, over all where it is None."""

    @abstractmethod
    def percentile(self, value: exp.Expr, share: float) -> exp.Expr:
        """Continuous percentile, interpolated. share: between 0 and 1."""

    @abstractmethod
    def quotient(self, dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
        """Exact division of numerics."""

    @abstractmethod
    def rounded(self, value: exp.Expr, decimals: int) -> exp.Expr:
        """Half away from zero."""
