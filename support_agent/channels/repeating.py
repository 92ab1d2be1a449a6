"""A request that comes again with its Idempotency-Key is done once, and answered as then."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from support_agent.channels.failures import Refused
from support_agent.channels.guard import Caller
from support_agent.channels.office import Office
from support_agent.channels.shapes import Object

TOKEN: Final = "dialogue_token"  # noqa: S105  the name of a field
LONGEST_KEY: Final = 200


class Repeating:
    def __init__(self, office: Office) -> None:
        self._office = office

    def once(self, caller: Caller, scope: str, request: str, do: Callable[[], Object]) -> Object:
        """Handles what comes with an Idempotency-Key once; the same again is answered as then."""
        key = caller.headers.get("idempotency-key", "")
        if not key:
            return do()
        if len(key) > LONGEST_KEY or not key.isprintable():
            raise Refused(422, f"an Idempotency-Key has at most {LONGEST_KEY} printable characters")
        repeats = self._office.repeats
        before = repeats.begin(scope, key, request, self._office.clock.now())
        if before is None:
            try:
                answer = do()
            except BaseException:
                repeats.forget(scope, key)
                raise
            repeats.end(scope, key, self._kept(answer))
            return answer
        if not before.same:
            raise Refused(422, "this Idempotency-Key was sent with another request", "take a new key")
        if before.answer is None:
            raise Refused(409, "this request is being answered", "wait for it")
        return self._again(json.loads(before.answer))

    def _kept(self, answer: Object) -> str:
        """Without tokens, and without links that act."""
        plain = {name: value for name, value in answer.items() if name != TOKEN}
        text = json.dumps({**plain, **({TOKEN: None} if TOKEN in answer else {})}, ensure_ascii=False)
        return self._office.links.masked(text)

    def _again(self, answer: Object) -> Object:
        """A token is not kept: who asks again gets a new one in its place."""
        return {**answer, TOKEN: self._office.passes.give(answer["dialog_id"])} if TOKEN in answer else answer
