"""A result of the main job's shape with invented numbers, for tests of what is shown. Nothing in it is a finding."""

from functools import cache

import numpy as np
import xarray as xr

from detente.scenario import Scenario, load

QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]
BELOW = ("crisis", "clash", "war", "alarm", "spent", "denied", "crises")
ABOVE = ("influence", "member", "reopened", "channel_open", "treaties")
SHARES = ("crisis", "clash", "war", "nuclear", "war_third", "channel_open", "reopened", "treaty_in_force", "containment", "member")


def direction(outcome: str) -> str:
    """Which direction is better for whom it is counted."""
    return "below" if outcome in BELOW else "above" if outcome in ABOVE else ""


@cache
def scenario() -> Scenario:
    """The shipped scenario."""
    return load("euro_atlantic")


def items(s: Scenario) -> list[tuple[str, str, str]]:
    """(outcome, element, unit) in the order of the result."""
    axes = {
        "crisis clash war nuclear over under crises": s.rivalries, "channel_open reopened": s.channels, "treaty_in_force": s.treaties,
        "missiles": s.theatres, "cohesion": s.blocs, "alarm arms burden spent influence": s.actors, "denied member": s.applicants,
        "war_third channels treaties containment pivot joint damage": ("",),
    }  # fmt: skip
    unit = {"arms": "bn USD of 2019", "spent": "bn USD of 2019", "crises": "entries", "denied": "years", "channels": "channels"}
    return [(name, e, unit.get(name, "share")) for names, axis in axes.items() for name in names.split() for e in axis]


