"""`detente crux`: learns (or takes from the cache) what two readings have learnt, crosses them, and shows where they part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detente.engine.setup import prepare
from detente.report.blocks import Page, put
from detente.report.run import _Bar, interruptible
from detente.scenario import ScenarioError
from detente.scenario.errors import unknown


@dataclass(frozen=True)
class Request:
    """What was asked on the command line."""

    names: tuple[str, ...]
    everyone: bool
    outcomes: tuple[str, ...]
    policy: str | None
    basis: str
    futures: int
    seed: int
    packages: bool
    tip: bool
    watch: bool
    figures: Path | None
    json: bool


def crux_command(request: Request) -> int:
    """Do it. Raises ScenarioError when the request cannot be met."""
    place = _place(request)
    if request.basis not in ("record", "ranges"):
        raise ScenarioError(unknown("basis", request.basis, ("record", "ranges")))
    prepare()
    from detente.report.load import scenario as load

    scenario = load(place)
    for name in () if request.everyone else request.names[:2]:
        if name not in scenario.theories:
            raise ScenarioError(unknown("theory", name, scenario.theories))
    page = _Work(request, scenario).page()
    put(page, request.json)
    return 0


def _place(request: Request) -> str:
    """The scenario: the last word, where one more is given than theories are needed."""
    needed = 0 if request.everyone else 2
    if not needed <= len(request.names) <= needed + 1:
        what = "--all and at most a scenario" if request.everyone else "two theories, and at most a scenario"
        raise ScenarioError(f"expected {what}, found {len(request.names)} words")
    return request.names[needed] if len(request.names) > needed else "euro_atlantic"


class _Work:
    """One request at work: the composed model, what was learnt, and a bar."""

    def __init__(self, request: Request, scenario: Any) -> None:
        from detente.analysis.job import no_change
        from detente.analysis.outcomes import items
        from detente.engine.compose import compose
        from detente.engine.simulate import Runner

        self.request, self.scenario = request, scenario
        self.model = compose(scenario)
        self.runner = Runner(self.model)
        self.base = scenario.policies[no_change(scenario)]
        self.items = items(self.model)
        self.bar = _Bar(scenario.title)
        self.shown = self._shown()
        if request.policy is not None and request.policy not in scenario.policies:
            raise ScenarioError(unknown("package", request.policy, scenario.policies))

    def page(self) -> Page:
        """The answer."""
        with self.bar:
            return interruptible(self._everyone if self.request.everyone else self._pair, self.bar.stop)

    def _shown(self) -> list[str]:
        """Names of the items shown: those asked for, else one or two for each question."""
        from detente.report.compare import HEADLINES

        names, outcomes = [i.name for i in self.items], [i.outcome for i in self.items]
        for asked in self.request.outcomes:
            if asked not in names and asked not in outcomes:
                raise ScenarioError(unknown("outcome", asked, dict.fromkeys([*outcomes, *names])))
        if self.request.outcomes:
            return [n for n, o in zip(names, outcomes, strict=True) if n in self.request.outcomes or o in self.request.outcomes]
        found = []
        for outcome in HEADLINES:
            mine = [i for i in self.items if i.outcome == outcome]
            mission = [c for c, channel in self.scenario.channels.items() if channel.mission]
            found += [i.name for i in mine if i.element in mission][:1] or [i.name for i in mine][:1]
        return found or names[:3]

    def _learnt(self, name: str, record: Any) -> Any:
        from detente.engine.cache import load_or_assimilate

        def tell(text: str, part: float, whole: float) -> None:
            self.bar.tell(f"{self.scenario.theories[name].argument}: learning from the record, {text}", int(100 * part), int(100 * whole))

        return load_or_assimilate(self.runner, self.scenario.theories[name], record, seed=self.request.seed, progress=tell)

    def _pair(self) -> Page:
        from detente.analysis import crux
        from detente.engine.record import build_record
        from detente.report import crux as shown
        from detente.report import crux_charts as charts

        r, s = self.request, self.scenario
        a, b = r.names[:2]
        record = build_record(self.model) if r.basis == "record" else None
        learnt = [None if record is None else self._learnt(name, record) for name in (a, b)]
        basis: crux.Basis = "ranges" if record is None else "record"
        two = crux.pair(self.runner, (s.theories[a], learnt[0]), (s.theories[b], learnt[1]), self.items, r.futures, r.seed, basis)
        if not two.parts:
            raise ScenarioError(f"{a} and {b} give every parameter the same range: before the record there is no difference to share out")
        policy = s.policies[r.policy] if r.policy else None
        found = crux.attribute(two, policy, self.base, r.seed, tick=self._tick("shares by mechanism and parameter"))
        main = shown.leading(found, self.shown, str(found["of"].values[-1]))
        self.bar.tell("interactions", 0, 1)
        more: dict[str, Any] = {"pairs": crux.together(two, found, self.base, main)}
        if r.packages:
            others = [p for p in s.policies.values() if p.id != self.base.id]
            more["needs"] = crux.unneeded(two, others, self.base, self._tick("packages under exchanged mechanisms"))
        if r.tip:
            more["tips"] = [(name, self._tip(side, main)) for name, side in ((a, two.a), (b, two.b))]
        if r.watch and record is not None:
            more["watch"] = self._watch(a, b)
        if r.figures is not None:
            self._write(charts.bars(s, a, b, found, main, str(found["of"].values[-1])))
        return shown.page(s, self.model, a, b, found, self.shown, more)

    def _watch(self, a: str, b: str) -> Any:
        """What to watch in the next years to tell the two apart."""
        from detente.analysis.watch import watch

        return watch(self.scenario, (a, b), futures=2 * self.request.futures, seed=self.request.seed, progress=self.bar.tell)

    def _tip(self, side: Any, item: str) -> Any:
        """The tipping value of the parameter on which the choice turns most; None where no one of the leading three changes it."""
        from detente.analysis.tipping import hinge, scoring

        policies = list(self.scenario.policies.values())
        return hinge(side, policies, scoring(self.model, item), self._tick("tipping value"))

    def _everyone(self) -> Page:
        from detente.analysis import crux
        from detente.engine.record import build_record
        from detente.report import crux as shown
        from detente.report import crux_charts as charts

        r, s = self.request, self.scenario
        theories = [t for t in s.ordered_theories() if t.table != "baseline"] or s.ordered_theories()
        record = build_record(self.model)
        learnt = [self._learnt(t.id, record) for t in theories]
        found = crux.everyone(self.runner, theories, learnt, self.items, self.base, r.futures, r.seed, self._tick("pairs of readings"))
        apart = abs(found["difference"]) > crux.Z95 * found["difference_error"]
        counts = [int(apart.sel(item=i).sum()) for i in self.shown]
        item = self.shown[int(np.argmax(counts))]
        if r.figures is not None:
            self._write(charts.everyone_picture(s, found, item))
        return shown.everyone_page(s, found, item)

    def _write(self, picture: Any) -> None:
        from detente.report import words
        from detente.report.crux_charts import figure
        from detente.report.files import write_text
        from detente.report.picture import framed

        assert self.request.figures is not None
        f = figure(picture, words.foot(self.scenario.as_of))
        write_text(self.request.figures / f"{f.key}.svg", framed(f.svg, f.title, f.note, f.foot))

    def _tick(self, text: str) -> Any:
        return lambda done, total: self.bar.tell(text, done, total)
