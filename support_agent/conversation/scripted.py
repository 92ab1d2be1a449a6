"""What is done about one intent without a model, for any category: it acts, looks something up, or finds a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from support_agent.categories import CategoryEntry
from support_agent.conversation.bench import Bench
from support_agent.conversation.turn import Turn
from support_agent.models import Arguments, Consent, Done, Expecting, NotPossible, Passage, Task, TaskStatus
from support_agent.ports import Reading, Wish
from support_agent.speaking import NoWords, matters

PAGES: Final = "search"
PEOPLE_GO_ON: Final = frozenset({"late", "lost", "returned"})
"""States of a box that a person has to see to."""
EITHER: Final = (frozenset({"months", "until", "end"}),)
"""Arguments of which the one that was said last holds."""


@dataclass(frozen=True, slots=True)
class Step:
    """One intent of one turn. text: what the customer said about it now, '' where the message answered a question."""

    turn: Turn
    bench: Bench
    category: CategoryEntry
    reading: Reading
    text: str

    def work(self) -> None:
        """Adds to the reply what can be said and asked now. The intent stays while it waits for an answer."""
        turn, subtype = self.turn, self._subtype
        if self.category.people:
            turn.hand_over("policy")
        elif subtype in self.category.hands_over:
            turn.hand_over("money" if self.category.name == "payment_issue" else subtype)
        elif subtype in self.category.said:
            self._finish(turn.speaker.say(self.category.said[subtype]))
        elif subtype in self.category.pages:
            self._page()
        elif turn.state.tool in self.category.look:
            self._look(turn.state.tool)
        elif turn.state.tool is not None:
            self.act(turn.state.tool)
        else:
            self._by_wish(self.reading.wish(self.text, turn.language))

    @property
    def _subtype(self) -> str:
        intent = self.turn.intent
        return (intent.subtype if intent is not None else None) or ""

    def _by_wish(self, wish: Wish) -> None:
        if self.category.act and wish is Wish.DO:
            self.act(self.category.act[0])
        elif self.category.look and wish is not Wish.RULE:
            self._look(self.category.look[0])
        else:
            self._page()

    # Acting

    def act(self, tool: str) -> None:
        """Prepares an action from what was said so far, and asks for what is missing or for a yes.

        Raises NoWords before anything else where it could not be told in this language.
        """
        speaker = self.turn.speaker
        if not (speaker.has(f"propose.{tool}") or speaker.has(f"staff.{tool}")):
            raise NoWords(f"{speaker.language}: propose.{tool}")
        found = self.bench.propose(tool, self._given(tool))
        if isinstance(found, Task):
            self.proposed(found)
        else:
            self.hindered(tool, found)

    def _given(self, tool: str) -> Arguments:
        """What was said for a tool since the intent began; it is kept, for who has to show first who they are."""
        turn = self.turn
        said = self.reading.arguments(tool, self.text, turn.language, turn.today) if self.text else {}
        if self.bench.takes(tool, "kind") and self._subtype:
            said = {"kind": self._subtype, **said}
        instead = {name for group in EITHER if group & said.keys() for name in group}
        kept = {name: value for name, value in turn.state.arguments.items() if name not in instead}
        arguments: Arguments = {**kept, **said}
        if turn.state.subscription_id is not None:
            arguments = {**arguments, "subscription_id": turn.state.subscription_id}
        turn.change(tool=tool, arguments=arguments)
        return arguments

    def proposed(self, task: Task) -> None:
        turn = self.turn
        turn.say(
            matters.proposed(turn.speaker, task.tool, matters.told_of(task.arguments, task.told), task.consent),
            substance=True,
        )
        if task.consent is Consent.CUSTOMER and task.status is TaskStatus.PENDING:
            if turn.state.task_id not in (None, task.task_id):
                self.bench.withdraw(turn.state.task_id)
            turn.change(expecting=Expecting.CONSENT, task_id=task.task_id, misunderstood=0)
        else:
            turn.next_intent()

    def hindered(self, tool: str, hindrance: NotPossible) -> None:
        turn = self.turn
        match hindrance.reason:
            case "not_identified" if turn.state.email is not None:
                self.ask(Expecting.CODE, "ask.code.again")
            case "not_identified":
                self.ask(Expecting.EMAIL, "ask.email")
            case "which_subscription":
                found = hindrance.values.get("subscriptions")
                options: Sequence[Mapping[str, object]] = found if isinstance(found, Sequence) else ()
                turn.say(matters.choices(turn.speaker, options))
                turn.change(expecting=Expecting.WHICH_SUBSCRIPTION)
            case _ if hindrance.missing and not hindrance.staff:
                self._ask_for(tool, hindrance)
            case _:
                self._impossible(hindrance)

    def _ask_for(self, tool: str, hindrance: NotPossible) -> None:
        """Asks for what is missing. An answer that does not do is asked for once more, then a person goes on."""
        turn, before = self.turn, self.turn.dialogue.state
        if before.expecting is Expecting.ARGUMENT and before.asked == hindrance.missing[0]:
            turn.change(misunderstood=turn.state.misunderstood + 1)
        # Nothing was given yet that could be wrong or incomplete.
        is_first = not set(turn.state.arguments) - {"subscription_id"}
        why = "" if is_first else matters.hindered(turn.speaker, hindrance) or ""
        question = matters.asked(turn.speaker, tool, hindrance)
        turn.say(why)
        if question is None:
            turn.hand_over(hindrance.reason)
            return
        if not why.endswith("?"):
            turn.say(question)
        # What was given for it and did not do is not given again by itself.
        kept = {name: value for name, value in turn.state.arguments.items() if name not in hindrance.missing}
        turn.change(expecting=Expecting.ARGUMENT, asked=hindrance.missing[0], arguments=kept)

    def _impossible(self, hindrance: NotPossible) -> None:
        turn, why = self.turn, matters.hindered(self.turn.speaker, hindrance)
        turn.say(why or "", substance=True)
        if hindrance.staff or why is None:
            turn.hand_over(hindrance.reason)
        turn.next_intent()

    def ask(self, expecting: Expecting, key: str) -> None:
        self.turn.say(self.turn.speaker.say(key))
        self.turn.change(expecting=expecting)

    # Looking

    def _look(self, tool: str) -> None:
        found = self.bench.look(tool, self._given(tool))
        if isinstance(found, NotPossible):
            self.hindered(tool, found)
        else:
            self._found(tool, found)

    def _found(self, tool: str, found: Done) -> None:
        turn = self.turn
        state = "lost" if found.told.get("lost") else "late" if found.told.get("late") else found.told.get("status")
        # Who asks again after hearing that it was delivered does not have it.
        if state == "delivered" and (self._subtype == "lost" or turn.state.repeats > 0):
            turn.say(turn.speaker.say("look.tracking.missing", **found.told), substance=True)
            turn.hand_over("box_missing")
        else:
            turn.say(matters.looked(turn.speaker, tool, found.told), substance=True)
        if state in PEOPLE_GO_ON:
            turn.hand_over(f"box_{state}")
        turn.next_intent()

    # Pages

    def _page(self) -> None:
        turn = self.turn
        found = self.bench.look(PAGES, {"text": (self.text or turn.text)[:500]})
        passages = found.told.get("passages") if isinstance(found, Done) else ()
        pages = [one for one in passages if isinstance(one, Passage)] if isinstance(passages, Sequence) else []
        best = next((one for one in pages if matters.page(turn.speaker, one) is not None), None)
        if best is None:
            # Nothing about it, or nothing about it that can be said in this language.
            if pages:
                raise NoWords(f"{turn.language}: {pages[0].source}")
            turn.say(turn.speaker.say("not.nothing_found"))
            turn.hand_over("nothing_found")
            return
        turn.sources.append(best.source)
        self._finish(str(matters.page(turn.speaker, best)))

    def _finish(self, text: str) -> None:
        self.turn.say(text, substance=True)
        self.turn.next_intent()
