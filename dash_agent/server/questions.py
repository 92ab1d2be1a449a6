"""Questions and their receipts."""

# No postponed annotations here: FastAPI could not look up a route's dependencies, which are local names.
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from dash_agent.adapters.daemon_threads import in_daemon_thread
from dash_agent.bootstrap import Running
from dash_agent.learning.feedback import Opinion
from dash_agent.models.learning_wire import learning_json
from dash_agent.models.principal import Principal
from dash_agent.replay.replay import may_see
from dash_agent.server.asking import Asking, answered, seen_by
from dash_agent.server.auth import Staff
from dash_agent.server.failures import Refused
from dash_agent.server.responses import Json
from dash_agent.settings import parse_moment


class Question(BaseModel):
    """A null is the same as a key that is not there; other keys are ignored."""

    question: str = Field(description="In English or Russian.")
    session_id: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="Follows up on the last question of this session."
    )
    engine: Literal["auto", "grounded", "llm"] | None = Field(default=None, description="Who plans the answer.")
    now: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="ISO 8601: asks as if it were this moment."
    )


class OpinionBody(BaseModel):
    """Other keys are ignored."""

    score: Literal[1, -1] = Field(description="1 for a good answer, -1 for a bad one.")
    comment: Annotated[str, Field(max_length=2_000)] | None = Field(default=None, description="For people.")
    correction: Annotated[str, Field(max_length=2_000)] | None = Field(
        default=None, description="What the question means, asked rightly, or a sentence that teaches."
    )


def question_routes(running: Running, asking: Asking, staff: Staff, timezone: str) -> APIRouter:
    """timezone: of moments that have no offset."""
    router = APIRouter(tags=["questions"])

    @router.post("/ask")
    async def ask(body: Question, principal: Annotated[Principal, Depends(staff)]) -> Json:
        """Answers a question. A refusal is an answer too, with status 200."""

        def answer() -> Json:
            found = asking.answer(
                body.question,
                principal,
                session=body.session_id,
                now=parse_moment(body.now, timezone) if body.now is not None else None,
                engine=body.engine or "auto",
            )
            return Json(answered(principal, found))

        return await in_daemon_thread(answer)

    # Not async: a look into the database, so FastAPI runs it in its thread pool.
    @router.get("/answers/{answer_id}")
    def receipt(answer_id: str, principal: Annotated[Principal, Depends(staff)]) -> Json:
        """The answer as it was given, for whoever asked and for the admin."""
        found = running.answers.kept(answer_id) if answer_id.isalnum() else None
        if found is None or not may_see(principal, found):
            raise Refused(404, f"there is no answer '{answer_id[:40]}'")
        return Json(seen_by(principal, found.answer))

    @router.post("/answers/{answer_id}/feedback")
    def feedback(answer_id: str, body: OpinionBody, principal: Annotated[Principal, Depends(staff)]) -> Json:
        """Keeps what somebody thinks of an answer that they may see, and learns from a correction."""
        found = running.answers.kept(answer_id) if answer_id.isalnum() else None
        if found is None or not may_see(principal, found):
            raise Refused(404, f"there is no answer '{answer_id[:40]}'")
        opinion = Opinion(body.score, body.comment or "", body.correction or "")
        given = running.lessons.opinion(found.answer, opinion, principal)
        learned = learning_json(given.learning) if given.learning is not None else None
        return Json(
            {
                "answer_id": answer_id,
                "score": body.score,
                "learning": learned,
                "problem": given.problem or None,
            }
        )

    return router
