"""Where two theories part: the difference of their answers shared out over the mechanisms and parameters in which they differ.

A hybrid takes some groups of unknowns from theory B and the rest from A; the difference B − A of a figure is shared out by Shapley values over
the groups, whose marks are what a group changes on entering, over all orders of entering. Two bases:

record   (default) each theory's own posterior, as the main job projects it. Future i of A is joined to future i of B; a hybrid future
         takes from B's the values of the groups that have entered. Two groups stand beside the mechanisms: *what the record leaves* (the state
         at its end) and *one range, learnt apart* (parameters of which the two do not differ, learnt differently). No hybrid is a posterior of
         its own: this asks what would change if a mechanism worked as B has it, from where A stands (an intervention). The shares add up to the
         very difference that the main job shows, at the cost of projections alone.
ranges   before any record: both theories' ranges with the same quantiles and luck, history simulated again for every hybrid.

A hybrid's own posterior would have to be learnt, one bridge for each; weighing prior hybrids by the record's likelihood leaves no sample.

Shares: exact where 2^groups hybrids are in reach, else by random orders, one or two a future, with their error; over parameters by orders that keep
mechanisms together (Owen), so that they add up to the mechanism's share. Errors count families of both posteriors (two ways).

Source   Shapley 1953; Owen 1977; Castro, Gómez & Tejada 2009; two-way errors: Cameron, Gelbach & Miller 2011.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import xarray as xr

from detente.analysis.compare import Z95
from detente.analysis.outcomes import Item, evaluate
from detente.analysis.project import Learned, Projector, common, prior, projector
from detente.analysis.sensitivity import Group, interactions, orders, shapley, shapley_by_orders
from detente.analysis.series import traced
from detente.analysis.spread import clusters, error
from detente.analysis.summary import WAR

START, ALIKE = "what the record leaves", "one range, learnt apart"
EXACT = 6
"""Groups up to which every hybrid is run."""
NAMED = 4
"""Groups of the largest shares among which interactions are named; the others count as one."""
SURE = 3.0
"""Errors from zero beyond which a gain counts as of the other sign in some world."""
BLOCK = 256
Basis = Literal["record", "ranges"]


@dataclass(frozen=True)
class Unknown:
    """What may be taken from one theory or the other: rows of the table of unknowns, or the state at the record's end."""

    group: str
    name: str
    rows: tuple[int, ...]


def unknowns(model: Any, a: Any, b: Any, basis: Basis = "record") -> tuple[Unknown, ...]:
    """Parameters to which two theories (None: the baseline) give different ranges, by mechanism in the order of a step; then the two others."""
    first, second = model.ranges(a), model.ranges(b)
    apart = np.flatnonzero((first != second).any(axis=1))
    rows: dict[tuple[str, str], list[int]] = {}
    for k in apart:
        rows.setdefault((model.rows[k].group, model.rows[k].parameter), []).append(int(k))
    out = [Unknown(group, name, tuple(found)) for (group, name), found in rows.items()]
    place = {m.name: k for k, m in enumerate(model.mechanisms)}
    out.sort(key=lambda u: place.get(u.group, len(place)))
    if basis == "record":
        rest = tuple(k for k in range(len(model.rows)) if k not in set(apart.tolist()))
        out += [Unknown(ALIKE, ALIKE, rest), Unknown(START, START, ())]
    return tuple(out)


def merged(parts: Sequence[Unknown]) -> tuple[Unknown, ...]:
    """One unknown per group."""
    names = dict.fromkeys(u.group for u in parts)
    return tuple(Unknown(g, g, tuple(k for u in parts if u.group == g for k in u.rows)) for g in names)


