"""Demo data: a support desk that one would believe, the same for the same seed and now.

    summary = seed(conninfo, DemoOptions(now=now, incidents_file=path), on_progress)

`desk` draws it, one module a table gives its rows, `seeding` loads them. Numbers and habits are in `profile`, words in
`messages/*.json`, values in `vocabulary.json`. All names, addresses and events are invented.
"""

from dash_agent.warehouse.demo.incidents import BadInstruction, CarrierOutage, Incident, load
from dash_agent.warehouse.demo.options import DemoOptions, DemoSummary, Progress
from dash_agent.warehouse.demo.seeding import is_seeded, reset, seed

__all__ = [
    "BadInstruction",
    "CarrierOutage",
    "DemoOptions",
    "DemoSummary",
    "Incident",
    "Progress",
    "is_seeded",
    "load",
    "reset",
    "seed",
]