def result(futures: int = 200, seed: int = 3, theories: tuple[str, ...] = (), policies: tuple[str, ...] = ()) -> xr.Dataset:
    """The invented Dataset; deterministic."""
    s, chance = scenario(), np.random.default_rng(seed)
    rows = [t for t in s.ordered_theories() if not theories or t.id in theories]
    packages = ["no_change", *(p for p in s.policies if p != "no_change" and (not policies or p in policies))]
    item = items(s)
    t, p, k = len(rows), len(packages), len(item)
    share = np.array([name in SHARES for name, _, _ in item])
    base = {"war": 0.02, "nuclear": 0.0, "clash": 0.08, "crisis": 0.7, "arms": 600.0, "spent": 5000.0, "crises": 4.0}
    centre = np.array([base.get(name, 0.4) for name, _, _ in item]) * np.exp(0.3 * chance.normal(size=(t, p, k)))
    centre = np.where(share, centre.clip(0, 0.97), centre)
    noise = chance.random((t, p, k, futures))
    value = np.where(share[:, None], noise < centre[..., None], centre[..., None] * (0.6 + 0.8 * noise)).astype(np.float32)
    mean, error = value.mean(-1), value.std(-1) / futures**0.5
    low, high = (np.where(share, (mean * f).clip(0, 1), np.quantile(value, q, -1)) for f, q in ((0.6, 0.05), (1.5, 0.95)))
    survives = chance.random((t, p, len(s.values), futures)) < chance.random((t, p, len(s.values)))[..., None]
    paired = value - value[:, :1]
    series = [f"{q}[{a}]" for q in ("threat", "conduct") for a in s.pair_names]
    series += [f"arms[{a}]" for a in s.actors] + [f"open[{c}]" for c in s.channels] + [f"rung2[{r}]" for r in s.rivalries]
    series += ["containment", *(f"reopened[{c}]" for c in s.channels)]
    past, ahead = np.arange(1991, 2022, 0.25), np.arange(2022, 2032, 0.25)
    spread = np.array([-0.2, -0.08, 0.0, 0.08, 0.2])
    level = chance.random((t, len(series)))[..., None, None] * 0.5 + 0.25
    scale = np.array([500.0 if x.startswith("arms") else 1.0 for x in series])[:, None, None]
    history = (level + 0.1 * np.sin(past / 4)[:, None] + 0.3 * spread) * scale
    future = (level + 0.1 * np.sin(ahead / 4)[:, None] + spread * (1 + (ahead - 2022)[:, None] / 10))[:, None] * scale + np.zeros(
        (1, p, 1, 1, 1)
    )
    rivals = len(s.rivalries)
    hazard = np.array([0.9, 0.6, 0.08, 0.02])[:, None] * np.ones((t, p, 1, rivals))
    agreed = chance.random((t, p)) * 0.6
    agreed[:, 0] = 1.0
    tp, tpk = ("theory", "policy"), ("theory", "policy", "item")
    return xr.Dataset(
        {
            "value": ((*tpk, "future"), value), "mean": (tpk, mean), "error": (tpk, error), "low": (tpk, low), "high": (tpk, high),
            "survives": ((*tp, "profile", "future"), survives), "survival": ((*tp, "profile"), survives.mean(-1)),
            "hits": (tpk, np.where(share, np.minimum(value.sum(-1), futures - value.sum(-1)), -1).astype(np.int32)),
            "gain": (tpk, paired.mean(-1)), "gain_error": (tpk, paired.std(-1) / futures**0.5), "regret": (tpk, np.abs(paired.mean(-1))),
            "regret_error": (tpk, paired.std(-1) / futures**0.5), "variance_parameters": (tpk, 0.4 * value.var(-1)),
            "variance_luck": (tpk, 0.6 * value.var(-1)), "party_gain": ((*tp, "actor"), 0.1 * chance.normal(size=(t, p, len(s.actors)))),
            "agreed_low": (tp, agreed * 0.5), "agreed": (tp, agreed), "agreed_high": (tp, (agreed * 1.4).clip(0, 1)),
            "expected": (tpk, agreed[..., None] * mean + (1 - agreed[..., None]) * mean[:, :1]),
            "history_q": (("theory", "series", "time_history", "quantile"), history),
            "future_q": (("theory", "policy", "series", "time_future", "quantile"), future),
            "future_mean": (("theory", "policy", "series", "time_future"), future.mean(-1)),
            "log_evidence": (("theory",), -700 + 3 * chance.normal(size=t)), "log_evidence_error": (("theory",), np.full(t, 0.3)),
            "families": (("theory",), np.full(t, 400)),
            "family": (("theory", "future"), np.broadcast_to(np.arange(futures) // 2, (t, futures))),
            "hazard_mean": ((*tp, "rung", "rivalry"), hazard), "hazard_error": ((*tp, "rung", "rivalry"), 0.05 * hazard),
            "hazard_low": ((*tp, "rung", "rivalry"), 0.5 * hazard), "hazard_high": ((*tp, "rung", "rivalry"), (1.5 * hazard).clip(0, 1)),
            "began": ((*tp, "cause", "rung", "rivalry"), np.stack([0.5 * hazard, 0.3 * hazard, 0.2 * hazard], 2)),
            "attributable": (("theory", "rung", "rivalry"), np.full((t, 4, rivals), 0.4)),
            "attributable_error": (("theory", "rung", "rivalry"), np.full((t, 4, rivals), 0.1)),
            "containment_price": (("theory", "bloc"), np.full((t, len(s.blocs)), -0.05)),
            "containment_price_error": (("theory", "bloc"), np.full((t, len(s.blocs)), 0.01)),
        },
        coords={
            "theory": [x.id for x in rows], "argument": ("theory", [x.argument for x in rows]),
            "table": ("theory", [x.table for x in rows]),
            "order": ("theory", [x.order for x in rows]),
            "policy": packages, "label": ("policy", [s.policies[x].label for x in packages]),
            "item": [f"{name}[{e}]" if e else name for name, e, _ in item], "outcome": ("item", [name for name, _, _ in item]),
            "element": ("item", [e for _, e, _ in item]), "unit": ("item", [u for *_, u in item]),
            "share": ("item", share),
            "direction": ("item", [direction(name) for name, _, _ in item]),
            "profile": list(s.values),
            "series": series, "time_history": past, "time_future": ahead, "quantile": QUANTILES,
            "rung": [1, 2, 3, 4], "rivalry": list(s.rivalries),
            "bloc": list(s.blocs), "actor": list(s.actors), "cause": ["mistake", "decision", "spill-over"],
        },
        attrs={"scenario": s.id, "version": "0.1.0", "seed": seed, "futures": futures, "as_of": str(s.as_of),
               "digest": "0" * 64, "no_change": "no_change"},
    )  # fmt: skip
