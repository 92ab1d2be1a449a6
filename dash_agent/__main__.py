"""The console command `dash-agent`; `python -m dash_agent` is the same."""

from __future__ import annotations

import sys

from dash_agent.cli import run


def main() -> None:
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
