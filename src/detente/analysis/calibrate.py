"""Baseline ranges against data: estimates with their health, kept as a file, and held against the ranges in use.

`plan.yaml` says what is estimated, from what, and what stands between estimate and parameter; `estimates.yaml` is what came out. Nothing here
changes a range: `compare` shows both and proposes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detente.analysis import calibrate_data as data
from detente.analysis import calibrate_fit as fit
from detente.analysis import calibrate_richardson as richardson
from detente.analysis.calibrate_fit import Draws, Effort, Progress
from detente.analysis.claims.result import plain
from detente.analysis.claims.world import World, load_world
from detente.claims import HERE
from detente.engine.cache import meaning

FOLDER = HERE / "calibration"
SCHEMA = 1
QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
HOLDS_ENOUGH = 0.5
"""A range that holds less than this share of what a new case may be is proposed for change."""


@dataclass(frozen=True)
class Job:
    """One thing to estimate: the row of `plan.yaml`."""

    id: str
    spec: Mapping[str, Any]

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """What it says of each parameter."""
        return self.spec["parameters"]


def plan() -> tuple[Job, ...]:
    """All that is estimated, in order."""
    return tuple(Job(row["id"], row) for row in _yaml(FOLDER / "plan.yaml"))


def _yaml(path: Path) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def digest() -> str:
    """Digest of all that the estimates come from: plan, tables, and what in the texts that count and fit can change a result."""
    whole = hashlib.sha256((FOLDER / "plan.yaml").read_bytes())
    for name in sorted({t for job in plan() for t in job.spec["tables"]}):
        whole.update((HERE / "data" / name).read_bytes())
    whole.update(fit_digest().encode())
    return whole.hexdigest()[:16]


def fit_digest() -> str:
    """Digest of what in the texts that count and fit can change a result."""
    names = ("calibrate_data.py", "calibrate_fit.py", "calibrate_richardson.py")
    texts = [meaning((Path(__file__).parent / name).read_text(encoding="utf-8")) for name in names]
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:16]


# ------------------------------------------------------------------------------------------------------------- estimation


EFFORT = Effort(warmup=700, draws=1000, accept=0.9)
MORE = Effort(warmup=700, draws=1000)
"""For the small models, which cost little."""
LESS = Effort(chains=2, warmup=300, draws=300, accept=0.9)
"""For variants."""


def fit_richardson(panel: richardson.Panel, seed: int, effort: Effort = EFFORT, error: float = 0.0, begins: bool = True) -> Draws:
    """Richardson's coefficients of a panel; `error`, `begins` as in `calibrate_richardson.model`."""
    return fit.sample(richardson.model, richardson.arguments(panel, error, begins), richardson.starts(panel), seed, effort)


def fit_counts(kind: str, sets: Sequence[data.Counts], seed: int, effort: Effort = EFFORT) -> Draws:
    """Rates or shares (`kind`) of several sets of counts; draws `middle`, `spread` (draw, set)."""
    import jax.numpy as jnp

    hits, out_of = (np.concatenate([getattr(c, n) for c in sets]) for n in ("hits", "out_of"))
    rough = np.array([(c.hits.sum() + 0.5) / (c.out_of.sum() + 1.0) for c in sets])
    centre = np.log(rough) if kind == "rates" else np.log(rough / (1.0 - rough))
    args = (jnp.asarray(hits), jnp.asarray(out_of), _set_of(sets), jnp.asarray(centre))
    return fit.sample(getattr(fit, kind), args, {"middle": centre, "spread": -0.5}, seed, effort)


def _set_of(sets: Sequence[data.Counts]) -> np.ndarray:
    return np.repeat(np.arange(len(sets)), [len(c.hits) for c in sets])


def fit_levels(sets: Sequence[data.Values], seed: int, effort: Effort = EFFORT) -> Draws:
    """Levels of several sets of values; draws `middle`, `spread`, `noise` (draw, set)."""
    import jax.numpy as jnp

    sizes = [int(v.group.max()) + 1 for v in sets]
    group = np.concatenate([v.group + first for v, first in zip(sets, np.cumsum([0, *sizes[:-1]]))])
    centre, scale = np.array([v.values.mean() for v in sets]), np.array([v.values.std() for v in sets])
    set_of = np.repeat(np.arange(len(sets)), sizes)
    args = (jnp.asarray(np.concatenate([v.values for v in sets])), group, set_of, jnp.asarray(centre), jnp.asarray(scale))
    starts = {"middle": centre, "spread": np.log(scale / 2), "noise": np.log(scale / 2), "level_each": centre[set_of]}
    return fit.sample(fit.levels, args, starts, seed, effort)


