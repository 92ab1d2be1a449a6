"""The only place that draws ids."""

from __future__ import annotations

from ulid import ULID


class UlidIds:
    """ULIDs: 26 letters and digits that sort by the time they were made."""

    def new(self) -> str:
        return str(ULID())
