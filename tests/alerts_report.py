"""How alerts do on demo desks whose incidents the seed draws: `python -m tests.alerts_report --seeds 20`.

Each seed's database is filled, its history read once, and all rules of kind `anomaly` walked over it by their own time
tables, with the same detection that looks at a live database. A history that is kept (`--keep`) is not
seeded again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from croniter import croniter

from dash_agent.bootstrap import open_dash
from dash_agent.context.alerts import Alert
from dash_agent.context.catalog import Catalog, load_catalog
from dash_agent.models.alert import Cause
from dash_agent.models.plan import ListPlan, MetricPlan
from dash_agent.models.principal import Principal, Role
from dash_agent.models.query import ListQuery, MetricQuery
from dash_agent.models.sql import ResultSet
from dash_agent.reports.alerts.look import looked_back
from dash_agent.semantic.time import Calendar
from dash_agent.settings import Settings
from dash_agent.warehouse.demo.calendar import months_before
from dash_agent.warehouse.demo.era import model_change
from dash_agent.warehouse.demo.incidents import CarrierOutage, Incident, load
from tests.alert_history import TIMES, History, NotKept
from tests.conftest import ROOT, ZONE

NOW = datetime.fromisoformat("2026-11-20T12:00:00+00:00")

DAY = timedelta(days=1)
LEARNING = timedelta(days=21)
"""The first weeks of a history are only learnt from."""
TOGETHER = 400
"""Looks that are computed at once."""
AFTER = 3 * DAY
"""Tickets of an incident are still answered and rated for so long after its end."""


@dataclass(slots=True)
class Told:
    """A cause that was told, and goes on for as long as it is found again within its cool-down.

    keys: rule and segment of all its findings so far. last: when it was found last. about: the incident that it tells
    of, by its place, None where of none; named: the first look that names the incident's category. is_model: it tells
    of the newer model's price, which every history has from the day on when that took over.
    """

    at: datetime
    cause: Cause
    cool_down: timedelta
    last: datetime
    keys: set[tuple[str, str]]
    about: int | None = None
    named: datetime | None = None
    is_model: bool = False

    def goes_on(self, keys: set[tuple[str, str]], moment: datetime) -> bool:
        return moment - self.last <= self.cool_down and not self.keys.isdisjoint(keys)

    def found_again(self, cause: Cause, moment: datetime, incidents: Sequence[Incident]) -> None:
        """What begins in a country is told as such, and may name the category some hours later."""
        self.keys |= keys_of(cause)
        self.last = moment
        if self.about is None:
            self.about = about(cause, moment, incidents)
            self.named = moment if self.about is not None else None


@dataclass(slots=True)
class Walked:
    """One seed. looks: how many; checked: segments in all of them; weeks: without an incident."""

    seed: int
    incidents: tuple[Incident, ...]
    told: list[Told] = field(default_factory=list)
    looks: int = 0
    checked: int = 0
    weeks: float = 0.0

    def delay(self, at: int) -> timedelta | None:
        found = [one.named for one in self.told if one.about == at and one.named is not None]
        return min(found) - self.incidents[at].start if found else None

    @property
    def false(self) -> list[Told]:
        return [one for one in self.told if one.about is None and not one.is_model]

    def in_quiet(self, moment: datetime) -> bool:
        return not any(one.start <= moment < one.end + AFTER for one in self.incidents)


def walk(history: History, rules: Sequence[Alert], incidents: tuple[Incident, ...], seed: int) -> Walked:
    """Looks as they are due, over all of the history."""
    walked = Walked(seed, incidents)
    change = model_change(history.start, history.now, seed)
    catalog = history.catalog
    due = list(looks(rules, history))
    for first in range(0, len(due), TOGETHER):
        some = due[first : first + TOGETHER]
        founds = looked_back([(history.calendar(moment), own) for moment, own in some], catalog, history)
        for (moment, _), found in zip(some, founds, strict=True):
            walked.looks += 1
            walked.checked += found.checked
            for cause in found.causes:
                tell_of(walked, cause, moment, catalog.alerts, change)
    begun = history.start + LEARNING
    hours = (history.now - begun) // timedelta(hours=1)
    walked.weeks = sum(walked.in_quiet(begun + timedelta(hours=hour)) for hour in range(hours)) / 168
    return walked


def looks(rules: Sequence[Alert], history: History) -> Iterator[tuple[datetime, list[Alert]]]:
    """Moments at which rules are due, with those that are."""
    zone = history.zone
    due: dict[datetime, list[Alert]] = {}
    for rule in rules:
        times = croniter(rule.look, (history.start + LEARNING).astimezone(zone))
        while (moment := times.get_next(datetime)) < history.now:
            due.setdefault(moment.replace(minute=0), []).append(rule)
    for moment in sorted(due):
        yield moment, due[moment]


def tell_of(walked: Walked, cause: Cause, moment: datetime, rules: Mapping[str, Alert], change: datetime) -> None:
    """A cause that shares a segment with one that goes on is that one."""
    keys = keys_of(cause)
    one = next((one for one in walked.told if one.goes_on(keys, moment)), None)
    if one is None:
        one = Told(moment, cause, timedelta(hours=rules[cause.chief.rule].cool_down), moment, keys)
        one.is_model = about_models(cause, moment, change)
        walked.told.append(one)
    one.found_again(cause, moment, walked.incidents)


def keys_of(cause: Cause) -> set[tuple[str, str]]:
    return {(one.rule, repr(one.segment)) for one in (cause.chief, *cause.also)}


def about(cause: Cause, moment: datetime, incidents: Sequence[Incident]) -> int | None:
    """The incident whose rows a finding is about, while it is felt."""
    named = {value for one in (cause.chief, *cause.also) for rows in one.segment for value in rows.values}
    for at, incident in enumerate(incidents):
        if incident.start <= moment < incident.end + AFTER and incident.category in named:
            return at
    return None


def about_models(cause: Cause, moment: datetime, change: datetime) -> bool:
    return cause.chief.metric == "cost_per_ticket" and change <= moment < change + AFTER


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--months", type=int, default=6)
    parser.add_argument("--tickets", type=int, default=8_400, help="a month")
    parser.add_argument("--keep", type=Path, help="a folder for the histories that are read")
    parser.add_argument("--times", type=float, default=1.0, help="what the rules' false_discovery is multiplied by")
    parser.add_argument("--verbose", action="store_true", help="tells every false alert")
    given = parser.parse_args()
    began = perf_counter()
    folder = Path(tempfile.mkdtemp(prefix="dash-alerts-"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DASH_", "DATABASE_"))}
    os.environ.clear()
    content = content_with_times(folder / "content")
    os.environ.update(
        {**kept, "DASH_DATA_DIR": str(folder), "DASH_CONTENT_DIR": str(content), "DASH_ROW_CAP": "100000"}
    )
    seeds = range(given.first, given.first + given.seeds)
    try:
        walks = []
        for seed in seeds:
            walks.append(walked_seed(seed, given, folder))
            tell(walks[-1])
    finally:
        subprocess.run(command("db", "stop"), check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)
    if given.verbose:
        tell_false(walks)
    summary(walks)
    print(f"in {perf_counter() - began:.0f} s")


def content_with_times(folder: Path) -> Path:
    """Our content, with dimensions that say when what became of a ticket was known."""
    for name in ("tables", "queries", "business", "knowledge"):
        shutil.copytree(ROOT / name, folder / name)
    file = folder / "business" / "dimensions.json"
    told = json.loads(file.read_text(encoding="utf-8"))
    told["dimensions"] += [
        {"name": name, "label": {"en": name, "ru": name}, "description": "When.", **columns}
        for name, columns in TIMES.items()
    ]
    file.write_text(json.dumps(told), encoding="utf-8")
    return folder


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dash_agent", *arguments]


def walked_seed(seed: int, given: argparse.Namespace, folder: Path) -> Walked:
    """One that is kept is not seeded, unless the rules want more of it than was kept."""
    kept = given.keep / f"{seed}-{given.months}-{given.tickets}.pickle" if given.keep else None
    noted = kept.with_suffix(".json") if kept else None
    if kept and noted and kept.exists() and noted.exists():
        history = History(load_catalog(ROOT), ZONE, begin(given.months), NOW)
        history.recall(kept)
        try:
            return walk(history, rules_of(history.catalog, given), load(noted), seed)
        except NotKept as missing:
            print(f"seed {seed}: {missing} was not kept; it is seeded again", flush=True)
    with seeded(seed, given, folder) as (history, file):
        walked = walk(history, rules_of(history.catalog, given), load(file), seed)
        if kept and noted:
            history.keep(kept)
            shutil.copy(file, noted)
        return walked


@contextmanager
def seeded(seed: int, given: argparse.Namespace, folder: Path) -> Iterator[tuple[History, Path]]:
    """The history of a database that is filled for it, and the file of its incidents."""
    subprocess.run(command("db", "start"), check=True, capture_output=True)
    subprocess.run(command("db", "migrate"), check=True, capture_output=True)
    size = ("--tickets", str(given.tickets * given.months), "--months", str(given.months))
    filled = command("db", "seed", "--reset", *size, "--seed", str(seed), "--now", NOW.isoformat())
    subprocess.run(filled, check=True, capture_output=True)
    (file,) = (folder / "demo").glob("*.json")
    with open_dash(Settings(), on_progress=lambda _: None) as running:
        dash = running.content.serving.dash

        def ran(query: MetricQuery | ListQuery) -> ResultSet:
            plan = MetricPlan(query) if isinstance(query, MetricQuery) else ListPlan(query)
            return dash.ran(plan, Principal("alerts", Role.MANAGER), NOW).result

        yield History(dash.catalog, ZONE, begin(given.months), NOW, ran), file


def begin(months: int) -> datetime:
    calendar = Calendar(NOW, ZONE)
    return calendar.midnight(months_before(calendar.today, months))


def rules_of(catalog: Catalog, given: argparse.Namespace) -> list[Alert]:
    anomalies = [rule for rule in catalog.alerts.values() if rule.kind == "anomaly"]
    return [
        rule.model_copy(update={"false_discovery": min(rule.false_discovery * given.times, 0.5)}) for rule in anomalies
    ]


def tell(walked: Walked) -> None:
    """A seed in a few lines."""
    for at, incident in enumerate(walked.incidents):
        delay = walked.delay(at)
        size = f"x{incident.factor}" if isinstance(incident, CarrierOutage) else f"+{incident.penalty_added}"
        kind = "carrier outage" if isinstance(incident, CarrierOutage) else "bad instruction"
        said = f"{delay / timedelta(hours=1):.0f} h" if delay is not None else "never"
        print(f"seed {walked.seed}: {kind} {size} from {incident.start:%d %b %H:%M}: {said}", flush=True)
    quiet = sum(walked.in_quiet(one.at) for one in walked.false)
    print(
        f"seed {walked.seed}: {quiet} false alerts in {walked.weeks:.1f} quiet weeks, {walked.looks} looks", flush=True
    )


def tell_false(walks: Sequence[Walked]) -> None:
    for walked in walks:
        for one in walked.false:
            chief = one.cause.chief
            segment = ",".join(value for rows in chief.segment for value in rows.values)
            seen = f"{chief.observed:.2f} for {chief.expected:.2f}, n {chief.sample}, p {chief.p:.1e}"
            when = "quiet" if walked.in_quiet(one.at) else "incident"
            print(f"  {walked.seed} {one.at:%d %b %H:%M} {when} {chief.rule} {chief.metric} {segment or 'all'}: {seen}")


def summary(walks: Sequence[Walked]) -> None:
    for name, kind in (("carrier outages", True), ("bad instructions", False), ("incidents", None)):
        delays = [
            walked.delay(at)
            for walked in walks
            for at, incident in enumerate(walked.incidents)
            if kind is None or isinstance(incident, CarrierOutage) is kind
        ]
        if not delays:
            continue
        found = [delay for delay in delays if delay is not None]
        soon = sum(delay <= DAY for delay in found)
        later = sum(delay <= 2 * DAY for delay in found)
        usual = median(delay / timedelta(hours=1) for delay in found) if found else float("nan")
        print(
            f"{name}: {len(delays)}; within a day {soon / len(delays):.0%}, within two {later / len(delays):.0%}, "
            f"at all {len(found) / len(delays):.0%}; median delay {usual:.0f} h"
        )
    told = [one for walked in walks for one in walked.told]
    quiet = [one for walked in walks for one in walked.false if walked.in_quiet(one.at)]
    weeks = sum(walked.weeks for walked in walks)
    print(f"false alerts: {len(quiet)} in {weeks:.0f} quiet weeks, {len(quiet) / max(weeks, 1e-9):.2f} a week")
    right, models = sum(one.about is not None for one in told), sum(one.is_model for one in told)
    part = right / max(len(told), 1)
    print(
        f"precision: {right} of {len(told)} alerts tell of an incident, {part:.0%}; {models} of a newer model's price"
    )
    by_rule: dict[str, int] = {}
    for one in quiet:
        by_rule[one.cause.chief.rule] = by_rule.get(one.cause.chief.rule, 0) + 1
    print("false by rule: " + (", ".join(f"{rule} {count}" for rule, count in sorted(by_rule.items())) or "none"))


if __name__ == "__main__":
    main()
