"""One thread that computes for everybody in the room: first answers before sharper ones, the newest move of each page only.

Nothing is computed for a move that its page has left. A call is short, so a new move waits for one call at most.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from detente.app import answer, layout, store, why
from detente.app.ask import MINE, Ask
from detente.app.cells import Outcome
from detente.app.room import Held, Room

STAGES = (1, 2, 4, 8, 16)
"""Cells per theory after which the figures are sent again; the last time when all are run."""
PAINT = 0.03
"""Seconds that sharpening waits after a first answer: the page that paints it may share the cores."""
PATIENCE = 5.0
"""Seconds that an end waits for a running call: a process that ends inside one dies with a complaint."""
EDITS = 8
"""Doubted theories that are kept of a page."""
KEPT = 48
"""Moves whose cells are kept, so that undo answers at once."""
SWITCHED = 400
"""Theories without a move and with something switched off that are kept: a few hundred numbers a future."""
Send = Callable[[str, Any], None]
"""(slot, message): a later message in a slot replaces one that was not yet sent."""


@dataclass
class Seat:
    """One page: its newest ask and how far it has been answered."""

    send: Send
    ask: Ask | None = None
    stage: int = 0
    waiting: int = 0
    told: set[str] = field(default_factory=set)
    mine: Held | None = None
    """The theory that this page's people made."""
    edits: dict[Any, Held] = field(default_factory=dict)
    """(theory, values at which it is doubted) → the theory weighed or learnt again with ranges about them."""
    want: tuple[str, ...] = ()
    """Theories whose past the page has not been told."""
    reasons: Iterator[Any] | None = None
    """What is being found out about why the newest move changes what it changes."""


