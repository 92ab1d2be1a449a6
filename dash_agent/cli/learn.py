"""`dash-agent learn`: what was learned, and deciding on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dash_agent.cli.options import principal
from dash_agent.cli.teach import ByOption, ExpiresOption
from dash_agent.cli.terminal import open_console, printable, progress_line

if TYPE_CHECKING:
    from dash_agent.bootstrap import Running
    from dash_agent.learning.promotion import Patch
    from dash_agent.learning.review import Listed
    from dash_agent.models.learning import Decision, Learning, RefusedWord
    from dash_agent.models.principal import Principal
    from dash_agent.settings import Settings

learn = typer.Typer(
    help="What was learned from people's questions and words, and deciding on it.", no_args_is_help=True
)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Of the learning, or its last characters.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Kept with the decision.")]
AsJson = Annotated[bool, typer.Option("--json", help="Prints JSON.")]

MOST_REFUSED = 10


class StatusChoice(StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    REJECTED = "rejected"
    RETIRED = "retired"


@contextmanager
def _opened(user: str | None) -> Iterator[tuple[Running, Principal, Settings]]:
    from dash_agent.bootstrap import open_dash
    from dash_agent.settings import load_settings

    settings = load_settings()
    who = principal(user, settings)
    with open_dash(settings, on_progress=progress_line) as running:
        yield running, who, settings


@learn.command(name="list")
def listed(
    status: Annotated[StatusChoice | None, typer.Option("--status", help="Only those of this status.")] = None,
    as_json: AsJson = False,
    user: ByOption = None,
) -> None:
    """Lists learnings, the newest first, and the words that questions were refused for."""
    from dash_agent.models.learning import LearningStatus, may_review
    from dash_agent.models.learning_wire import learning_json

    with _opened(user) as (running, who, _):
        found = running.lessons.review.listed(who, LearningStatus(status.value) if status else None)
        refused = running.lessons.learnings.refused_words(MOST_REFUSED) if may_review(who) and not status else ()
        lines = list(_lines(found, refused, running))
    if as_json:
        told = [{**learning_json(one.learning), "conflict": one.conflict} for one in found]
        words = [
            {"words": one.words, "count": one.count, "users": one.users, "example": one.example} for one in refused
        ]
        print(json.dumps({"learnings": told, "refused": words}, ensure_ascii=False))
        return
    _print(lines)


def _lines(found: tuple[Listed, ...], refused: object, running: Running) -> Iterator[str]:
    from dash_agent.insight.learned import payload_told

    wording = running.dash.wording("en")
    if not found:
        yield 'Nothing was learned yet. dash-agent teach "…" teaches something.'
    for one in found:
        learning = one.learning
        whose = learning.owner or "all"
        used = f", used {learning.hits} times" if learning.hits else ""
        yield f"{learning.learning_id}  {learning.status} {learning.kind} for {whose}, by {learning.author}{used}"
        yield f"    {payload_told(learning, wording)}"
        if one.conflict:
            yield f"    without effect: {one.conflict}"
    yield from _refused_lines(refused)


def _refused_lines(refused: object) -> Iterator[str]:
    words: tuple[RefusedWord, ...] = tuple(refused) if isinstance(refused, tuple) else ()
    if words:
        yield ""
        yield "Questions were refused for these words:"
    for one in words:
        yield f"    {one.count:>4}  “{one.words}”  by {one.users} people, such as: {one.example}"


@learn.command()
def show(learning_id: IdArgument, as_json: AsJson = False, user: ByOption = None) -> None:
    """Shows one learning with its evidence and who decided what."""
    from dash_agent.insight.learned import payload_told
    from dash_agent.models.learning_wire import learning_json

    with _opened(user) as (running, who, _):
        learning = running.lessons.review.found(learning_id, who)
        history = tuple(running.lessons.review.history(learning))
        told = payload_told(learning, running.dash.wording("en"))
    if as_json:
        print(json.dumps(learning_json(learning, history), ensure_ascii=False))
        return
    _print([told, *_shown(learning), *map(_decided, history)])


def _shown(learning: Learning) -> Iterator[str]:
    yield f"    {learning.learning_id}, {learning.status} {learning.kind} for {learning.owner or 'all'}"
    yield f"    from {learning.origin} by {', '.join((learning.author, *learning.backers))}: {learning.evidence.words}"
    if learning.evidence.answer_id:
        yield f"    of the answer {learning.evidence.answer_id}"
    last = f", the last time at {learning.last_used:%Y-%m-%d %H:%M %Z}" if learning.last_used else ""
    yield f"    used {learning.hits} times{last}"
    if learning.expires:
        yield f"    until {learning.expires.isoformat()}"


def _decided(decision: Decision) -> str:
    reason = f": {decision.reason}" if decision.reason else ""
    return f"    {decision.at:%Y-%m-%d %H:%M %Z}  {decision.what} by {decision.user}{reason}"


@learn.command()
def approve(learning_id: IdArgument, expires: ExpiresOption = None, user: ByOption = None) -> None:
    """Puts a proposed learning into force for everybody that it is meant for."""
    from dash_agent.settings import parse_moment

    with _opened(user) as (running, who, settings):
        review = running.lessons.review
        until = parse_moment(expires, settings.timezone) if expires is not None else None
        decided = review.approve(review.found(learning_id, who), who, expires=until)
    _print([f"{decided.learning_id} is active for {decided.owner or 'all'}"])


@learn.command()
def reject(learning_id: IdArgument, reason: ReasonOption = "", user: ByOption = None) -> None:
    """Turns a proposed learning down; it has no effect for anybody then."""
    with _opened(user) as (running, who, _):
        review = running.lessons.review
        decided = review.reject(review.found(learning_id, who), who, reason)
    _print([f"{decided.learning_id} is rejected"])


@learn.command()
def retire(learning_id: IdArgument, reason: ReasonOption = "", user: ByOption = None) -> None:
    """Takes a learning out of force."""
    with _opened(user) as (running, who, _):
        review = running.lessons.review
        decided = review.retire(review.found(learning_id, who), who, reason)
    _print([f"{decided.learning_id} is retired"])


@learn.command()
def promote(
    learning_id: IdArgument,
    apply: Annotated[bool, typer.Option("--apply", help="Writes the files here, and retires the learning.")] = False,
    user: ByOption = None,
) -> int:
    """Prints a patch that puts a learning into the content files, checked as `dash-agent check` does."""
    from dash_agent.cli.promoting import problems_of, written
    from dash_agent.learning.promotion import patch

    with _opened(user) as (running, who, settings):
        lessons = running.lessons
        learning = lessons.review.promotable(lessons.review.found(learning_id, who), who)
        answer = running.answers.get(learning.evidence.answer_id) if learning.evidence.answer_id else None
        made: Patch = patch(learning, running.catalog.files, answer)
        problems = problems_of(made, settings, running.clock.now())
        if apply and not problems:
            written(made, settings.content_dir)
            lessons.review.retire(learning, who, f"promoted to {made.file}")
    print(made.text, end="")
    for problem in problems:
        progress_line(str(problem))
    if problems:
        progress_line("The patch does not pass the check, so nothing was written; finish it by hand.")
        return 1
    progress_line(f"Written to {made.file}." if apply else "Passes the check. Apply it with git apply, or --apply.")
    return 0


def _print(lines: list[str]) -> None:
    console = open_console()
    for line in lines:
        console.print(printable(line), markup=False, highlight=False, soft_wrap=True)
