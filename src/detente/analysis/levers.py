"""Each lever alone, as strong as any package pulls it: what it moves, under which theory, and whether theories part over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from detente.analysis.compare import Z95
from detente.analysis.crux import BLOCK, low_noise
from detente.analysis.outcomes import Item
from detente.analysis.project import Learned, common, future_years, projector
from detente.analysis.series import traced
from detente.analysis.spread import clusters, error

MOVES = 0.05
"""A lever moves an outcome when it changes its mean by more than this share of it."""


def alone(scenario: Any, model: Any) -> dict[str, Any]:
    """Lever → a package of it alone: where any package pulls it, at the strongest range and from the earliest date; else everywhere, in full."""
    pattern = next(iter(scenario.policies.values()))
    out: dict[str, Any] = {}
    for name, (lever, _) in model.levers.items():
        uses = [u for p in scenario.policies.values() for u in p.levers if u.lever == name]
        if uses:
            strongest = max(uses, key=lambda u: (u.effect[1], u.effect[0]))
            everywhere = any(not u.on for u in uses)
            on = () if everywhere else tuple(dict.fromkeys(e for u in uses for e in u.on))
            use = strongest.model_copy(update={"on": on, "start": min(u.start for u in uses), "end": None})
        else:
            use = _full(scenario, name, lever, float(future_years(model)[0]))
        if use is not None:
            out[name] = pattern.model_copy(update={"id": f"{name}_alone", "label": f"{name} alone", "levers": (use,)})
    return out


def _full(scenario: Any, name: str, lever: Any, start: float) -> Any:
    """A use of a lever that no package pulls, at its full range."""
    known = next((u for p in scenario.policies.values() for u in p.levers), None)
    if known is None:
        return None
    return known.model_copy(update={"lever": name, "on": (), "effect": (lever.low, lever.high), "start": start, "end": None})


def moved(
    runner: Any,
    learned: Mapping[str, Learned],
    policies: Mapping[str, Any],
    base: Any,
    items: Sequence[Item],
    futures: int = 512,
    seed: int = 1,
    tick: Callable[[str], None] = lambda text: None,
) -> xr.Dataset:
    """`base` [theory, item] means under no change; `gain`, `gain_error` [theory, policy, item] on common luck."""
    shared = common(runner.model, futures, seed)
    means, gain, wrong = [], [], []
    for theory, one in learned.items():
        ready = projector(runner, one, shared, BLOCK)
        kin = clusters(ready.family)

        def run(policy: Any, ready: Any = ready) -> np.ndarray:
            return low_noise(runner.model, ready.run(policy, traced(runner.model)).state, items)

        start = run(base)
        means.append(start.mean(axis=-1))
        changes = [run(policy) - start for policy in policies.values()]
        gain.append([c.mean(axis=-1) for c in changes])
        wrong.append([error(c, kin) for c in changes])
        tick(theory)
    dims = ("theory", "policy", "item")
    return xr.Dataset(
        {"base": (("theory", "item"), np.array(means)), "gain": (dims, np.array(gain)), "gain_error": (dims, np.array(wrong))},
        coords={
            "theory": np.array(list(learned), dtype=object),
            "policy": np.array(list(policies), dtype=object),
            "item": np.array([i.name for i in items], dtype=object),
        },
    )


@dataclass(frozen=True)
class Largest:
    """The largest change that a lever makes, told apart, as a share of the outcome's mean: where, and whether it is more than `MOVES`."""

    lever: str
    item: str
    theory: str
    change: float
    moves: bool
    elsewhere: int
    """Outcomes moved by more than `MOVES` under at least one theory."""


def largest(found: xr.Dataset, share: float = MOVES) -> list[Largest]:
    """For each lever its largest told-apart relative change over theories and outcomes; 0 where nothing is told apart."""
    gain, wrong = found["gain"].values, found["gain_error"].values
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = gain / np.abs(found["base"].values)[:, None]
        relative = np.where((np.abs(gain) > Z95 * wrong) & np.isfinite(relative), relative, 0.0)
    out = []
    for p, lever in enumerate(found["policy"].values.astype(str)):
        t, i = np.unravel_index(np.abs(relative[:, p]).argmax(), relative[:, p].shape)
        value = float(relative[t, p, i])
        count = int((np.abs(relative[:, p]) > share).any(axis=0).sum())
        item, theory = (str(found[axis].values[k]) if value else "" for axis, k in (("item", i), ("theory", t)))
        out.append(Largest(str(lever), item, theory, value, abs(value) > share, count))
    return out


def sign(found: xr.Dataset, theory: str, policy: str, item: str) -> int:
    """+1 or −1 where the paired interval excludes zero, else 0."""
    one = found.sel(theory=theory, policy=policy, item=item)
    gain, wrong = float(one["gain"]), float(one["gain_error"])
    return int(np.sign(gain)) if abs(gain) > Z95 * wrong else 0


@dataclass(frozen=True)
class Claim:
    """What the arguments say of a lever: the sign of its effect on an item under some theories; `why` in words."""

    lever: str
    item: str
    signs: Mapping[str, int]
    why: str

    def check(self, found: xr.Dataset) -> str:
        """`met`, `not told apart under …`, or `the other way under …`."""
        told = {t: sign(found, t, self.lever, self.item) for t in self.signs if t in found["theory"].values}
        wrong = [t for t, s in told.items() if s == -self.signs[t]]
        open_ = [t for t, s in told.items() if s == 0]
        if wrong:
            return f"the other way under {', '.join(wrong)}"
        return f"not told apart under {', '.join(open_)}" if open_ else "met"
