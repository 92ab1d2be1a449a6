"""The dialogue API, approvals and drafts over HTTP. The desk works in threads of its own, never on the event loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Annotated, Final, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import FastAPI, File, Request, UploadFile
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from dash_agent.errors import DashError
from support_agent.channels import files, shapes
from support_agent.channels.cancel_page import cancel_routes
from support_agent.channels.door import Door
from support_agent.channels.failures import Json, Refused, add_handlers, body_of, bug, failure
from support_agent.channels.guard import Caller
from support_agent.channels.office import Office
from support_agent.channels.shapes import Object
from support_agent.channels.streaming import events_of

PREFIX: Final = "/api/v1"
PATHS: Final = (f"{PREFIX}/dialogue", f"{PREFIX}/approvals", f"{PREFIX}/drafts", "/cancel")
"""What the server hands to this application."""
LARGEST: Final = 64 * 1024
"""Bytes of a body that is no file."""
PING_S: Final = 10.0
STREAM: Final = "text/event-stream"

T = TypeVar("T")


class Threads:
    """Runs what blocks, so much of it at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._limiter: CapacityLimiter | None = None

    async def run(self, work: Callable[[], T]) -> T:
        # A limiter belongs to the event loop that it is first used in.
        if self._limiter is None:
            self._limiter = CapacityLimiter(self._most)
        return await run_sync(work, limiter=self._limiter)


def create_app(office: Office, door: Door) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, default_response_class=Json, redirect_slashes=False)
    add_handlers(app)
    threads = Threads(office.settings.threads)
    for add in (_conversation_routes, _customer_routes, _shared_routes, _staff_routes):
        add(app, door, threads)
    _file_routes(app, door, threads, office)
    cancel_routes(app, office, threads.run)
    return app


def caller_of(request: Request) -> Caller:
    return Caller(dict(request.headers), request.client.host if request.client is not None else "")


async def _handled(request: Request, door: Door, threads: Threads, do: Callable[[Caller], Object], asked: str) -> Json:
    """A call that changes something: counted, and done once where it has an Idempotency-Key."""
    caller = caller_of(request)

    def work() -> Object:
        door.guard.take_call(caller)
        return door.repeating.once(caller, _scope(request, caller), asked, partial(do, caller))

    _check_size(request)
    return Json(await threads.run(work))


def _scope(request: Request, caller: Caller) -> str:
    """Keys of one sender meet only each other."""
    return f"{request.url.path} {caller.bearer or caller.address}"


def _check_size(request: Request) -> None:
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > LARGEST:
        raise Refused(413, "the body is too large", f"send at most {LARGEST // 1024} kB")


def _asked(body: BaseModel) -> str:
    return body.model_dump_json()


def _conversation_routes(app: FastAPI, door: Door, threads: Threads) -> None:
    base, customers = f"{PREFIX}/dialogue", door.customers

    @app.post(f"{base}/create")
    async def create(request: Request, body: shapes.Create) -> Response:
        return await _handled(request, door, threads, lambda caller: customers.create(caller, body), _asked(body))

    @app.post(f"{base}/{{dialog_id}}/message")
    async def message(request: Request, dialog_id: str, body: shapes.Message) -> Response:
        def answer(caller: Caller) -> Object:
            return customers.message(caller, dialog_id, body.message)

        if STREAM not in request.headers.get("accept", ""):
            return await _handled(request, door, threads, answer, _asked(body))
        caller = caller_of(request)
        await threads.run(lambda: customers.may_write(caller, dialog_id))
        # Begun now: whoever hangs up is answered all the same.
        return _streamed(asyncio.ensure_future(_handled(request, door, threads, answer, _asked(body))))