def _fit(model: str, jobs: Sequence[Job], world: World, seed: int, effort: Effort) -> dict[str, Draws]:
    """Draws of each job of one model."""
    if model == "richardson":
        return {job.id: fit_richardson(richardson.panel(world), seed, effort) for job in jobs}
    sets = [getattr(data, job.id)(world) for job in jobs]
    drawn = fit_levels(sets, seed, effort) if model == "levels" else fit_counts(model, sets, seed, effort)
    return {job.id: Draws({n: x[:, k] for n, x in drawn.values.items()}, drawn.health) for k, job in enumerate(jobs)}


def estimate(
    seed: int = 1, effort: Effort = EFFORT, more: Effort = MORE, less: Effort = LESS, progress: Progress | None = None
) -> dict[str, Any]:
    """Every estimate of the plan anew, as plain values: what `estimates.yaml` holds. Minutes; the same seed gives the same values on one
    machine. `more`: effort of the small models, `less` of the variants."""
    jobs, world = plan(), load_world()
    models = list(dict.fromkeys(job.spec["model"] for job in jobs))
    total = len(models) + len(VARIANTS)
    tell = progress or (lambda text, done, of: None)
    drawn: dict[str, Draws] = {}
    for k, model in enumerate(models):
        mine = [job for job in jobs if job.spec["model"] == model]
        tell("; ".join(job.spec["title"] for job in mine[:2]) + (" …" if len(mine) > 2 else ""), k, total)
        drawn |= _fit(model, mine, world, seed, effort if model == "richardson" else more)
    others = []
    for k, (name, words, make) in enumerate(VARIANTS):
        tell(f"Richardson, {words}", len(models) + k, total)
        others.append(_variant(name, words, make(world), seed, less))
    tell("done", total, total)
    return {
        "schema": SCHEMA,
        "seed": seed,
        "digest": digest(),
        "command": "detente calibrate --fresh",
        "estimates": [_summary(job, drawn, seed) for job in jobs],
        "richardson_variants": others,
    }


def _variant(name: str, words: str, made: tuple[richardson.Panel, float, bool], seed: int, effort: Effort) -> dict[str, Any]:
    panel, error, begins = made
    draws = fit_richardson(panel, seed, effort, error, begins)
    rng = np.random.default_rng(seed)
    taken = {"answer": draws.values["answer"], "answer_new": taken_of(draws, "answer", rng), "fatigue": np.exp(draws.values["log_fatigue"])}
    return {
        "id": name,
        "meaning": words,
        "state_years": len(panel.change),
        "rivalries": panel.rivalries,
        **{key: _quantiles(x) for key, x in taken.items()},
        "health": plain(draws.health.to_dict()),
    }


