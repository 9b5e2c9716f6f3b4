"""What takes longer than a call: making a page's own theory, learning it properly, finding what surprises a theory. A thread of its own, so that nobody
waits for it; one task at a time, the newest of each kind and page."""

from __future__ import annotations

import base64
import json
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

from detente.analysis.reweigh import move
from detente.app import apart, mine, session, surprise, turn
from detente.app.ask import MINE, Ask, BadAsk, doubt, read
from detente.app.behind import Behind
from detente.app.desk import PATIENCE, Desk
from detente.app.why import Fixed
from detente.engine.record import build_record
from detente.scenario import Theory

LONGEST_QUEUE = 32
Task = Callable[[], None]


class Left(Exception):
    """Nobody waits for it any more."""


class Aside:
    """Tasks beside the desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.room = desk, desk.room
        self.lock = threading.Condition()
        self.tasks: OrderedDict[tuple[int, str], Task] = OrderedDict()
        self.statements = mine.statements(self.room)
        self.surprises: dict[str, Any] = {}
        self.cruxes: dict[tuple[str, str], Any] = {}
        self.aparts: OrderedDict[str, Any] = OrderedDict()
        self.behind = Behind(str(self.room.scenario.origin.folder), self.room.seed) if self.room.alone else None
        self.stopping = False
        self.thread = threading.Thread(target=self._work, name="aside", daemon=True)

    def start(self) -> None:
        """Begin."""
        if self.behind is not None:
            self._put((0, "warm"), self._warm)
            self.behind.start()
        self.thread.start()

    def stop(self) -> None:
        """End after the task that is running."""
        with self.lock:
            self.stopping = True
            self.lock.notify_all()
        if self.behind is not None:
            self.behind.stop()
        if self.thread.is_alive():
            self.thread.join(PATIENCE)

    def take(self, seat: int, message: dict[str, Any]) -> bool:
        """A message of a page, when it is one of these kinds. Raises BadAsk."""
        kind = message.get("kind")
        if kind == "mine":
            self._put((seat, "mine"), partial(self._mine, seat, self._theory(message)))
        elif kind == "doubt":
            theory, values = doubt(message, self.room.known)
            self._put((seat, f"doubt {theory}"), partial(self._doubt, seat, theory, values))
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
        elif kind == "folder":
            text = message.pop("file", None)
            ask = read(json.dumps(message | {"kind": "state", "move": 0, "theories": list(self.room.at_table)}), self.room.known)
            own = mine.from_yaml(self.room, text) if isinstance(text, str) else None
            self._put((seat, "folder"), partial(self._folder, seat, ask, own))
        else:
            return False
        return True

    def _theory(self, message: dict[str, Any]) -> Theory:
        if set(message) - {"v", "kind", "answers", "file"}:
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
            except Left:
                continue
            except (ValueError, ArithmeticError, LookupError, RuntimeError, OSError) as error:
                self.desk.tell(key[0], "error", {"kind": "error", "text": f"{key[1]}: {error}"})

    # ------------------------------------------------------------------------------------------------------------- the tasks

    def _warm(self) -> None:
        """Compile what the first theory of the room will need, once every reading has its figures."""
        while len(self.room.theories) < len(self.room.at_table):
            if self.stopping:
                return
            time.sleep(0.2)
        self.desk.rest()
        self._beside([])
        base = mine.baseline(self.room)
        move(self.room.runner, base, base.ranges, build_record(self.room.model))

    def _mine(self, seat: int, theory: Theory) -> None:
        room = self.room
        rows = mine.entries(theory)
        told: dict[str, Any] = {
            "kind": "mine",
            "digest": mine.theory_digest(room, theory),
            "ranges": rows,
            "file": mine.to_yaml(room, rows),
        }
        tell = partial(self.desk.tell, seat, "mine")
        tell({**told, "stage": "weighing"})
        learned, found = mine.weigh(room, theory)
        told |= _worth(learned, found)
        if found.ok:
            self._ready(seat, theory, learned, {**told, "stage": "ready", "learnt": False})
        else:
            tell({**told, "stage": "refused", "reason": found.reason})
            self._missed(seat, mine.untaught(room, theory), True)
        self._learn_behind(seat, "mine", theory, lambda p: self._ready(seat, theory, p, {**told, "stage": "ready", "learnt": True}))

    def _ready(self, seat: int, theory: Theory, learned: Any, told: dict[str, Any]) -> None:
        """The page's own theory has particles: its figures, what the record finds hardest in it, and where it parts from each other theory."""
        held = self.room.keep(f"{MINE}:{told['digest'][:16]}{'+' if told['learnt'] else ''}", learned)
        if not self.desk.fill(held):
            return
        self.desk.make_mine(seat, held)
        self.desk.tell(seat, "mine", told)
        self._missed(seat, learned, False)
        self._put((seat, "apart"), partial(self._apart, seat, theory, held))

    def _missed(self, seat: int, learned: Any, untaught: bool) -> None:
        """Where the record surprises the page's own theory; `untaught`: by its ranges alone, since nothing has learnt yet."""
        rows = self._beside(surprise.surprises(self.room, learned))
        self.desk.tell(seat, "mine surprise", {"kind": "surprise", "theory": MINE, "rows": rows, "untaught": untaught})

    def _apart(self, seat: int, theory: Theory, held: Any) -> None:
        """Where the page's own theory parts from each that is at the table, one after the other; given up when the answers change."""
        told: dict[str, Any] = {"kind": "apart", "done": False, "rows": []}
        rows = self.aparts.pop(held.id, [])
        known = {r["theory"] for r in rows}
        for name in self.room.at_table:
            if name not in known:
                self.desk.tell(seat, "apart", {**told, "rows": rows})
                learned = self._learned(name)
                rows = [
                    *rows,
                    apart.apart(self.room, (theory, held.learned), name, learned, self.desk.words, self._give_way(seat, "mine", "apart")),
                ]
        self.aparts[held.id] = rows
        while len(self.aparts) > LONGEST_QUEUE:
            self.aparts.popitem(last=False)
        self.desk.tell(seat, "apart", {**told, "done": True, "rows": rows})

    def _folder(self, seat: int, ask: Ask, own: Theory | None) -> None:
        """The session as a scenario folder, packed."""
        packed = base64.b64encode(session.archive(self.room, ask, own)).decode()
        self.desk.tell(seat, "folder", {"kind": "folder", "name": f"{self.room.scenario.id}_session.zip", "zip": packed})

    def _doubt(self, seat: int, name: str, values: Fixed) -> None:
        """A theory doubted in front of everyone: its own particles weighed with a window about the values, and learnt again behind."""
        theory = mine.doubted(self.room, name, values)
        told: dict[str, Any] = {"kind": "doubt", "theory": name, "held": dict(values)}
        tell = partial(self.desk.tell, seat, f"doubt {name}")
        tell({**told, "stage": "weighing"})
        learned, found = mine.weigh(self.room, theory, self._learned(name))
        told |= _worth(learned, found)
        if found.ok:
            self._doubted(seat, (name, values), theory, learned, {**told, "stage": "weighed"})
        else:
            tell({**told, "stage": "refused", "reason": found.reason})
        self._learn_behind(
            seat, f"doubt {name}", theory, lambda p: self._doubted(seat, (name, values), theory, p, {**told, "stage": "learnt"})
        )

    def _doubted(self, seat: int, key: tuple[str, Fixed], theory: Theory, learned: Any, told: dict[str, Any]) -> None:
        name = key[0]
        mark = "+" if told["stage"] == "learnt" else ""
        held = self.room.keep(f"{name}:{mine.theory_digest(self.room, theory)[:16]}{mark}", learned, self.room.theories[name])
        if self.desk.fill(held):
            self.desk.make_edit(seat, key, held)
            self.desk.tell(seat, f"doubt {name}", told)

    def _learn_behind(self, seat: int, what: str, theory: Theory, then: Callable[[Any], None]) -> None:
        """Learn a theory from the record in a process of its own; `then` takes what was learnt, as a task of this thread."""
        if self.behind is None:
            return
        text = mine.to_yaml(self.room, mine.entries(theory))

        def done() -> None:
            self._put((seat, what), lambda: then(mine.learn(self.room, theory)))

        def tell(part: str) -> bool:
            self.desk.tell(seat, f"behind {what}", {"kind": "behind", "what": what, "text": part})
            return self.desk.here(seat)

        self.behind.ask((seat, what), text, tell, done)

    def _give_way(self, seat: int, *kinds: str) -> Callable[[], None]:
        """What long work calls between its steps: it waits while somebody waits for a figure, and ends the work that nobody waits for."""

        def step(*_: Any) -> None:
            with self.lock:
                left = self.stopping or any((seat, kind) in self.tasks for kind in kinds)
            if left or not self.desk.here(seat):
                raise Left
            self.desk.rest()

        return step

    def _learned(self, name: str) -> Any:
        """What a theory has learnt."""
        if (held := self.room.theories.get(name)) is not None:
            return held.learned
        room = self.room
        return room.learn(room.runner, room.scenario.theories[name], build_record(room.model), room.seed, None)

    def _crux(self, seat: int, name: str, item: str) -> None:
        told = {"kind": "crux", "theory": name, "item": item}
        if (name, item) not in self.cruxes:
            tell = partial(self._search, seat, told)
            self.cruxes[name, item] = turn.strip(self.room, self._learned(name), item, tell, self._give_way(seat, "crux"))
        self.desk.tell(seat, "crux", {**told, "strip": self.cruxes[name, item]})

    def _search(self, seat: int, told: dict[str, Any], text: str) -> None:
        self.desk.tell(seat, "crux", {**told, "text": text})

    def _surprise(self, seat: int, name: str) -> None:
        if name not in self.surprises:
            self.surprises[name] = self._beside(surprise.surprises(self.room, self._learned(name)))
        self.desk.tell(seat, f"surprise {name}", {"kind": "surprise", "theory": name, "rows": self.surprises[name]})

    def _beside(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The same events with what the yardstick gave them."""
        if "" not in self.surprises:
            everything = surprise.surprises(self.room, mine.baseline(self.room), most=10_000)
            self.surprises[""] = {(r["draw"], r["day"], r["words"]): r["p"] for r in everything}
        yard = self.surprises[""]
        return [r | {"yardstick": yard.get((r["draw"], r["day"], r["words"]))} for r in rows]


def _worth(learned: Any, found: Any) -> dict[str, Any]:
    """How far particles with other weights can be trusted, and what the record says of the ranges, as plain numbers."""
    known = math.isfinite(found.gain) and math.isfinite(found.error)
    return {
        "ess": round(found.ess), "families": round(found.families), "particles": learned.size, "way": found.way,
        "gain": round(found.gain, 2) if known else None, "error": round(found.error, 2) if known else None,
    }  # fmt: skip