def _customer_routes(app: FastAPI, door: Door, threads: Threads) -> None:
    base, customers = f"{PREFIX}/dialogue", door.customers

    @app.post(f"{base}/{{dialog_id}}/identify")
    async def identify(request: Request, dialog_id: str, body: shapes.Identify) -> Response:
        return await _handled(
            request, door, threads, lambda caller: customers.identify(caller, dialog_id, body), _asked(body)
        )

    @app.post(f"{base}/{{dialog_id}}/actions/{{task_id}}")
    async def decide(request: Request, dialog_id: str, task_id: int, body: shapes.Decision) -> Response:
        return await _handled(
            request, door, threads, lambda caller: customers.decide(caller, dialog_id, task_id, body), _asked(body)
        )

    @app.post(f"{base}/{{dialog_id}}/actions/{{task_id}}/undo")
    async def undo(request: Request, dialog_id: str, task_id: int) -> Response:
        return await _handled(request, door, threads, lambda caller: customers.undo(caller, dialog_id, task_id), "")

    @app.post(f"{base}/{{dialog_id}}/feedback")
    async def feedback(request: Request, dialog_id: str, body: shapes.Thumb) -> Response:
        return await _handled(
            request, door, threads, lambda caller: customers.feedback(caller, dialog_id, body), _asked(body)
        )

    @app.post(f"{base}/{{dialog_id}}/csat")
    async def csat(request: Request, dialog_id: str, body: shapes.Csat) -> Response:
        return await _handled(
            request, door, threads, lambda caller: customers.csat(caller, dialog_id, body), _asked(body)
        )


def _shared_routes(app: FastAPI, door: Door, threads: Threads) -> None:
    base, customers = f"{PREFIX}/dialogue", door.customers

    @app.get(f"{base}/{{dialog_id}}")
    async def show(request: Request, dialog_id: str) -> Response:
        return Json(await threads.run(lambda: customers.show(caller_of(request), dialog_id)))

    @app.post(f"{base}/{{dialog_id}}/close")
    async def close(request: Request, dialog_id: str, body: shapes.Close) -> Response:
        return await _handled(
            request, door, threads, lambda caller: customers.close(caller, dialog_id, body.reason), _asked(body)
        )


def _file_routes(app: FastAPI, door: Door, threads: Threads, office: Office) -> None:
    customers = door.customers

    @app.post(f"{PREFIX}/dialogue/{{dialog_id}}/files")
    async def upload(request: Request, dialog_id: str, file: Annotated[UploadFile, File()]) -> Response:
        caller = caller_of(request)
        content = await file.read(files.LARGEST + 1)

        def work() -> Object:
            door.guard.take_call(caller)
            customers.may_write(caller, dialog_id)
            kept = files.keep(office.data_dir, dialog_id, file.filename or "", content)
            return customers.file(caller, dialog_id, kept)

        return Json(await threads.run(work))


def _staff_routes(app: FastAPI, door: Door, threads: Threads) -> None:
    base, staff = f"{PREFIX}/dialogue/{{dialog_id}}", door.staff

    @app.post(f"{base}/takeover")
    async def takeover(request: Request, dialog_id: str) -> Response:
        return await _handled(request, door, threads, lambda caller: staff.takeover(caller, dialog_id), "")

    @app.post(f"{base}/reply")
    async def reply(request: Request, dialog_id: str, body: shapes.Message) -> Response:
        return await _handled(
            request, door, threads, lambda caller: staff.reply(caller, dialog_id, body.message), _asked(body)
        )

    @app.post(f"{base}/release")
    async def release(request: Request, dialog_id: str) -> Response:
        return await _handled(request, door, threads, lambda caller: staff.release(caller, dialog_id), "")

    @app.get(f"{PREFIX}/approvals")
    async def approvals(request: Request) -> Response:
        return Json(await threads.run(lambda: staff.approvals(caller_of(request))))

    @app.post(f"{PREFIX}/approvals/{{task_id}}")
    async def approve(request: Request, task_id: int, body: shapes.Decision) -> Response:
        return await _handled(request, door, threads, lambda caller: staff.approve(caller, task_id, body), _asked(body))

    @app.post(f"{PREFIX}/drafts/{{draft_id}}")
    async def draft(request: Request, draft_id: int, body: shapes.Decision) -> Response:
        return await _handled(request, door, threads, lambda caller: staff.draft(caller, draft_id, body), _asked(body))


def _streamed(working: asyncio.Future[Json]) -> StreamingResponse:
    """The answer as events, once it has passed the guards; until then a comment now and then keeps the line open."""

    async def events() -> AsyncIterator[str]:
        while not (await asyncio.wait({working}, timeout=PING_S))[0]:
            yield ": working\n\n"
        for name, told in _told(working):
            yield f"event: {name}\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"

    return StreamingResponse(
        events(), media_type=STREAM, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


def _told(ended: asyncio.Future[Json]) -> list[tuple[str, Object]]:
    problem = ended.exception()
    if problem is None:
        return events_of(json.loads(body_of(ended.result())))
    response = failure(problem) if isinstance(problem, DashError) else bug(Exception(str(problem)))
    return [("error", json.loads(body_of(response)))]
