"""Traces go to Langfuse where its keys are set: here to a server of our own that speaks what Langfuse takes."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pydantic import SecretStr

from dash_agent.bootstrap import Running
from tests.e2e.serving import run, served, settings

QUESTION = "How many tickets were there in October 2026?"


class Langfuse(ThreadingHTTPServer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.sent: list[tuple[str, str, bytes]] = []


class Receiver(BaseHTTPRequestHandler):
    server: Langfuse

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            import gzip

            body = gzip.decompress(body)
        self.server.sent.append((self.path, self.headers["Authorization"], body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def langfuse() -> Iterator[Langfuse]:
    with Langfuse() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


def test_a_run_reaches_langfuse_and_requests_do_not(langfuse: Langfuse, staffed: Running) -> None:
    given = settings(
        langfuse_host=f"http://127.0.0.1:{langfuse.server_port}",
        langfuse_public_key="pk-tests",
        langfuse_secret_key=SecretStr("sk-tests"),
    )
    with served(staffed, given, agents=True) as client:
        run(client, QUESTION)
        client.get("/agents")
    # What was under way goes out when the server ends.
    assert {(path, sent) for path, sent, _ in langfuse.sent} == {
        ("/api/public/otel/v1/traces", f"Basic {base64.b64encode(b'pk-tests:sk-tests').decode()}")
    }
    spans = [
        span
        for _, _, body in langfuse.sent
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert sorted(span.name for span in spans) == ["Dash.arun", "ask"]
    assert len({span.trace_id for span in spans}) == 1


def test_without_its_keys_nothing_leaves(langfuse: Langfuse, staffed: Running) -> None:
    host = f"http://127.0.0.1:{langfuse.server_port}"
    with served(staffed, settings(langfuse_host=host, langfuse_public_key="pk-tests"), agents=True) as client:
        run(client, QUESTION)
    assert langfuse.sent == []
