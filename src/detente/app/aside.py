"""What takes longer than a call: making a page's own theory, learning it properly, finding what surprises a theory. A thread of its own, so that nobody
waits for it; one task at a time, the newest of each kind and page."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

from detente.app import mine, surprise, turn
from detente.app.ask import MINE, BadAsk
from detente.app.desk import Desk
from detente.engine.record import build_record
from detente.scenario import Theory

LONGEST_QUEUE = 32
Task = Callable[[], None]


class Aside:
    """Tasks beside the desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.room = desk, desk.room
        self.lock = threading.Condition()
        self.tasks: OrderedDict[tuple[int, str], Task] = OrderedDict()
        self.statements = mine.statements(self.room)
        self.surprises: dict[str, Any] = {}
        self.cruxes: dict[tuple[str, str], Any] = {}
        self.stopping = False
        self.thread = threading.Thread(target=self._work, name="aside", daemon=True)

    def start(self) -> None:
        """Begin."""
        self.thread.start()

    def stop(self) -> None:
        """End after the task that is running."""
        with self.lock:
            self.stopping = True
            self.lock.notify_all()

    def take(self, seat: int, message: dict[str, Any]) -> bool:
        """A message of a page, when it is one of these kinds. Raises BadAsk."""
        kind = message.get("kind")
        if kind == "mine":
            self._put((seat, "mine"), partial(self._mine, seat, self._theory(message), message.get("learn") is True))
        elif kind == "surprise":
            name = message.get("theory")
            if not isinstance(name, str) or name not in self.room.order:
                raise BadAsk("unknown theory")
            self._put((seat, f"surprise {name}"), partial(self._surprise, seat, name))
        elif kind == "crux":
            name, item = message.get("theory"), message.get("item")
            if name not in self.room.order or item not in {i.name for i in self.room.items}:
                raise BadAsk("unknown theory or outcome")
            self._put((seat, "crux"), partial(self._crux, seat, str(name), str(item)))
        else:
            return False
        return True

    def _theory(self, message: dict[str, Any]) -> Theory:
        if set(message) - {"v", "kind", "answers", "file", "learn"}:
            raise BadAsk("unknown field")
        text = message.get("file")
        if text is None:
            answers = mine.checked(message.get("answers"), self.statements)
            text = mine.to_yaml(self.room, mine.ranges(self.room, self.statements, answers))
        if not isinstance(text, str):
            raise BadAsk("expected a theory file as text")
        return mine.from_yaml(self.room, text)

    def _put(self, key: tuple[int, str], task: Task) -> None:
        with self.lock:
            self.tasks.pop(key, None)
            if len(self.tasks) >= LONGEST_QUEUE:
                raise BadAsk("too much is waiting; ask again in a moment")
            self.tasks[key] = task
            self.lock.notify_all()

    def _work(self) -> None:
        while True:
            with self.lock:
                while not self.tasks and not self.stopping:
                    self.lock.wait(1.0)
                if self.stopping:
                    return
                key, task = self.tasks.popitem(last=False)
            try:
                task()
            except (ValueError, ArithmeticError, LookupError, RuntimeError, OSError) as error:
                self.desk.tell(key[0], "error", {"kind": "error", "text": f"{key[1]}: {error}"})

    # ------------------------------------------------------------------------------------------------------------- the tasks

    def _mine(self, seat: int, theory: Theory, learn: bool) -> None:
        room = self.room
        digest = mine.theory_digest(room, theory)
        ranges = [
            {"parameter": r.parameter, "element": list(r.elements), "range": list(r.range), "argument": r.argument} for r in theory.ranges
        ]
        told: dict[str, Any] = {"kind": "mine", "digest": digest, "ranges": ranges, "file": mine.to_yaml(room, ranges), "learnt": learn}
        if learn:
            learned = mine.learn(room, theory, lambda text: self.desk.tell(seat, "mine", {**told, "stage": "learning", "text": text}))
        else:
            self.desk.tell(seat, "mine", {**told, "stage": "weighing"})
            learned, found = mine.weigh(room, theory)
            told |= {"ess": round(found.ess), "families": round(found.families), "particles": learned.size, "way": found.way}
            told |= (
                {"gain": None, "error": None}
                if found.gain != found.gain
                else {"gain": round(found.gain, 2), "error": round(found.error, 2)}
            )
            if not found.ok:
                self.desk.tell(seat, "mine", {**told, "stage": "refused", "reason": found.reason})
                return
        held = room.keep(f"{MINE}:{digest[:16]}{'+' if learn else ''}", learned)
        if not self.desk.fill(held):
            return
        self.desk.make_mine(seat, held)
        self.desk.tell(seat, "mine", {**told, "stage": "ready"})
        self.desk.tell(seat, "mine surprise", {"kind": "surprise", "theory": MINE, "rows": self._beside(surprise.surprises(room, learned))})

    def _crux(self, seat: int, name: str, item: str) -> None:
        told = {"kind": "crux", "theory": name, "item": item}
        if (name, item) not in self.cruxes:
            learned: Any = self.room.learn(
                self.room.runner, self.room.scenario.theories[name], build_record(self.room.model), self.room.seed, None
            )
            self.cruxes[name, item] = turn.strip(
                self.room, learned, item, lambda text: self.desk.tell(seat, "crux", {**told, "text": text})
            )
        self.desk.tell(seat, "crux", {**told, "strip": self.cruxes[name, item]})

    def _surprise(self, seat: int, name: str) -> None:
        if name not in self.surprises:
            learned: Any = self.room.learn(
                self.room.runner, self.room.scenario.theories[name], build_record(self.room.model), self.room.seed, None
            )
            rows = surprise.surprises(self.room, learned)
            self.surprises[name] = self._beside(rows)
        self.desk.tell(seat, f"surprise {name}", {"kind": "surprise", "theory": name, "rows": self.surprises[name]})

    def _beside(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The same events with what the yardstick gave them."""
        if "" not in self.surprises:
            everything = surprise.surprises(self.room, mine.baseline(self.room), most=10_000)
            self.surprises[""] = {(r["draw"], r["day"], r["words"]): r["p"] for r in everything}
        yard = self.surprises[""]
        return [r | {"yardstick": yard.get((r["draw"], r["day"], r["words"]))} for r in rows]
