"""Each enlargement by itself: who was left out, what followed, what the same states did before, and the base rates."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from detente.analysis.claims.blocs import Enlargement, left_out
from detente.analysis.claims.panel import ARMS_MARGIN, arms_growth
from detente.analysis.claims.sample import in_world_war, steps_of
from detente.analysis.claims.spec import Spec
from detente.analysis.claims.world import CODINGS, FIRST, LAST_ALLIANCE, YEARS, World, load_world

KINDS = ("dispute", "rival_alliance", "arms_growth")


def _disputes(world: World, t: int, horizon: int, outside: list[int], members: list[int], kind: str) -> list[tuple[int, int]]:
    """(year, outsider) of each onset between an outsider and a member in t+1 … t+horizon."""
    span = getattr(world, kind)[t + 1 : t + horizon + 1][:, outside][:, :, members].any(axis=2)
    return [(FIRST + t + 1 + int(y), outside[int(k)]) for y, k in np.argwhere(span)]


def _rivals(world: World, t: int, horizon: int, outside: list[int], members: list[int]) -> list[int]:
    """Outsiders that gain an ally who is neither a member nor an ally of a joiner in the window."""
    last = min(t + horizon, LAST_ALLIANCE - FIRST)
    gained = world.ally[t + 1 : last + 1].any(axis=0) & ~world.ally[t]
    gained[:, members] = False
    linked = world.ally[t : last + 1][:, members].any(axis=0).sum(axis=0) >= len(members) / 2  # allied with half: inside by then
    gained[:, linked] = False
    return [k for k in outside if gained[k].any() and not linked[k]]


def _arms(world: World, t: int, horizon: int, outside: list[int]) -> list[int]:
    growth = arms_growth(world.milex, t, horizon)
    return [k for k in outside if growth[k] > ARMS_MARGIN]


def follow(world: World, t: int, horizon: int, outside: list[int], members: list[int], kind: str = "onset") -> dict[str, Any]:
    """What the outsiders did in t+1 … t+horizon: places of those with a dispute, a rival alliance, arms growth."""
    disputes = _disputes(world, t, horizon, outside, members, kind)
    return {
        "dispute": sorted({k for _, k in disputes}),
        "first": min((year for year, _ in disputes), default=None),
        "rival_alliance": _rivals(world, t, horizon, outside, members),
        "arms_growth": _arms(world, t, horizon, outside),
    }


def _record(world: World, step: Enlargement, outside: tuple[int, ...], spec: Spec) -> dict[str, object]:
    t, out = step.year - FIRST, list(outside)
    members = list(step.members)
    row: dict[str, object] = {
        "year": step.year,
        "bloc": step.label,
        "family": step.family,
        "joined": world.names(step.joiners),
        "incumbents": len(step.incumbents),
        "left_out": world.names(outside),
        "n_left_out": len(outside),
        "world_war": bool(in_world_war(np.array([step.year]), spec.horizon)[0]),
        "seen": bool(step.year + spec.horizon <= world.last_dispute),
    }
    after = follow(world, t, spec.horizon, out, members, spec.outcome)
    before = follow(world, max(t - spec.horizon - 1, 0), spec.horizon, out, members, spec.outcome)
    for kind in KINDS:
        row[kind] = world.names(after[kind])
        row[f"{kind}_before"] = world.names(before[kind])
    row["first_dispute"] = after["first"]
    row["dispute_same_year"] = bool(_disputes(world, t - 1, 1, out, members, spec.outcome))
    row["any"] = any(row[kind] for kind in KINDS)
    row["any_before"] = any(row[f"{kind}_before"] for kind in KINDS)
    return row


def step_table(spec: Spec) -> pd.DataFrame:
    """One row an enlargement: year, bloc, joiners, those left out, and who among them showed which resistance within the
    horizon (``dispute`` with any member, ``rival_alliance``, ``arms_growth``), with the same for the same states in the
    equal span that ended the year before. ``seen``: the coding of disputes covers the whole window."""
    world = load_world(spec.coding, spec.obligation)
    rows = [_record(world, step, left_out(world, step, spec.reach, spec.later_joiners), spec) for step in steps_of(spec)]
    table = pd.DataFrame(rows)
    return table if spec.world_wars or table.empty else table[~table["world_war"]].reset_index(drop=True)


def counter_examples(spec: Spec) -> pd.DataFrame:
    """Enlargements with somebody left out beside them and no dispute of an outsider with any member in any coding that
    covers the window. Columns ``any`` (rival alliance or arms growth was seen), ``same_year`` (a dispute began in the year of
    the step itself, before or after it: the tables do not tell) and ``codings`` (those that cover the window)."""
    tables = {coding: step_table(spec.with_(coding=coding)) for coding in CODINGS}
    base = next(iter(tables.values()))
    quiet = base["n_left_out"] > 0
    seen, same = np.zeros(len(base), bool), np.zeros(len(base), bool)
    for table in tables.values():
        quiet &= ~(table["seen"] & (table["dispute"] != ""))
        seen |= table["seen"].to_numpy()
        same |= table["dispute_same_year"].to_numpy()
    codings = [" ".join(c for c in CODINGS if tables[c]["seen"].iloc[i]) for i in range(len(base))]
    out = base.assign(codings=codings, same_year=same)[quiet & seen]
    full = load_world(spec.coding, spec.obligation).full
    kept = ["year", "bloc", "family", "joined", "left_out", "rival_alliance", "arms_growth", "any", "same_year", "world_war", "codings"]
    out = out[kept].reset_index(drop=True)
    return out.assign(joined_names=out["joined"].map(full), left_out_names=out["left_out"].map(full))


@lru_cache(maxsize=16)
def other_windows(spec: Spec, every: int = 5, span: int = 40) -> float:
    """Share of windows of the same length, up to ``span`` years away and not touching the step's own two windows, in which
    the same outsiders had a dispute with the same set of states: each step counts once."""
    world, shares = load_world(spec.coding, spec.obligation), []
    for step in steps_of(spec):
        t, h = step.year - FIRST, spec.horizon
        outside, members = list(left_out(world, step, spec.reach, spec.later_joiners)), list(step.members)
        if not outside or step.year + h > world.last_dispute:
            continue
        starts = [s for s in range(max(t - span, 0), min(t + span, world.last_dispute - FIRST - h) + 1, every) if abs(s - t) > h]
        starts = [s for s in starts if world.exists[s, outside].any() and world.exists[s, members].mean() >= 0.5]
        hits = [bool(_disputes(world, s, h, outside, members, spec.outcome)) for s in starts]
        if hits:
            shares.append(np.mean(hits))
    return float(np.mean(shares)) if shares else float("nan")


def mechanical_rates(spec: Spec) -> dict[str, float]:
    """Of all state-years of states with a neighbour: the share followed within ``horizon`` years by a dispute with anyone, by
    one with a present neighbour, by arms growth above the state's own trend; and how many state-years there are."""
    world, h = load_world(spec.coding, spec.obligation), spec.horizon
    anyone = beside = total = armed = known = 0
    for t in range(1, world.last_dispute - FIRST - h + 1):
        near = np.isin(world.contig[t], np.arange(1, spec.reach + 1))
        states = np.flatnonzero(near.any(axis=1))
        span = np.asarray(world.onset[t + 1 : t + h + 1].any(axis=0))
        anyone += int(span[states].any(axis=1).sum())
        beside += int((span & near)[states].any(axis=1).sum())
        total += len(states)
        growth = arms_growth(world.milex, t, h)[states] if t + h < YEARS else np.array([np.nan])
        armed, known = armed + int((growth > ARMS_MARGIN).sum()), known + int(np.isfinite(growth).sum())
    return {
        "any_dispute": anyone / total,
        "dispute_with_neighbour": beside / total,
        "arms_growth": armed / known,
        "state_years": float(total),
    }
