"""The dashboard as a process of its own, and a look at a page over its WebSocket, as a browser has one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from google.protobuf.text_format import MessageToString
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.e2e.commands import Shell, on, read_until
from tests.e2e.databases import Database

LOOK_S = 60.0


@contextmanager
def served_dashboard(database: Database, folder: Path, port: int = 0, **variables: str) -> Iterator[str]:
    """Its address, at the demo desk's now."""
    with started(on(database, folder).having(**variables), port) as url:
        yield url


@contextmanager
def started(shell: Shell, port: int = 0) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "--port", str(port)],
        cwd=shell.folder,
        env={**shell.environment(), "PYTHONPATH": str(Path(__file__).parents[3])},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = read_until(process, "Dashboard  http")
        yield said.split()[-1]
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "Traceback" not in said, said


def look(url: str, cookies: Mapping[str, str] | None = None, press: str | None = None) -> str:
    """Every text of the first page, as it is sent to a browser with these cookies.

    press: what stands on a button of it; then what comes when it is pressed.
    """
    sent = {**(cookies or {}), **httpx.get(f"{url}/_stcore/health").cookies}
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in sent.items()), "Origin": url}
    # As Streamlit's own page says that it has read the cookie, and is no page of another site.
    spoken = [Subprotocol("streamlit"), Subprotocol(sent["_streamlit_xsrf"])]
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(address, additional_headers=headers, max_size=None, subprotocols=spoken) as socket:
        found = _run(socket, BackMsg())
        if press is not None:
            buttons = {one.delta.new_element.button.label: one.delta.new_element.button.id for one in found}
            pressed = BackMsg()
            pressed.rerun_script.widget_states.widgets.add(id=buttons[press], trigger_value=True)
            found = _run(socket, pressed)
    return "\n".join(MessageToString(one, as_utf8=True) for one in found)


def _run(socket: ClientConnection, asked: BackMsg) -> Sequence[ForwardMsg]:
    """What one run of the script sends."""
    asked.rerun_script.query_string = ""
    socket.send(asked.SerializeToString())
    found = []
    while not (found and found[-1].HasField("script_finished")):
        sent = socket.recv(LOOK_S)
        assert isinstance(sent, bytes)
        found.append(ForwardMsg.FromString(sent))
    return found
