"""The console command `support-agent`; `python -m support_agent` is the same."""

from __future__ import annotations

import sys


def main() -> None:
    from support_agent.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