def _typical(world: World, years: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Mean known share of spending over years [state]; NaN where none is known."""
    x = world.milex[years][:, states]
    known = np.isfinite(x)
    return np.where(known.any(axis=0), np.where(known, x, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), np.nan)


def _placebo(world: World) -> np.ndarray:
    """Each rivalry moved to a third state that is no rival: the same years, another partner, taken in order of number."""
    rival, out = world.rival, np.zeros_like(world.rival)
    rng = np.random.default_rng(0)
    for i, j in np.argwhere(rival.any(axis=0)):
        years = np.flatnonzero(rival[:, i, j])
        free = np.flatnonzero(world.exists[years].all(axis=0) & ~rival[:, i].any(axis=0))
        free = free[free != i]
        if len(free):
            with np.errstate(all="ignore"):
                size = np.abs(np.log(_typical(world, years, free) / _typical(world, years, np.array([j]))))
            near = free[np.argsort(np.where(np.isfinite(size), size, np.inf), kind="stable")[:5]]
            out[years, i, int(rng.choice(near))] = True
    return out


ERROR = 0.05
"""Assumed error of spending in the variant that has one, log."""
VARIANTS: tuple[tuple[str, str, Callable[[World], tuple[richardson.Panel, float, bool]]], ...] = (
    ("before_1991", "years before the record only", lambda world: (richardson.panel(world, epochs=(0, 1, 2, 3)), 0.0, True)),
    ("changes", "changes only: where a series begins says nothing", lambda world: (richardson.panel(world), 0.0, False)),
    ("error", "spending seen with an error of 5 per cent", lambda world: (richardson.panel(world), ERROR, True)),
    (
        "placebo",
        "states of like size that are no rivals, in place of the rivals",
        lambda world: (richardson.panel(world, _placebo(world)), 0.0, True),
    ),
)
"""(name, words, panel with what the model is told of it)."""


def taken_of(draws: Draws, take: str, rng: np.random.Generator) -> np.ndarray:
    """What a new case may be: draws of the population's middle and spread, and a case out of it."""
    from scipy.special import expit
    from scipy.stats import t

    v = draws.values
    new = rng.standard_normal(len(next(iter(v.values()))))
    if take == "answer":
        return v["answer"] + v["answer_spread"] * new
    if take == "fatigue":
        return np.exp(v["log_fatigue"] + v["fatigue_spread"] * new)
    if take == "noise":  # the normal spread with the same middle two thirds
        return v["noise"] * t.ppf(0.8413, 1.0 + v["tail"])
    if take == "spread":
        return v["noise"] * t.ppf(0.8413, 4.0)
    case = v["middle"] + v["spread"] * new
    return {"rate": np.exp, "exp level": np.exp, "share": expit, "level": np.asarray}[take](case)


def _middle(draws: Draws, take: str) -> np.ndarray:
    """The population's middle, as draws."""
    still = Draws(
        {k: np.zeros_like(x) if k in ("spread", "answer_spread", "fatigue_spread") else x for k, x in draws.values.items()}, draws.health
    )
    return taken_of(still, take, np.random.default_rng(0))


def _summary(job: Job, drawn: Mapping[str, Draws], seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    mine = drawn[job.id]
    parameters = {}
    for name, say in job.parameters.items():
        if say["take"] == "log ratio":
            other = drawn[say["over"]]
            middle = mine.values["middle"] - other.values["middle"]
            case, raw = middle, middle
        else:
            raw = taken_of(mine, say["take"], rng)
            by = rng.uniform(float(say["divide"][0]), float(say["divide"][1]), len(raw)) if "divide" in say else 1.0
            middle, case = _middle(mine, say["take"]) / by, raw / by
            case = case[case >= say.get("at_least", -np.inf)]
        parameters[name] = {"middle": _quantiles(middle), "new_case": _quantiles(case), "before_division": _quantiles(raw)}
    return {"id": job.id, "parameters": parameters, "health": plain(mine.health.to_dict())}


def _quantiles(x: np.ndarray) -> list[float]:
    return [float(f"{q:.4g}") for q in np.quantile(x, QUANTILES)]


# ---------------------------------------------------------------------------------------------------------------- kept


def kept(path: Path = FOLDER / "estimates.yaml") -> dict[str, Any]:
    """The shipped estimates. Raises FileNotFoundError where there are none."""
    return _yaml(path)


def keep(found: Mapping[str, Any], path: Path = FOLDER / "estimates.yaml") -> None:
    """Write estimates as YAML; the same values give the same bytes."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width, yaml.default_flow_style = 120, None
    with path.open("w", encoding="utf-8") as out:
        out.write("# Written by `detente calibrate --fresh --write FILE`; quantiles at " + ", ".join(map(str, QUANTILES)) + ".\n")
        yaml.dump(plain(dict(found)), out)


def stale(found: Mapping[str, Any]) -> bool:
    """Were these estimates made from other tables, another plan or another program?"""
    return found["digest"] != digest()


def complaints(found: Mapping[str, Any]) -> list[str]:
    """What the samplers of the estimates complain of, with where. Variants are short and rough on purpose: their health is shown, not judged."""
    return [f"{row['id']}: {text}" for row in found["estimates"] for text in row["health"]["complaints"]]


# ------------------------------------------------------------------------------------------------------------- compare


@dataclass(frozen=True)
class Comparison:
    """One parameter beside one estimate: range in use (over its elements), the estimate's quantiles, the share of new cases that the range
    holds, and `says`: holds | narrow | off (`narrow`: less than half; `off`: the population's middle lies outside too)."""

    job: Job
    parameter: str
    unit: str
    used: tuple[float, float]
    middle: tuple[float, ...]
    new_case: tuple[float, ...]
    held: float
    says: str
    proposes: bool


def held_share(used: tuple[float, float], quantiles: tuple[float, ...]) -> float:
    """Share of new cases inside the range, by straight lines between the kept quantiles; what lies beyond the last ones counts as outside."""
    below = np.interp(used, quantiles, QUANTILES, left=0.0, right=1.0)
    return float(below[1] - below[0])


def compare(found: Mapping[str, Any], model: Any) -> list[Comparison]:
    """Each estimate beside the range that the composed `model` uses. A change is proposed only where the data stand outside the record, the
    estimate is no mere limit, and the range holds less than half of the new cases."""
    jobs = {job.id: job for job in plan()}
    out = []
    for row in found["estimates"]:
        for name, est in row["parameters"].items():
            if name not in model.parameters:
                continue
            rows = [model.rows[k] for k in np.atleast_1d(np.arange(len(model.rows))[model.parameters[name][1]])]
            used = (min(r.low for r in rows), max(r.high for r in rows))
            middle, case = tuple(est["middle"]), tuple(est["new_case"])
            held = held_share(used, case)
            centre = middle[QUANTILES.index(0.5)]
            says = "holds" if held >= HOLDS_ENOUGH else "narrow" if used[0] <= centre <= used[1] else "off"
            job = jobs[row["id"]]
            free = job.spec["role"] == "outside" and "bound" not in job.parameters[name]
            out.append(Comparison(job, name, model.parameters[name][0].unit, used, middle, case, held, says, free and says != "holds"))
    return out
