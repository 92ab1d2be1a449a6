"""`support-agent chat`: a customer's conversation in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import Annotated, Final
from uuid import uuid4

import typer
from rich.console import Console
from rich.markup import escape

from dash_agent.errors import DashError, WrongUse
from support_agent.channels.office import Office
from support_agent.channels.shapes import text_of
from support_agent.identification import customer_of_token
from support_agent.models import Dialogue, DialogueStatus, Handoff, InboundMessage, NeedsApproval, Reply, WithPeople

WAITS_S: Final = 3.0
ENDS: Final = frozenset({"/quit", "/exit", "/q"})

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def support() -> None:
    """The support agent."""


@app.command()
def chat(
    language: Annotated[
        str | None, typer.Option("--language", help="What the conversation begins in: en, ru, he, es, fr, de.")
    ] = None,
    customer_token: Annotated[
        str | None, typer.Option("--customer-token", help="The shop's signed token; without it a code is mailed.")
    ] = None,
    dialog: Annotated[str | None, typer.Option("--dialog", help="Goes on with a conversation.")] = None,
) -> None:
    """Talk to the support agent as a customer does. /quit ends the program; the conversation stays open.

    Where no mail server is set, mails with codes are files in outbox/ of DASH_DATA_DIR.
    """
    screen = Console(highlight=False)
    with _opened() as office:
        _Chat(office, screen, language, _customer(office, customer_token), dialog or str(uuid4())).run()


class _Chat:
    def __init__(
        self, office: Office, screen: Console, language: str | None, customer_id: int | None, dialog_id: str
    ) -> None:
        self._office = office
        self._screen = screen
        self._language = language
        self._customer_id = customer_id
        self._dialog_id = dialog_id
        self._thread = f"chat:{dialog_id}"
        self._shown = 0

    def run(self) -> None:
        self._screen.print(f"[dim]Conversation {self._dialog_id}. /quit ends.[/dim]")
        for line in self._lines():
            self._tell_late()
            if line.strip():
                self._answer(line)
        self._screen.print()

    def _lines(self) -> Iterator[str]:
        while True:
            try:
                line = self._screen.input("[bold]you>[/bold] ")
            except (EOFError, KeyboardInterrupt):
                return
            if line.strip().lower() in ENDS:
                return
            yield line

    def _answer(self, line: str) -> None:
        message = InboundMessage("chat", self._thread, line, customer_id=self._customer_id, language=self._language)
        try:
            outcome = self._office.desk.handle(message)
        except DashError as error:
            self._note(str(error))
            return
        self._say("agent", text_of(outcome))
        match outcome:
            case Handoff():
                self._note(f"handed over: {outcome.note.reason}. {outcome.note.summary}")
            case WithPeople():
                self._note("a person has this conversation; the message was kept")
            case NeedsApproval():
                self._note(f"waits for staff: {', '.join(map(str, outcome.tasks))}")
                self._pending(outcome.reply)
            case Reply():
                self._pending(outcome)
            case _:
                pass
        self._shown = self._count()

    def _pending(self, reply: Reply) -> None:
        if reply.draft_id is not None:
            self._note(f"held for a colleague as draft {reply.draft_id}")
        for action in reply.pending:
            given = ", ".join(f"{name}={value}" for name, value in action.arguments.items())
            self._note(f"waits for your yes: {action.task_type} ({given})")

    def _tell_late(self) -> None:
        """What people wrote, and what was decided, since the last line."""
        dialogue = self._dialogue()
        if dialogue is None or dialogue.status is DialogueStatus.CLOSED:
            return
        for said in self._office.dialogues.messages(self._dialog_id)[self._shown :]:
            if said.role != "customer":
                self._say("colleague" if said.role == "human" else "agent", said.text)
        self._shown = self._count()

    def _dialogue(self) -> Dialogue | None:
        return self._office.dialogues.get(self._dialog_id)

    def _count(self) -> int:
        return len(self._office.dialogues.messages(self._dialog_id))

    def _say(self, who: str, text: str) -> None:
        if text:
            self._screen.print(f"[bold cyan]{who}>[/bold cyan] {escape(text)}", soft_wrap=True)

    def _note(self, text: str) -> None:
        self._screen.print(f"[dim]  ({escape(text)})[/dim]", soft_wrap=True)


def _customer(office: Office, token: str | None) -> int | None:
    """Raises WrongUse for a token that is not the shop's."""
    if token is None:
        return None
    key = office.settings.shop_key
    if key is None:
        raise WrongUse("--customer-token: SHOP_JWT_KEY is not set", "set it, or leave the token out")
    found = customer_of_token(token, key.get_secret_value(), office.clock.now())
    if found is None:
        raise WrongUse("--customer-token: it is not valid", "get a new one from the shop")
    return found


@contextmanager
def _opened() -> Iterator[Office]:
    from dash_agent.adapters.embeddings import SentenceEncoder
    from dash_agent.bootstrap import open_clock, open_database
    from dash_agent.context.catalog import load_catalog
    from dash_agent.settings import load_settings
    from dash_agent.warehouse.connections import Connections
    from support_agent.knowing import SHELF
    from support_agent.settings import load_support_settings
    from support_agent.wiring import World, open_office

    settings = load_settings()
    catalog = load_catalog(settings.content_dir)
    with open_database(settings, catalog, on_progress=lambda line: print(line, file=sys.stderr)) as database:
        state = Connections(database.app)
        world = World(
            state,
            open_clock(settings),
            SentenceEncoder(settings.data_dir / SHELF),
            settings.data_dir,
            settings,
            load_support_settings(),
            learns_apart=True,
        )
        try:
            office = open_office(world)
            learning = Thread(target=office.warm, name="support-ready", daemon=True)
            learning.start()
            # What was learned before is there at once; what is new comes while one talks.
            learning.join(WAITS_S)
            yield office
        finally:
            state.close()


def run(arguments: Sequence[str]) -> int:
    """The exit code. Errors go to standard error in one line."""
    try:
        app(list(arguments), standalone_mode=False)
    except DashError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except typer.Exit as left:
        return left.exit_code
    except typer.Abort:
        return 1
    except Exception as error:
        # Typer's own: an option that is not there, and the like.
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        return 2
    return 0
