"""A live page over the small scenario, learnt from nothing, in a thread of the test: one compiled program for all tests."""

import json
import threading
import time
from contextlib import contextmanager
from functools import cache

import numpy as np
import small_job
import uvicorn
from websockets.sync.client import connect

from detente.analysis.job import from_prior
from detente.app.ask import BYTES
from detente.app.desk import Desk
from detente.app.room import Room
from detente.app.serve import bind
from detente.app.server import create
from detente.engine.assimilate import Posterior
from detente.engine.simulate import to_theta

FUTURES, PARTICLES = 96, 256


STATEMENTS = """schema: 1
statements:
  - {id: 1, text: Each side answers the other., maps: [{parameter: reciprocity, toward: high}]}
  - {id: 2, text: It will be an accident., mirror: 3, maps: [{parameter: up2, toward: high}]}
  - {id: 3, text: It will be no accident., mirror: 2, maps: [{parameter: up2, toward: low}]}
"""


def learn(runner, theory, record, seed, progress) -> Posterior:
    """A theory's own ranges as if they had been learnt: every particle weighs alike."""
    p = from_prior(PARTICLES)(runner, theory, record, seed, progress)
    each = np.zeros(PARTICLES)
    theta = to_theta(p.z, p.ranges)
    return Posterior(p.z, theta, p.luck, dict(p.state), each, np.arange(PARTICLES), 0.0, 0.0, p.ranges, {"conditioned": 0.0})


@cache
def room() -> Room:
    (small_job.scenario().origin.folder / "statements.yaml").write_text(STATEMENTS)
    made = Room(small_job.scenario(), small_job.runner().model, FUTURES, learn=learn)
    made.runner = small_job.runner()
    return made


@contextmanager
def served():
    """(port, desk) of a running server, until the block ends."""
    desk = Desk(room(), cached=False)
    sock = bind(0)
    port = sock.getsockname()[1]
    config = uvicorn.Config(create(desk, port), log_level="error", ws_max_size=BYTES, ws="websockets-sansio", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield port, desk
    finally:
        server.should_exit = True
        thread.join(10)


class Page:
    """What a page does, without a browser."""

    def __init__(self, port: int, origin: str | None = "same") -> None:
        given = f"http://127.0.0.1:{port}" if origin == "same" else origin
        self.opened = connect(f"ws://127.0.0.1:{port}/live", origin=given, max_size=None)
        self.socket = self.opened.__enter__()
        self.move = 0

    def send(self, **parts) -> int:
        self.move += 1
        self.socket.send(json.dumps({"v": 1, "move": self.move, "levers": {}, "theories": list(room().order), "held": {}} | parts))
        return self.move

    def next(self, kind: str, timeout: float = 120.0, **wanted):
        """The next message of a kind with these values."""
        end = time.monotonic() + timeout
        while True:
            message = json.loads(self.socket.recv(timeout=end - time.monotonic()))
            if message["kind"] == kind and all(message.get(k) == v for k, v in wanted.items()):
                return message

    def close(self) -> None:
        self.socket.close()