class Desk:
    """Serves seats from one room; `start` runs the thread, `stop` ends it."""

    def __init__(self, room: Room, cached: bool = True) -> None:
        self.room, self.cached = room, cached
        self.lock = threading.Condition()
        self.seats: dict[int, Seat] = {}
        self.kept: OrderedDict[Any, dict[int, Outcome]] = OrderedDict()
        self.bases: dict[str, Any] = {}
        self.pasts: dict[str, Any] = {}
        self.off: OrderedDict[Any, dict[int, Outcome]] = OrderedDict()
        self.words = [w["item"] for w in layout.first(room)["words"]]
        self.number, self.order, self.painted = 0, 0, 0.0
        self.stopping = False
        self.status = "starting"
        self.thread = threading.Thread(target=self._serve, name="desk", daemon=True)

    # ------------------------------------------------------------------------------------------------ from the server

    def start(self) -> None:
        """Begin to compute."""
        self.thread.start()

    def stop(self) -> None:
        """End after the call that is running."""
        with self.lock:
            self.stopping = True
            self.lock.notify_all()
        if self.thread.is_alive():
            self.thread.join(PATIENCE)

    def sit(self, send: Send) -> int:
        """A new page; its number."""
        with self.lock:
            self.number += 1
            self.seats[self.number] = Seat(send)
            for name, figures in self.bases.items():
                self._tell_base(self.seats[self.number], name, figures)
            send("status", {"kind": "status", "text": self.status})
            return self.number

    def leave(self, number: int) -> None:
        """A page is gone."""
        with self.lock:
            self.seats.pop(number, None)

    def ask(self, number: int, ask: Ask) -> None:
        """A page's newest move; whatever it asked before is dropped."""
        with self.lock:
            seat = self.seats.get(number)
            if seat is None:
                return
            self.order += 1
            seat.ask, seat.stage, seat.waiting, seat.reasons = ask, 0, self.order, None
            self.lock.notify_all()

    def tell(self, number: int, slot: str, message: Any) -> None:
        """Send something to one page, if it is still there."""
        with self.lock:
            if (seat := self.seats.get(number)) is not None:
                seat.send(slot, message)

    def make_mine(self, number: int, held: Held) -> None:
        """A page's own theory is ready: its figures of no change, and whatever the page asks is answered with it from now on."""
        with self.lock:
            if (seat := self.seats.get(number)) is None:
                return
            seat.mine, seat.told = held, seat.told - {MINE}
            seat.send(f"base {MINE}", {"kind": "base", "theory": MINE, **answer.base(self.room, held)})

    def make_edit(self, number: int, doubted: Any, held: Held) -> None:
        """A doubted theory was weighed or learnt again: whatever the page asks under these doubts is answered with it from now on."""
        with self.lock:
            if (seat := self.seats.get(number)) is not None:
                seat.edits[doubted] = held
                while len(seat.edits) > EDITS:
                    seat.edits.pop(next(iter(seat.edits)))

    def here(self, number: int) -> bool:
        """Is this page still there?"""
        with self.lock:
            return number in self.seats and not self.stopping

    def rest(self, seconds: float = 3.0) -> None:
        """Wait while somebody waits for a figure, so long at most: what runs beside gives way to a move."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.lock:
                if not any(s.ask for s in self.seats.values()):
                    return
            time.sleep(0.02)

    # ------------------------------------------------------------------------------------------------- inside the thread

    def _serve(self) -> None:
        try:
            self._prepare()
            while not self.stopping:
                self._turn()
        except Exception as error:
            self._say(f"the computation stopped: {error}")
            raise

    def _prepare(self) -> None:
        room = self.room
        for name, figures in (store.read(room) if self.cached else {}).items():
            self._publish(name, figures)
        for name in room.at_table:
            if self.stopping:
                return
            self._theory(name)
        if self.cached:
            store.write(room, self.bases)
        self._warm()
        self._say("")

    def _warm(self) -> None:
        """One call without courses, so that the first move does not wait for its compilation, with the starts that it will want."""
        room = self.room
        first = [(room.theories[name], 0, ()) for name in room.at_table][: room.program.cells]
        doses, spans = room.doses(Ask(0))
        room.program(room.placed(first), [doses[:, held.place(cell)] for held, cell, _ in first], spans)

    def _theory(self, name: str) -> Held:
        """Learn a theory and run it under no change; tells every page."""
        if (held := self.room.theories.get(name)) is not None and name in self.bases and len(held.base) == held.cells:
            return held
        self._say(f"reading the record: {self.room.argument(name)}")
        held = self.room.load(name, self._say)
        if self.fill(held):
            self._publish(name, answer.base(self.room, held))
        return held

    def fill(self, held: Held) -> bool:
        """Run a theory under no change; false when the desk was stopped meanwhile."""
        cells = list(range(held.cells))
        at = self.room.program.cells
        doses, spans = self.room.doses(Ask(0))
        for first in range(0, len(cells), at):
            if self.stopping:
                return False
            some = cells[first : first + at]
            starts = self.room.placed([(held, c, ()) for c in some])
            held.base |= dict(zip(some, self.room.program(starts, [doses[:, held.place(c)] for c in some], spans, True), strict=True))
        self.room.settle(held)
        return True

    def _publish(self, name: str, figures: Any) -> None:
        with self.lock:
            self.bases[name] = figures
            for seat in self.seats.values():
                self._tell_base(seat, name, figures)

    def _tell_base(self, seat: Seat, name: str, figures: Any) -> None:
        seat.send(f"base {name}", {"kind": "base", "theory": name, **figures})

    def _say(self, text: str) -> None:
        with self.lock:
            self.status = text
            for seat in self.seats.values():
                seat.send("status", {"kind": "status", "text": text})

    def _turn(self) -> None:
        """One call for the seat whose turn it is; waits when nobody wants anything."""
        with self.lock:
            todo = [s for s in self.seats.values() if s.ask is not None]
            curious = next((s for s in self.seats.values() if s.want), None)
            asking = next((s for s in self.seats.values() if s.reasons), None)
            if not todo and curious is None and asking is None:
                self.lock.wait(1.0)
                return
        if not todo and curious is not None:
            self._past(curious)
            return
        if not todo and asking is not None:
            self._reason(asking)
            return
        with self.lock:
            todo = [s for s in self.seats.values() if s.ask is not None]
            if not todo:
                return
            seat = min(todo, key=lambda s: (s.stage, s.waiting))
            if seat.stage and (left := self.painted - time.monotonic()) > 0:
                self.lock.wait(left)
                return
            ask = seat.ask
        assert ask is not None
        for name in ask.theories:
            if name != MINE and not (name in self.room.theories and name in self.bases):
                self._theory(name)
                self._say("")
                return
        self._advance(seat, ask)

    def _past(self, seat: Seat) -> None:
        """Tell a page the course of one theory through the record, and its futures under no change."""
        name = seat.want[0]
        held = seat.mine if name == MINE else self.room.theories[name]
        key = held.id if held else ""
        if held and key not in self.pasts:
            self._say(f"telling the record again: {self.room.argument(name)}")
            self.pasts[key] = answer.past(self.room, held) | {
                "base": answer.courses(self.room, held, held.base, range(held.cells))["series"]
            }
            self._say("")
        with self.lock:
            seat.want, seat.told = seat.want[1:], seat.told | {name}
            seat.send(f"past {name}", {"kind": "past", "theory": name, **self.pasts.get(key, {})})

    def _advance(self, seat: Seat, ask: Ask) -> None:
        held = [h for name in ask.theories if (h := self._held(seat, ask, name)) is not None]
        if not held:
            with self.lock:
                seat.ask = None if seat.ask is ask else seat.ask
            return
        target = STAGES[seat.stage] if seat.stage < len(STAGES) else max(h.cells for h in held)
        missing = [(h, c) for c in range(target) for h in held if c < h.cells and not self._has(ask, h, c)]
        if missing:
            self._run(ask, missing[: self.room.program.cells])
            if seat.stage:
                return  # whoever moved meanwhile comes first
        if len(missing) <= self.room.program.cells:
            self._answer(seat, ask, held, target)

    def _held(self, seat: Seat, ask: Ask, name: str) -> Held | None:
        return seat.mine if name == MINE else seat.edits.get((name, ask.of(name)), self.room.theories[name])

    def _cells(self, ask: Ask, held: Held) -> dict[int, Outcome]:
        fixed = held.fixed(ask)
        if not ask.levers and not fixed:
            return held.base
        key = ask.levers, held.id, fixed
        cells = self.kept.setdefault(key, {})
        self.kept.move_to_end(key)
        while len(self.kept) > KEPT * 8:
            self.kept.popitem(last=False)
        return cells

    def _has(self, ask: Ask, held: Held, cell: int) -> bool:
        found = self._cells(ask, held).get(cell)
        return found is not None and (found.course is not None or not ask.courses)

    def _run(self, ask: Ask, some: list[tuple[Held, int]]) -> None:
        doses, spans = self._doses(ask)
        starts = self.room.placed([(h, c, h.fixed(ask)) for h, c in some])
        results = self.room.program(starts, [doses[:, h.place(c)] for h, c in some], spans, ask.courses)
        for (held, cell), result in zip(some, results, strict=True):
            self._cells(ask, held)[cell] = result

    def _doses(self, ask: Ask) -> Any:
        """Doses of the last move, kept since every call of it needs them."""
        if getattr(self, "_last", (None, None))[0] != ask.levers:
            self._last = ask.levers, self.room.doses(ask)
        return self._last[1]

    def _answer(self, seat: Seat, ask: Ask, held: list[Held], target: int) -> None:
        done = all(target >= h.cells for h in held)
        found, courses = {}, {}
        for h in held:
            if seat.stage and self._pressed(seat, ask):
                return
            found[h.name] = answer.difference(self.room, h, self._cells(ask, h), min(target, h.cells))
            if done and ask.courses:
                courses[h.name] = answer.courses(self.room, h, self._cells(ask, h), range(h.cells))
        extra = {"courses": courses} if courses else {}
        message = {"kind": "answer", "move": ask.move, "stage": seat.stage, "done": done, "theories": found} | extra
        with self.lock:
            if seat.ask is not ask:
                return
            seat.send("answer", message)
            if seat.stage == 0:
                self.painted = time.monotonic() + PAINT
            seat.want = tuple(h.name for h in held if h.name not in seat.told) if ask.courses and done else ()
            seat.stage += 1
            self.order += 1
            seat.waiting = self.order
            if done:
                seat.ask, seat.reasons = None, self._reasons(seat, ask, held, found)

    def _pressed(self, seat: Seat, ask: Ask) -> bool:
        """Does a newer move wait for its first answer?"""
        with self.lock:
            return any(s.ask is not None and s.stage == 0 and not (s is seat and s.ask is ask) for s in self.seats.values())

    # ------------------------------------------------------------------------------------------ why, when nobody waits for a figure

    def _reason(self, seat: Seat) -> None:
        """One more call toward why the page's newest move changes what it changes."""
        steps = seat.reasons
        message = next(steps, None) if steps is not None else None
        with self.lock:
            if seat.reasons is not steps:
                return
            if message is None:
                seat.reasons = None
            elif message:
                seat.send("why", message)

    def _reasons(self, seat: Seat, ask: Ask, held: list[Held], found: Mapping[str, Any]) -> Iterator[dict[str, Any]] | None:
        """Messages about the first of the room's outcomes that is told apart; empty ones between, a call of the program each. None: nothing to explain."""
        if not ask.levers and not ask.held:
            return None
        held = [h for h in held if h.origin is None]
        first = why.lead(self.room, ask, found, self.words)
        if first is None:
            return None
        return self._explained(ask, held, found, *first)

    def _explained(self, ask: Ask, held: list[Held], found: Mapping[str, Any], item: str, most: float) -> Iterator[dict[str, Any]]:
        place = [i.name for i in self.room.items].index(item)
        ways = {h.name: why.way(found[h.name], place) for h in held}
        message: dict[str, Any] = {"kind": "why", "move": ask.move, "item": item, "done": False, "causes": {}}
        yield message
        for step in why.causes(self.room, held, item, most, ways, self._switched(ask)):
            if step is not None:
                name, cause = step
                message = message | {"causes": message["causes"] | {name: cause and vars(cause) | {"share": cause.share}}}
            yield message if step is not None else {}
        yield message | {"done": True}

    def _switched(self, ask: Ask) -> why.Run:
        """The first cells of a theory with parameters switched off from the record's end on, with the page's move and without."""
        still = self.room.doses(Ask(0))

        def run(held: Held, off: why.Fixed, moved: bool) -> Mapping[int, Outcome]:
            if not off:
                return self._cells(ask, held) if moved else held.base
            if not moved and (held.id, off) in self.off:
                return self.off[held.id, off]
            own = tuple(p for p in ask.of(held.name) if p[0] not in dict(off)) if moved else ()
            doses, spans = self._doses(ask) if moved else still
            which = list(range(min(why.CELLS, held.cells)))
            cells: dict[int, Outcome] = {}
            for first in range(0, len(which), self.room.program.cells):
                some = which[first : first + self.room.program.cells]
                starts = self.room.program.place([self.room.start(held, c, (*own, *off)) for c in some])
                cells |= dict(zip(some, self.room.program(starts, [doses[:, held.place(c)] for c in some], spans), strict=True))
            if not moved:
                self.off[held.id, off] = cells
                while len(self.off) > SWITCHED:
                    self.off.popitem(last=False)
            return cells

        return run