@dataclass(frozen=True)
class Pair:
    """Two theories' futures side by side, and what sets them apart."""

    a: Projector
    b: Projector
    parts: tuple[Unknown, ...]
    items: tuple[Item, ...]
    past: np.ndarray | None
    """Luck of the years of the record [step, 2, future] where history is simulated again (basis `ranges`)."""

    @property
    def model(self) -> Any:
        """The composed model."""
        return self.a.runner.model

    @property
    def runs(self) -> int:
        """How many futures."""
        return self.a.theta.shape[1]

    def hybrid(self, inside: np.ndarray, parts: Sequence[Unknown] | None = None) -> Projector:
        """Futures with the unknowns marked `inside` [unknown, future] taken from B."""
        theta, at_start = self.a.theta.copy(), np.zeros(self.runs, bool)
        for taken, u in zip(inside, self.parts if parts is None else parts, strict=True):
            rows = list(u.rows)
            theta[rows] = np.where(taken, self.b.theta[rows], self.a.theta[rows])
            at_start |= taken if u.group == START else False
        if self.past is None:
            state = {name: np.where(at_start, self.b.state[name], value) for name, value in self.a.state.items()}
        else:
            state = self.a.runner.history(theta, self.past, None, traced(self.model)).state
        return replace(self.a, theta=theta, state=state)

    def values(self, ready: Projector, policy: Any) -> np.ndarray:
        """Outcomes [item, future] of futures under a policy."""
        return low_noise(self.model, ready.run(policy, traced(self.model)).state, self.items)

    def error(self, x: np.ndarray) -> np.ndarray:
        """Standard error of the mean of x [..., future]: kin of either posterior are no independent evidence."""
        return two_way(x, self.a.family, self.b.family)


def low_noise(model: Any, state: Any, items: Sequence[Item]) -> np.ndarray:
    """Outcomes [item, future]; a clash and a war by their accumulated hazard, whose mean is the same share with less noise."""
    value = evaluate(model, state, items).astype(np.float64)
    for k, item in enumerate(items):
        if item.outcome in ("clash", "war") and "hazard" in state:
            value[k] = state["hazard"][WAR[item.outcome], model.world.axes["rivalry"].index(item.element)]
    return value


