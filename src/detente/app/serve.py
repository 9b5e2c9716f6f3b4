"""`detente app`: make the room ready, bind a port of the loopback address, print where, open a browser."""

from __future__ import annotations

import socket
import sys
import threading
import webbrowser
from importlib import import_module
from typing import Any

from detente.app.ask import BYTES
from detente.scenario import ScenarioError

HOST = "127.0.0.1"
SWITCH = 0.0005
"""Seconds after which the thread that computes lets the one that answers go on; Python's own five milliseconds show in a first answer."""


def serve(place: str, port: int = 0, browser: bool = True, futures: int | None = None) -> int:
    """Serve until stopped. Raises ScenarioError before anything is bound when the scenario is not what it should be."""
    uvicorn = _library()
    from detente.app.desk import Desk
    from detente.app.layout import first
    from detente.app.room import FUTURES, Room
    from detente.app.server import create
    from detente.engine.compose import compose
    from detente.engine.setup import prepare
    from detente.report.load import scenario

    prepare()
    sys.setswitchinterval(SWITCH)
    found = scenario(place)
    room = Room(found, compose(found), futures or FUTURES)
    first(room)
    bound = bind(port)
    number = bound.getsockname()[1]
    address = f"http://{HOST}:{number}/"
    config = uvicorn.Config(
        create(Desk(room), number), log_level="warning", ws_max_size=BYTES, ws="websockets-sansio", lifespan="on", server_header=False,
        timeout_graceful_shutdown=1, limit_concurrency=200,
    )  # fmt: skip
    sys.stdout.write(f"{found.title}: {address}\n")
    sys.stdout.flush()
    if browser:
        threading.Timer(0.5, webbrowser.open, (address,)).start()
    server = uvicorn.Server(config)
    server.run(sockets=[bound])
    return 0


def bind(port: int) -> socket.socket:
    """A socket on the loopback address; port 0 takes a free one. Raises ScenarioError when it is taken."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
    except OSError:
        made.close()
        raise ScenarioError(f"port {port} of this machine is taken; give another with --port, or 0 for any") from None
    return made


def _library() -> Any:
    try:
        uvicorn, *_ = (import_module(name) for name in ("uvicorn", "starlette", "websockets"))
    except ImportError as error:
        raise ScenarioError(f"the live page needs {error.name}; install it with: pip install 'detente[app]'") from None
    sys.stdout.flush()
    return uvicorn
