"""The world that mechanisms see: names become index arrays and constant weights. No mechanism, and nothing here, names an actor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from detente.contract import RUNGS, Pairs, World

F32 = np.float32


def axes_of(scenario: Any) -> dict[str, tuple[str, ...]]:
    """Names of the elements of each axis, in the order of the scenario's file."""
    pairs = [f"{a}>{b}" for pair in scenario.pairs for a, b in (pair.between, pair.between[::-1])]
    parties = [f"{name}:{actor}" for name, treaty in scenario.treaties.items() for actor in treaty.parties]
    opening = [name for name, domain in scenario.domains.items() if domain.opens]
    return {
        "actor": tuple(scenario.actors),
        "pair": tuple(pairs),
        "bloc": tuple(scenario.blocs),
        "theatre": tuple(scenario.theatres),
        "rivalry": tuple(scenario.rivalries),
        "opening": tuple(opening),
        "treaty": tuple(scenario.treaties),
        "party": tuple(parties),
        "channel": tuple(scenario.channels),
        "applicant": tuple(scenario.applicants),
        "challenge": tuple(scenario.challenges),
        "rung": tuple(str(k) for k in range(len(RUNGS))),
    }


class _Builder:
    """Fills matrices by rule: `matrix("a", "b", rule)` has rule(name of a, name of b) at each place."""

    def __init__(self, scenario: Any, levels: Mapping[str, Mapping[str, float]]) -> None:
        self.scenario = scenario
        self.axes = axes_of(scenario)
        self.levels = levels
        self.rival_pairs = {f"{a}>{b}" for p in scenario.pairs if p.rival for a, b in (p.between, p.between[::-1])}
        self.sides = {name: self._sides(r) for name, r in scenario.rivalries.items()}

    @staticmethod
    def _sides(rivalry: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(the side of the challenged, the challenger's side)."""
        first, second = rivalry.sides
        return (first, second) if rivalry.challenger in second else (second, first)

    def index(self, axis: str, name: str | None) -> int:
        """Position on the axis; the first element where the scenario names none."""
        return self.axes[axis].index(name) if name in self.axes[axis] else 0

    def indices(self, axis: str, names: Sequence[str | None]) -> np.ndarray:
        return np.array([self.index(axis, name) for name in names], np.int32)

    def matrix(self, rows: str, columns: str, rule: Callable[[str, str], float], normal: bool = False) -> np.ndarray:
        out = np.array([[float(rule(a, b)) for b in self.axes[columns]] for a in self.axes[rows]], F32)
        out = out.reshape(len(self.axes[rows]), len(self.axes[columns]))
        if normal:
            mass = out.sum(axis=1, keepdims=True)
            out = np.divide(out, mass, out=np.zeros_like(out), where=mass > 0)
        return out

    def vector(self, axis: str, rule: Callable[[str], float]) -> np.ndarray:
        return np.array([float(rule(a)) for a in self.axes[axis]], F32)


def _ends(pair: str) -> tuple[str, str]:
    source, target = pair.split(">")
    return source, target


def build_world(scenario: Any, levels: Mapping[str, Mapping[str, float]]) -> World:
    """World of a scenario. `levels` holds record levels by state and element (first measures, means) that constants need."""
    b = _Builder(scenario, levels)
    pairs = b.axes["pair"]
    source = b.indices("actor", [_ends(p)[0] for p in pairs])
    target = b.indices("actor", [_ends(p)[1] for p in pairs])
    mirror = np.arange(len(pairs), dtype=np.int32) ^ 1
    rival = np.array([p in b.rival_pairs for p in pairs])
    constants: dict[str, Any] = {}
    for part in (_actors, _blocs, _theatres, _rivalries, _treaties, _channels, _applicants):
        constants |= part(b)
    return World(axes=b.axes, pairs=Pairs(pairs, source, target, mirror, rival), constants=constants)


def _actors(b: _Builder) -> dict[str, Any]:
    rival = b.rival_pairs
    mean, first = b.levels.get("arms_mean", {}), b.levels.get("arms", {})

    def reach(pair: str) -> float:
        i, j = _ends(pair)
        return min(1.0, mean.get(i, 1.0) / max(mean.get(j, 1.0), 1e-9)) if pair in rival else 0.0

    return {
        "nuclear": b.vector("actor", lambda a: b.scenario.actors[a].nuclear),
        "warheads_base": b.vector("actor", lambda a: b.levels.get("warheads_end", {}).get(a, 0.0)),
        "arms_start": b.vector("actor", lambda a: first.get(a, 1.0)),
        "reach": b.vector("pair", reach),
        "rivals_of": b.matrix("actor", "pair", lambda a, p: p in rival and _ends(p)[0] == a),
        "fears_of": b.matrix("actor", "pair", lambda a, p: p in rival and _ends(p)[0] == a, normal=True),
        "seen_by": b.matrix("actor", "pair", lambda a, p: p in rival and _ends(p)[1] == a, normal=True),
        "targets_of": b.matrix("actor", "pair", lambda a, p: _ends(p)[1] == a),
    }


def _blocs(b: _Builder) -> dict[str, Any]:
    blocs, applicants = b.scenario.blocs, b.scenario.applicants
    pairs = set(b.axes["pair"])

    def other_rival(name: str) -> str | None:
        return next((o.rival for key, o in blocs.items() if key != name and o.leader == blocs[name].leader), None)

    def in_bloc(actor: str, name: str) -> bool:
        return actor in blocs[name].founders or actor in blocs[name].weights

    def members(name: str, hopeful: bool) -> list[str]:
        rival = blocs[name].rival
        pool = [a for a, q in applicants.items() if q.bloc == name] if hopeful else list(blocs[name].founders)
        return [a for a in pool if f"{a}>{rival}" in pairs]

    out: dict[str, Any] = {
        k: [] for k in ("member_pairs", "member_weights", "applicant_pairs", "applicant_weights", "other_pairs", "other_weights")
    }
    leader_other = []
    for name, bloc in blocs.items():
        founders, hopefuls, second = members(name, False), members(name, True), other_rival(name)
        out["member_pairs"].append(b.indices("pair", [f"{a}>{bloc.rival}" for a in founders]))
        out["member_weights"].append(np.array([bloc.weights.get(a, 0.0) for a in founders], F32))
        out["applicant_pairs"].append(b.indices("pair", [f"{a}>{bloc.rival}" for a in hopefuls]))
        weights = np.zeros((len(hopefuls), len(b.axes["applicant"])), F32)
        for k, a in enumerate(hopefuls):
            weights[k, b.index("applicant", a)] = bloc.weights.get(a, 0.0)
        out["applicant_weights"].append(weights)
        views = [a for a in bloc.weights if second and a != bloc.leader and f"{a}>{second}" in pairs]
        keep = views or [bloc.leader]
        own = second if views else bloc.rival
        mass = np.array([bloc.weights.get(a, 0.0) or 1.0 for a in keep], F32)
        out["other_pairs"].append(b.indices("pair", [f"{a}>{own}" for a in keep]))
        out["other_weights"].append(mass / mass.sum())
        leader_other.append(b.index("pair", f"{bloc.leader}>{second if views else bloc.rival}"))
    first = next(iter(blocs), None)
    lead = {name: float(name == first) for name in blocs}
    return out | {
        "leader_other_pair": np.array(leader_other, np.int32),
        "leads_two": b.vector("bloc", lambda k: lead[k]),
        "intervenes": b.vector("bloc", lambda k: lead[k]),
        "pair_of_bloc": b.matrix(
            "pair", "bloc", lambda p, k: p in b.rival_pairs and in_bloc(_ends(p)[0], k) and _ends(p)[1] == blocs[k].rival
        ),
        "accommodated": b.matrix("pair", "bloc", lambda p, k: _ends(p)[0] == blocs[k].rival and in_bloc(_ends(p)[1], k)),
        "rival_of_bloc": b.vector("pair", lambda p: any(_ends(p)[0] == k.rival and _ends(p)[1] == k.leader for k in blocs.values())),
        "force_by_bloc": b.matrix("pair", "bloc", lambda p, k: _ends(p)[0] == blocs[k].rival and _ends(p)[1] in blocs[k].founders),
        "bloc_enlarged": b.matrix("bloc", "applicant", lambda k, q: applicants[q].near if applicants[q].bloc == k else 0.0),
        "illusion": b.vector(
            "pair",
            lambda p: any({*_ends(p)} <= {blocs[k].rival, *blocs[k].founders} and lead[k] and blocs[k].rival in _ends(p) for k in blocs),
        ),
        "joint_pair": b.vector(
            "pair",
            lambda p: any(
                lead[k] and blocs[k].rival in _ends(p) and ({*_ends(p)} - {blocs[k].rival}) <= {*blocs[k].weights} for k in blocs
            ),
        ),
        "joint_view": _joint_view(b, first),
    }


def _joint_view(b: _Builder, first: str | None) -> np.ndarray:
    """One row: both directions between the first bloc's leader (and largest founders) and its rival."""
    if first is None:
        return np.full((1, len(b.axes["pair"])), 1.0 / len(b.axes["pair"]), F32)
    bloc = b.scenario.blocs[first]
    row = b.vector("pair", lambda p: bloc.rival in _ends(p) and ({*_ends(p)} - {bloc.rival}) <= {*bloc.founders})
    return (row / max(row.sum(), 1.0))[None]


def _theatres(b: _Builder) -> dict[str, Any]:
    theatres, blocs = b.scenario.theatres, b.scenario.blocs
    bloc_of: dict[str, Any] = {t: next((x for x in blocs.values() if x.theatre == t), None) for t in theatres}
    leaders = [bloc.leader if bloc else None for bloc in bloc_of.values()]

    def across(pair: str, theatre: str) -> float:
        bloc = bloc_of[theatre]
        ends = {*_ends(pair)}
        return bool(bloc) and pair in b.rival_pairs and bloc.rival in ends and bool(ends & ({*bloc.weights} | {*bloc.founders}))

    return {
        "leader_of_theatre": b.indices("actor", leaders),
        "rival_of_theatre": b.indices("actor", [t.rival for t in theatres.values()]),
        "leader_pair": b.indices("pair", [f"{leader}>{t.rival}" for leader, t in zip(leaders, theatres.values(), strict=True)]),
        "covered": b.matrix("actor", "theatre", lambda a, t: bool(bloc_of[t]) and a in bloc_of[t].weights and a != bloc_of[t].leader),
        "forbids": b.matrix("theatre", "treaty", lambda t, k: b.scenario.treaties[k].forbids_missiles_in == t),
        "missile_pairs": b.matrix("pair", "theatre", across),
        "missiles_of": b.matrix(
            "rivalry", "theatre", lambda r, t: bool(bloc_of[t]) and b.scenario.blocs.get(b.scenario.rivalries[r].bloc) is bloc_of[t]
        ),
    }


def _rivalries(b: _Builder) -> dict[str, Any]:
    rivalries, sides = b.scenario.rivalries, b.sides
    blocs = b.scenario.blocs

    def weight(pair: str, name: str, from_challenger: bool) -> float:
        challenged, challengers = sides[name]
        i, j = _ends(pair)
        one, other = (challengers, challenged) if from_challenger else (challenged, challengers)
        if i not in one or j not in other:
            return 0.0
        given = rivalries[name].weights
        return given.get(j if from_challenger else i, 1.0) if given else 1.0

    def between(pair: str, name: str) -> float:
        return weight(pair, name, True) + weight(pair, name, False)

    return {
        "direct": b.vector("rivalry", lambda r: rivalries[r].kind == "direct"),
        "challenger": b.indices("actor", [r.challenger for r in rivalries.values()]),
        "rivalry_bloc": b.indices("bloc", [r.bloc for r in rivalries.values()]),
        "theatre_of_rivalry": b.indices("theatre", [blocs[r.bloc].theatre if r.bloc in blocs else None for r in rivalries.values()]),
        "stands": b.vector("rivalry", lambda r: rivalries[r].kind == "direct"),
        "contact": b.vector("rivalry", lambda r: rivalries[r].kind == "direct"),
        "front": b.matrix("rivalry", "actor", lambda r, a: a in (rivalries[r].front or sides[r][0])),
        "actor_in_rivalry": b.matrix("actor", "rivalry", lambda a, r: a in sides[r][0] + sides[r][1]),
        "pair_rivalry": b.matrix("pair", "rivalry", lambda p, r: between(p, r) > 0.0),
        "rivalry_pairs": b.matrix("rivalry", "pair", lambda r, p: between(p, r), normal=True),
        "front_view": b.matrix("rivalry", "pair", lambda r, p: weight(p, r, False), normal=True),
        "challenger_view": b.matrix("rivalry", "pair", lambda r, p: weight(p, r, True), normal=True),
        "presence_pairs": b.matrix("pair", "rivalry", lambda p, r: weight(p, r, True) > 0.0),
        "rivalry_applicant": b.matrix("rivalry", "applicant", lambda r, q: rivalries[r].applicant == q),
        "applicant_rivalry": b.matrix("applicant", "rivalry", lambda q, r: rivalries[r].applicant == q),
        "patron_of": b.matrix("rivalry", "rivalry", lambda patron, r: rivalries[r].patron == patron),
        "rivalry_of_bloc": b.matrix("rivalry", "bloc", lambda r, k: rivalries[r].bloc == k and rivalries[r].kind == "direct"),
        "force_by_challenger": b.matrix(
            "pair",
            "rivalry",
            lambda p, r: rivalries[r].kind == "applicant" and _ends(p)[1] == rivalries[r].challenger and p in b.rival_pairs,
        ),
        "prevents": b.matrix(
            "rivalry",
            "treaty",
            lambda r, k: b.scenario.treaties[k].prevents_incidents and rivalries[r].challenger in b.scenario.treaties[k].parties,
        ),
    }


def _treaties(b: _Builder) -> dict[str, Any]:
    treaties = b.scenario.treaties
    parties = [tuple(p.split(":")) for p in b.axes["party"]]
    dates = [[_quarter_year(d) for d in t.expires] for t in treaties.values()]
    width = max([len(d) for d in dates] + [1])
    expires = np.full((len(treaties), width), -1.0, F32)
    for k, row in enumerate(dates):
        expires[k, : len(row)] = row
    both = b.matrix("pair", "treaty", lambda p, k: {*_ends(p)} <= {*treaties[k].parties} and p in b.rival_pairs)
    return {
        "verification": b.vector("treaty", lambda k: treaties[k].verification),
        "party_treaty": b.indices("treaty", [t for t, _ in parties]),
        "party_actor": b.indices("actor", [a for _, a in parties]),
        "party_view": b.matrix(
            "party",
            "pair",
            lambda q, p: p in b.rival_pairs and _ends(p)[0] == q.split(":")[1] and _ends(p)[1] in treaties[q.split(":")[0]].parties,
            normal=True,
        ),
        "exit_seen": b.matrix(
            "pair",
            "party",
            lambda p, q: p in b.rival_pairs and _ends(p)[1] == q.split(":")[1] and _ends(p)[0] in treaties[q.split(":")[0]].parties,
        ),
        "treaty_of_pair": both,
        "treaty_pairs": b.matrix("treaty", "pair", lambda k, p: {*_ends(p)} <= {*treaties[k].parties} and p in b.rival_pairs, normal=True),
        "expires": expires,
        "capped_by": b.matrix("actor", "treaty", lambda a, k: a in treaties[k].caps),
    }


def _quarter_year(day: Any) -> float:
    """Start of the quarter that holds a day, as a year."""
    return float(day.year + (day.month - 1) // 3 * 0.25)


def _channels(b: _Builder) -> dict[str, Any]:
    channels = b.scenario.channels
    main = next((r for r, x in b.scenario.rivalries.items() if x.kind == "direct"), None)
    mine = [name for name, c in channels.items() if c.rivalry == main]
    political = [name for name in mine if channels[name].level != "military"] or mine
    return {
        "channel_rivalry": b.indices("rivalry", [c.rivalry for c in channels.values()]),
        "channels_of": b.matrix("rivalry", "channel", lambda r, c: channels[c].rivalry == r),
        "channel_pairs": b.matrix("channel", "pair", lambda c, p: {*_ends(p)} == {*channels[c].sides}, normal=True),
        "talks": b.vector("channel", lambda c: 1.0 / max(len(mine), 1) if c in mine else 0.0),
        "works": b.vector("channel", lambda c: 1.0 / max(len(political), 1) if c in political else 0.0),
        "council": b.matrix("pair", "channel", lambda p, c: channels[c].council),
        "mission_channel": b.matrix("pair", "channel", lambda p, c: channels[c].mission),
    }


def _applicants(b: _Builder) -> dict[str, Any]:
    applicants, blocs = b.scenario.applicants, b.scenario.blocs

    def provoked(pair: str, name: str) -> float:
        q = applicants[name]
        i, j = _ends(pair)
        return q.near if i == q.rival and j in {*blocs[q.bloc].founders, name} else 0.0

    return {
        "applicant_bloc": b.indices("bloc", [q.bloc for q in applicants.values()]),
        "applicant_pair": b.indices("pair", [f"{a}>{q.rival}" for a, q in applicants.items()]),
        "near": b.vector("applicant", lambda q: applicants[q].near),
        "provoked": b.matrix("pair", "applicant", provoked),
    }