def two_way(x: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Standard error of the mean of x [..., future] clustered by two labels [future] at once (Cameron, Gelbach & Miller 2011)."""
    both = np.unique(np.stack([first, second]), axis=1, return_inverse=True)[1].reshape(-1)
    va, vb, vab = (error(x, clusters(np.asarray(c))) ** 2 for c in (first, second, both))
    with np.errstate(invalid="ignore"):
        return np.sqrt(np.nanmax([va + vb - vab, va, vb], axis=0))


def pair(
    runner: Any,
    a: tuple[Any, Learned | None],
    b: tuple[Any, Learned | None],
    items: Sequence[Item],
    futures: int = 512,
    seed: int = 1,
    basis: Basis = "record",
) -> Pair:
    """Two theories (theory or None, posterior) ready to be crossed; without a posterior on the basis `ranges`."""
    shared = common(runner.model, futures, seed)
    learnt: list[Learned]
    if basis == "ranges":
        learnt = [prior(runner, theory, futures, seed) for theory, _ in (a, b)]
    elif a[1] is None or b[1] is None:
        raise ValueError("expected what both theories have learnt, or the basis 'ranges'")
    else:
        learnt = [a[1], b[1]]
    sides = [projector(runner, one, shared, BLOCK) for one in learnt]
    past = learnt[0].luck[..., sides[0].particle] if basis == "ranges" else None
    return Pair(sides[0], sides[1], unknowns(runner.model, a[0], b[0], basis), tuple(items), past)


Tick = Callable[[int, int], None]


def attribute(
    two: Pair, policy: Any, base: Any, seed: int = 1, mirrored: bool = True, exact: int = EXACT, tick: Tick = lambda done, total: None
) -> xr.Dataset:
    """Shares of the difference B − A under no change (`of` = no_change), under a policy, and of the policy's gain.

    `first`, `second` [of, item] the theories' figures, `difference` with `difference_error`; `share`, `share_error` [of, unknown, item];
    `group_share`, `group_share_error` [of, group, item]; attribute `method`: exact or orders, of the groups. Where policy is base, `of` has one
    entry.
    """
    parts = two.parts
    groups = merged(parts)
    sizes = [sum(u.group == g.group for u in parts) for g in groups]
    order = orders(sizes, two.runs, seed, mirrored)
    every = len(groups) <= exact and max(sizes, default=0) > 0
    policies = [base] if policy is None or policy.id == base.id else [base, policy]
    total = order.shape[0] * (len(parts) - 1) + 2 + (2 ** len(groups) if every else 0)
    done = [0]

    def value(inside: np.ndarray, of: Sequence[Unknown]) -> np.ndarray:
        ready = two.hybrid(inside, of)
        done[0] += 1
        tick(done[0], total)
        return np.stack([two.values(ready, p) for p in policies])

    by_part = shapley_by_orders(lambda inside: value(inside, parts), order)  # unknown, policy, item, future
    if every:
        by_group = shapley(lambda s: value(_set(s, len(groups), two.runs), groups), len(groups))
    else:
        by_group = np.stack([by_part[[k for k, u in enumerate(parts) if u.group == g.group]].sum(axis=0) for g in groups])
    ends = np.stack([value(np.full((len(parts), two.runs), taken), parts) for taken in (False, True)])
    part, group, end = (_with_gain(x, len(policies)) for x in (by_part, by_group, ends))
    return _told(two, part, group, end, policies, every)


def _set(s: Group, groups: int, runs: int) -> np.ndarray:
    return np.broadcast_to(np.isin(np.arange(groups), list(s))[:, None], (groups, runs))


def _with_gain(x: np.ndarray, policies: int) -> np.ndarray:
    """[..., policy, item, future] with the paired gain of the second policy as a third."""
    return x if policies == 1 else np.concatenate([x, x[:, 1:2] - x[:, 0:1]], axis=1)


def _told(two: Pair, by_part: np.ndarray, by_group: np.ndarray, ends: np.ndarray, policies: Sequence[Any], every: bool) -> xr.Dataset:
    parts, groups = two.parts, merged(two.parts)
    of = [policies[0].id] if len(policies) == 1 else [policies[0].id, policies[1].id, "gain"]
    change = ends[1] - ends[0]
    three, four, five = ("of", "item"), ("of", "unknown", "item"), ("of", "group", "item")
    part, group = (np.moveaxis(x, 0, 1) for x in (by_part, by_group))
    return xr.Dataset(
        {
            "first": (three, ends[0].mean(axis=-1)),
            "second": (three, ends[1].mean(axis=-1)),
            "difference": (three, change.mean(axis=-1)),
            "difference_error": (three, two.error(change)),
            "share": (four, part.mean(axis=-1)),
            "share_error": (four, two.error(part)),
            "group_share": (five, group.mean(axis=-1)),
            "group_share_error": (five, two.error(group)),
        },
        coords={
            "of": np.array(of, dtype=object),
            "item": np.array([i.name for i in two.items], dtype=object),
            "unknown": np.array([u.name for u in parts], dtype=object),
            "group_of": ("unknown", np.array([u.group for u in parts], dtype=object)),
            "group": np.array([g.group for g in groups], dtype=object),
        },
        attrs={
            "method": "exact" if every else "orders",
            "basis": "record" if two.past is None else "ranges",
            "futures": two.runs,
            "families": [len(np.unique(side.family)) for side in (two.a, two.b)],
        },
    )


def together(two: Pair, found: xr.Dataset, base: Any, item: str, most: int = NAMED) -> xr.Dataset:
    """Interactions of the groups of the largest shares of an item's difference, the others as one: `interaction`, `interaction_error` [group, other].

    What two groups change together beyond what each changes by itself, a mean over what else has entered: the difference is not theirs to share out
    without them both.
    """
    groups = merged(two.parts)
    size = np.abs(found["group_share"].isel(of=0).sel(item=item).values)
    kept = sorted(np.argsort(-size)[:most].tolist())
    others = tuple(k for g, u in enumerate(groups) if g not in kept for k in u.rows)
    loose = any(groups[g].group == START for g in range(len(groups)) if g not in kept)
    players = [groups[k] for k in kept]
    rest = [Unknown("others", "others", others), *([Unknown(START, START, ())] if loose else [])] if len(kept) < len(groups) else []
    place = [i.name for i in two.items].index(item)

    def value(s: Group) -> np.ndarray:
        taken = [k in s for k in range(len(players))] + [len(players) in s] * len(rest)
        inside = np.broadcast_to(np.array(taken)[:, None], (len(taken), two.runs))
        return two.values(two.hybrid(inside, [*players, *rest]), base)[place]

    count = len(players) + bool(rest)
    whole = interactions(value, count)[: len(players), : len(players)] if count > 1 else np.zeros((count, count, two.runs))
    names = np.array([p.group for p in players], dtype=object)
    dims = ("group", "other")
    return xr.Dataset(
        {"interaction": (dims, whole.mean(axis=-1)), "interaction_error": (dims, two.error(whole))}, coords={"group": names, "other": names}
    )


def unneeded(two: Pair, policies: Sequence[Any], base: Any, tick: Tick = lambda done, total: None) -> xr.Dataset:
    """Packages that do not need the crux settled: the sign of their gain under both theories and every single exchange of a group, either way.

    `gain`, `gain_error`, `sign` [policy, hybrid, item]: sign +1 or −1 where the paired 95 % interval excludes zero, else 0. `verdict` [policy, item]:
    2 where gains of opposite signs lie more than `SURE` errors from zero (there are some twenty hybrids, one in twenty would do so by luck at 95 %);
    +1, −1 the same sign in A and in B and not 2; 0 else. Hybrids: A, B, each group of A as B has it and the reverse.
    """
    groups = merged(two.parts)
    alone = [np.arange(len(groups)) == k for k in range(len(groups))]
    masks = [np.zeros(len(groups), bool), np.ones(len(groups), bool), *alone, *(~m for m in alone)]
    names = ["A", "B", *(f"A with {g.group} of B" for g in groups), *(f"B with {g.group} of A" for g in groups)]
    gain = np.zeros((len(policies), len(masks), len(two.items)))
    wrong = np.zeros_like(gain)
    for h, mask in enumerate(masks):
        ready = two.hybrid(np.broadcast_to(mask[:, None], (len(groups), two.runs)), groups)
        start = two.values(ready, base)
        for p, policy in enumerate(policies):
            change = two.values(ready, policy) - start
            gain[p, h], wrong[p, h] = change.mean(axis=-1), two.error(change)
            tick(h * len(policies) + p + 1, len(masks) * len(policies))
    sign = np.where(np.abs(gain) > Z95 * wrong, np.sign(gain), 0.0)
    sure = np.where(np.abs(gain) > SURE * wrong, np.sign(gain), 0.0)
    turns = (sure > 0).any(axis=1) & (sure < 0).any(axis=1)
    verdict = np.where(turns, 2, np.where(sign[:, 0] == sign[:, 1], sign[:, 0], 0.0)).astype(int)
    dims = ("policy", "hybrid", "item")
    coords = {
        "policy": np.array([p.id for p in policies], dtype=object),
        "hybrid": np.array(names, dtype=object),
        "item": np.array([i.name for i in two.items], dtype=object),
    }
    return xr.Dataset(
        {"gain": (dims, gain), "gain_error": (dims, wrong), "sign": (dims, sign.astype(np.int8)), "verdict": (("policy", "item"), verdict)},
        coords=coords,
    )


def everyone(
    runner: Any,
    theories: Sequence[Any],
    learned: Sequence[Learned],
    items: Sequence[Item],
    base: Any,
    futures: int = 512,
    seed: int = 1,
    tick: Tick = lambda done, total: None,
) -> xr.Dataset:
    """Who disagrees with whom about what: every pair of theories, shares by mechanism under no change.

    `difference`, `difference_error` [theory, other, item] (other − theory), `group_share`, `group_share_error` [theory, other, group, item]; nought
    on the diagonal, and where a pair does not differ in a group.
    """
    names = [*(m.name for m in runner.model.mechanisms), ALIKE, START]
    n, count = len(theories), len(items)
    out: dict[str, np.ndarray] = {k: np.zeros((n, n, count)) for k in ("difference", "difference_error")}
    shares: dict[str, np.ndarray] = {k: np.zeros((n, n, len(names), count)) for k in ("group_share", "group_share_error")}
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    for done, (i, j) in enumerate(pairs):
        two = pair(runner, (theories[i], learned[i]), (theories[j], learned[j]), items, futures, seed)
        two = replace(two, parts=merged(two.parts))
        found = attribute(two, None, base, seed, mirrored=False, exact=0).isel(of=0)
        for k, table in out.items():
            table[i, j] = found[k].values
        place = [names.index(str(g)) for g in found["group"].values]
        for k, table in shares.items():
            table[i, j, place] = found[k].values
        for table, sign in (
            (out["difference"], -1),
            (out["difference_error"], 1),
            (shares["group_share"], -1),
            (shares["group_share_error"], 1),
        ):
            table[j, i] = sign * table[i, j]
        tick(done + 1, len(pairs))
    ids = np.array([t.id for t in theories], dtype=object)
    return xr.Dataset(
        {k: (("theory", "other", "item"), v) for k, v in out.items()}
        | {k: (("theory", "other", "group", "item"), v) for k, v in shares.items()},
        coords={
            "theory": ids,
            "other": ids,
            "group": np.array(names, dtype=object),
            "item": np.array([i.name for i in items], dtype=object),
        },
        attrs={"futures": futures, "basis": "record"},
    )
