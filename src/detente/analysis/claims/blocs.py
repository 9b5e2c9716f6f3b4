"""Enlargements of alliances, found in the yearly graph of mutual obligations.

The published list of alliances by name is not among the shipped tables; the dyads are. So a bloc is found by its shape:
a set of states all of whom are allied with each other in two successive years. A state joins when it becomes the ally of
all of them in one year, having been the ally of none. What a bloc is called is a label, read from ``bloc_labels.csv``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.analysis.claims.world import FIRST, LAST_CONTIGUITY, World
from detente.claims import table


@dataclass(frozen=True)
class Enlargement:
    """States (places on the state axis) that joined ``incumbents`` in ``year``. ``returning``: joiners that had been allied
    with half of the incumbents in the twenty years before; ``new``: joiners that entered the state system within two years."""

    year: int
    joiners: tuple[int, ...]
    incumbents: tuple[int, ...]
    label: str
    family: str
    returning: tuple[int, ...]
    new: tuple[int, ...]

    @property
    def members(self) -> tuple[int, ...]:
        """All members after the step."""
        return tuple(sorted({*self.joiners, *self.incumbents}))


def largest_clique(nodes: list[int], linked: np.ndarray) -> tuple[int, ...]:
    """Largest set of ``nodes`` all linked in pairs (Bron and Kerbosch 1973, with pivot); of equals, the first in order."""
    near = {v: {u for u in nodes if u != v and linked[v, u]} for v in nodes}
    best: tuple[int, ...] = ()
    stack: list[tuple[frozenset[int], set[int], set[int]]] = [(frozenset(), set(nodes), set())]
    while stack:
        chosen, candidates, done = stack.pop()
        if not candidates and not done:
            found = tuple(sorted(chosen))
            if (-len(found), found) < (-len(best), best) or not best:
                best = found
            continue
        if len(chosen) + len(candidates) < len(best) or not candidates:
            continue
        pivot = max(sorted(candidates | done), key=lambda v: len(candidates & near[v]))
        for v in sorted(candidates - near[pivot]):
            stack.append((chosen | {v}, candidates & near[v], done & near[v]))
            candidates, done = candidates - {v}, done | {v}
    return best


def _joined_sets(world: World, t: int) -> list[tuple[int, tuple[int, ...]]]:
    now, before = world.ally[t], world.ally[t - 1]
    standing, fresh = now & before, now & ~before
    out = []
    for j in np.flatnonzero(fresh.sum(axis=1) >= 2):
        bloc = largest_clique([int(v) for v in np.flatnonzero(fresh[j])], standing)
        if len(bloc) >= 2:
            out.append((int(j), bloc))
    return out


def _merge(joins: list[tuple[int, tuple[int, ...]]], now: np.ndarray) -> list[tuple[set[int], set[int]]]:
    """One enlargement per set of joiners of much the same bloc (half of both sets shared) that are allied to each other."""
    groups: list[tuple[set[int], set[int]]] = []
    for j, bloc in joins:
        for joiners, incumbents in groups:
            shared = len(incumbents & set(bloc)) / len(incumbents | set(bloc))
            if shared >= 0.5 and all(now[j, other] for other in joiners):
                joiners.add(j)
                incumbents.update(bloc)
                break
        else:
            groups.append(({j}, set(bloc)))
    return groups


def _extended(world: World, t: int, joiners: set[int], incumbents: set[int]) -> set[int]:
    """Add old allies of the whole bloc with whom a joiner was allied already, by another treaty."""
    standing, grown = world.ally[t] & world.ally[t - 1], set(incumbents)
    for v in np.flatnonzero(standing[:, sorted(incumbents)].all(axis=1)):
        if v not in joiners and standing[v, sorted(grown - {int(v)})].all() and world.ally[t][v, sorted(joiners)].all():
            grown.add(int(v))
    return grown


def _returning(world: World, t: int, j: int, incumbents: set[int], years: int = 20) -> bool:
    """Was j allied with half of the bloc while the bloc stood, without a break, in the years before?"""
    inside = sorted(incumbents)
    pairs = len(inside) * (len(inside) - 1)
    for s in range(t - 1, max(0, t - years) - 1, -1):
        if world.ally[s][np.ix_(inside, inside)].sum() < pairs / 2:
            return False
        if world.ally[s, j, inside].sum() >= len(inside) / 2:
            return True
    return False


def _one_per_bloc(groups: list[tuple[set[int], set[int]]]) -> list[tuple[set[int], set[int]]]:
    """Merge steps of one year whose blocs, once extended, are the same or whose joiners overlap."""
    out: list[tuple[set[int], set[int]]] = []
    for joiners, incumbents in sorted(groups, key=lambda g: (-len(g[1]), sorted(g[0]))):
        for other, bloc in out:
            if len(bloc & incumbents) / len(bloc | incumbents) >= 0.5:
                other |= joiners - bloc
                bloc |= incumbents - other
                break
        else:
            out.append((set(joiners), set(incumbents)))
    return out


def _labels(world: World) -> list[tuple[str, str, set[int], int, int]]:
    rows = table("bloc_labels.csv").itertuples(index=False)
    return [(r.label, r.family, {world.index(int(c)) for c in str(r.contains).split()}, int(r.start), int(r.end)) for r in rows]


def _label(year: int, incumbents: set[int], labels: list[tuple[str, str, set[int], int, int]], world: World) -> tuple[str, str]:
    for label, family, core, start, end in labels:
        if start <= year <= end and core <= incumbents:
            return label, family
    name = "bloc of " + world.names(sorted(incumbents)[:4]) + (" …" if len(incumbents) > 4 else "")
    return name, name


def find_enlargements(world: World, min_bloc: int = 3, growth: str = "joining", returns: bool = False) -> list[Enlargement]:
    """Every enlargement 1817-2016 in order of year.

    ``min_bloc``: least number of incumbents; ``growth``: ``joining`` asks for no more joiners than incumbents (else it is a
    new treaty that takes a small one in), ``any`` does not; ``returns``: keep steps in which every joiner is returning.
    """
    labels, out = _labels(world), []
    for t in range(1, LAST_CONTIGUITY - FIRST + 1):
        found = [(js, _extended(world, t, js, bloc)) for js, bloc in _merge(_joined_sets(world, t), world.ally[t])]
        for joiners, incumbents in _one_per_bloc(found):
            # of two mirror images of one treaty (A joins B, B joins A) the larger side is the bloc
            if len(incumbents) < min_bloc or (growth == "joining" and len(joiners) > len(incumbents)) or joiners & incumbents:
                continue
            back = tuple(sorted(j for j in joiners if _returning(world, t, j, incumbents)))
            if len(back) == len(joiners) and not returns:
                continue
            new = tuple(sorted(j for j in joiners if not world.exists[max(0, t - 2), j]))
            label, family = _label(FIRST + t, incumbents, labels, world)
            out.append(Enlargement(FIRST + t, tuple(sorted(joiners)), tuple(sorted(incumbents)), label, family, back, new))
    return out


def left_out(world: World, step: Enlargement, reach: int = 4, later_joiners: bool = True, within: int = 20) -> tuple[int, ...]:
    """Neighbours of the joiners (contiguity class up to ``reach``; 4 = up to 150 miles of water) that stay outside: allied
    with fewer than half of the incumbents in that year. ``later_joiners`` False drops those that become allied with half
    of them in the next ``within`` years: that looks at what happened afterwards, so it is a declared variant."""
    t, inside = step.year - FIRST, list(step.incumbents)
    beside = ((world.contig[t][list(step.joiners)] > 0) & (world.contig[t][list(step.joiners)] <= reach)).any(axis=0)
    half = len(inside) / 2
    outside = beside & (world.ally[t][:, inside].sum(axis=1) < half)
    outside[list(step.members)] = False
    if not later_joiners:
        outside &= ~(world.ally[t + 1 : t + 1 + within][:, :, inside].sum(axis=2) >= half).any(axis=0)
    return tuple(int(k) for k in np.flatnonzero(outside))
