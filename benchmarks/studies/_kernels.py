"""Other samplers of the same posterior, for the comparison in `samplers.py`: a bootstrap filter, waste-free SMC, gradient moves.

Each returns a `Posterior` whose `health` holds `cost`: histories of the whole record that it took, a slope counted as `SLOPE` of them.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr

from detente.engine.assimilate import BROKEN, Posterior, effective, log_mean_exp, next_power, normal, systematic
from detente.engine.draws import Chance
from detente.engine.moves import Moves, renewed
from detente.engine.record import Record
from detente.engine.simulate import WIDTH, Runner, _fold, _unfold, draw_luck, draw_z, to_theta
from detente.engine.step import _slice, advance, parameters_of, record_inputs, run_chunk, start_state

SLOPE = 7.0
"""Histories that one slope costs, as measured before."""


def _begin(runner: Runner, seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    ids, model = np.arange(n), runner.model
    return draw_z(model, seed, ids), draw_luck(seed, ids, range(model.start_year, model.start_year + model.history_steps // 4))


def _value(runner: Runner, record: Record, ranges: np.ndarray, z: np.ndarray, luck: np.ndarray) -> np.ndarray:
    told = runner.history(to_theta(z, ranges), luck, record).weights.astype(np.float64).sum(axis=0)
    return np.where(np.isfinite(told), told, BROKEN)


def _done(
    runner: Runner, record: Record, ranges: np.ndarray, z: np.ndarray, luck: np.ndarray, root: np.ndarray, evidence: float, health: Any
) -> Posterior:
    end = runner.history(to_theta(z, ranges), luck, record)
    value = end.weights.astype(np.float64).sum(axis=0)
    health = health | {"roots": len(np.unique(root)) / len(root)}
    return Posterior(z, to_theta(z, ranges), luck, end.state, value, root, evidence, float("nan"), ranges, health)


# ---------------------------------------------------------------------------------------------------------------- bootstrap filter


def _step(runner: Runner, record: Record, chunks: int) -> Callable[..., Any]:
    """One quarter of all particles: (state, log weight)."""
    model = runner.model

    def one(parts: Any, year: Any, rows: Any, first: Any) -> Any:
        theta, key, state = parts
        draw = Chance(key, model.draws, _slice(model, record, rows), theta)
        still = jnp.zeros((len(model.lever_rows), theta.shape[-1]))
        levers = {name: still[place] for name, (_, place) in model.levers.items()}
        now = SimpleNamespace(year=year, quarter=jnp.round((year - jnp.floor(year)) * 4.0).astype(jnp.int32), first=first)
        state = advance(model, state, parameters_of(model, theta), now, levers, draw)
        return state, sum((jnp.zeros(theta.shape[-1]) + x for x in draw.scores.values()), jnp.zeros(theta.shape[-1]))

    program = jax.jit(lambda theta, key, state, *now: jax.lax.map(lambda parts: one(parts, *now), (theta, key, state)))

    def step(theta: np.ndarray, key: np.ndarray, state: dict[str, np.ndarray], *now: Any) -> tuple[dict[str, np.ndarray], np.ndarray]:
        folded = (_fold(theta, chunks), _fold(key, chunks), {k: _fold(v, chunks) for k, v in state.items()})
        return jax.tree.map(lambda x: _unfold(x, theta.shape[-1]), program(*folded, *now))

    return step


def bootstrap(runner: Runner, record: Record, ranges: np.ndarray, n: int, seed: int, keep: float = 0.5) -> Posterior:
    """Particles of (parameters, state) carried through the quarters and resampled by what the record says of each (Gordon, Salmond & Smith 1993).

    Luck of the past is not kept: what comes back has the state at the record's end, and luck that did not lead to it."""
    model, rng = runner.model, np.random.default_rng([seed, 0xB007])
    z, luck = _begin(runner, seed, n)
    theta, root = to_theta(z, ranges), np.arange(n)
    state = {k: np.asarray(v) for k, v in start_state(model, theta).items()}
    inputs, step = record_inputs(record), _step(runner, record, -(-n // WIDTH))
    weight, evidence, lows = np.zeros(n), 0.0, []
    for t in range(model.history_steps):
        rows = jax.tree.map(lambda x, t=t: x[t], inputs)
        state, told = step(theta[:, root], luck[t], state, jnp.float32(model.start_year + 0.25 * t), rows, jnp.asarray(t == 0))
        told = np.where(np.isfinite(told), told, BROKEN).astype(np.float64)
        before = log_mean_exp(weight)
        weight = weight + told
        evidence += log_mean_exp(weight) - before
        share = effective(weight) / n
        lows.append(share)
        if share < keep or t == model.history_steps - 1:
            chosen = systematic(normal(weight), rng.random())
            root, weight = root[chosen], np.zeros(n)
            state = {k: v[..., chosen] for k, v in state.items()}
    health = {"cost": float(n), "roots": len(np.unique(root)) / n, "least_effective": float(min(lows)), "conditioned": 1.0}
    return Posterior(z[:, root], theta[:, root], luck, state, np.full(n, np.nan), root, evidence, float("nan"), ranges, health)


# ---------------------------------------------------------------------------------------------------------------------- waste-free


def waste_free(runner: Runner, record: Record, ranges: np.ndarray, starts: int, length: int, seed: int, keep: float = 0.5) -> Posterior:
    """At each level `starts` particles are resampled and moved `length` − 1 times, and every place on the way is a particle (Dau & Chopin 2022)."""
    rng, n = np.random.default_rng([seed, 0x3A57E]), starts * length
    z, luck = _begin(runner, seed, n)
    value = np.concatenate([_value(runner, record, ranges, z[:, k : k + starts], luck[..., k : k + starts]) for k in range(0, n, starts)])
    root, power, evidence, levels, cost = np.arange(n), 0.0, 0.0, [], float(n)
    groups = [np.arange(k, starts, 4) for k in range(4)]
    moves = Moves(groups)
    while power < 1.0:
        new = next_power(value, power, keep)
        increment = (new - power) * value
        evidence, power = evidence + log_mean_exp(increment), new
        chosen = systematic(normal(increment), rng.random())[rng.permutation(n)[:starts]]
        one, keys, told, kin = z[:, chosen], luck[..., chosen], value[chosen], root[chosen]
        path = [(one, keys, told)]
        moves.begin(one)
        for k in range(length - 1):
            if k and k % 10 == 0:
                moves.fit(one)
            trial, fresh, change, kind = moves.propose(k, one, keys, rng)
            found = _value(runner, record, ranges, trial, fresh)
            accept = np.log(rng.random(starts)) < power * (found - told) + change
            one, keys, told = np.where(accept, trial, one), np.where(accept, fresh, keys), np.where(accept, found, told)
            moves.learn(kind, accept)
            path.append((one, keys, told))
        cost += starts * (length - 1)
        z, luck = np.concatenate([p[0] for p in path], axis=1), np.concatenate([p[1] for p in path], axis=-1)
        value, root = np.concatenate([p[2] for p in path]), np.tile(kin, length)
        levels.append({"power": power} | moves.report())
    some = np.sort(rng.permutation(n)[: min(n, 1024)])
    health = {"cost": cost, "levels": levels, "particles": n}
    return _done(runner, record, ranges, z[:, some], luck[..., some], root[some], evidence, health)


# ----------------------------------------------------------------------------------------------------------------------- gradients


def _bend(z: Any, ranges: np.ndarray) -> Any:
    """`to_theta` that has a slope."""
    u, log = ndtr(z), ranges[:, 2, None] > 0.5
    low, high = ranges[:, 0, None], ranges[:, 1, None]
    safe = np.where(log, low, 1.0), np.where(log, high, 1.0)
    return jnp.where(log, safe[0] * (safe[1] / safe[0]) ** u, low + (high - low) * u).astype(jnp.float32)


def slope(runner: Runner, record: Record, ranges: np.ndarray, n: int) -> Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """(log-likelihood [particle], its slope by z [row, particle]); choices and events have none of their own, which costs acceptance, not truth."""
    model = runner.model
    inputs, rows = record_inputs(record), len(model.lever_rows)
    years = jnp.asarray(model.start_year + 0.25 * np.arange(model.history_steps), jnp.float32)

    def whole(z: Any, luck: Any) -> Any:
        theta = _bend(z, ranges)
        told = run_chunk(model, record, (), (), theta, luck, start_state(model, theta), years, inputs, jnp.zeros((rows, WIDTH)),
                         jnp.zeros((rows, 2)))[2].sum(axis=0)  # fmt: skip
        return told.sum(), told

    program = jax.jit(lambda z, luck: jax.lax.map(lambda parts: jax.value_and_grad(whole, has_aux=True)(*parts), (z, luck)))
    chunks = -(-n // WIDTH)

    def both(z: np.ndarray, luck: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        (_, told), steep = program(_fold(z.astype(np.float32), chunks), _fold(luck, chunks))
        told, steep = _unfold(told[:, None], n)[0].astype(np.float64), _unfold(steep, n).astype(np.float64)
        return np.where(np.isfinite(told), told, BROKEN), np.clip(np.nan_to_num(steep, nan=0.0, posinf=0.0, neginf=0.0), -50.0, 50.0)

    return both


def gradient(runner: Runner, record: Record, ranges: np.ndarray, n: int, steps: int, last: int, seed: int, keep: float = 0.5) -> Posterior:
    """Tempered SMC whose moves are Langevin steps scaled by the particles' spread (MALA), in turn with fresh luck."""
    rng = np.random.default_rng([seed, 0x3A1A])
    z, luck = _begin(runner, seed, n)
    both = slope(runner, record, ranges, n)
    value, steep = both(z, luck)
    root, power, evidence, levels, cost, size, run = np.arange(n), 0.0, 0.0, [], SLOPE * n, 0.3, 12.0
    while power < 1.0:
        new = next_power(value, power, keep)
        increment = (new - power) * value
        evidence, power = evidence + log_mean_exp(increment), new
        chosen = systematic(normal(increment), rng.random())
        z, luck, value, steep, root = z[:, chosen], luck[..., chosen], value[chosen], steep[:, chosen], root[chosen]
        scale = np.maximum(z.std(axis=1, keepdims=True), 0.05)
        taken: dict[str, list[float]] = {"slope": [], "luck": []}
        for k in range(last if power >= 1.0 else steps):
            if k % 3 == 2:  # luck changes the slope too
                trial, fresh, kind = z, renewed(luck, run, rng), "luck"
                change = np.zeros(n)
                found, steeper = both(trial, fresh)
            else:
                kind, h = "slope", size * scale
                middle = z + 0.5 * h**2 * (power * steep - z)
                trial, fresh = middle + h * rng.standard_normal(z.shape), luck
                found, steeper = both(trial, fresh)
                back = trial + 0.5 * h**2 * (power * steeper - trial)
                change = (0.5 * (((trial - middle) / h) ** 2 - ((z - back) / h) ** 2) - 0.5 * (trial**2 - z**2)).sum(axis=0)
            accept = np.log(rng.random(n)) < power * (found - value) + change
            z, luck, value, steep = (np.where(accept, a, b) for a, b in ((trial, z), (fresh, luck), (found, value), (steeper, steep)))
            rate = float(accept.mean())
            taken[kind].append(rate)
            if kind == "luck":
                run = float(np.clip(run * np.exp(rate - 0.35), 1.0, 16.0))
            else:
                size = float(np.clip(size * np.exp(rate - 0.57), 1e-3, 1.5))
            cost += SLOPE * n
        levels.append({"power": power, "size": size} | {f"accepted_{k}": float(np.mean(v)) for k, v in taken.items() if v})
    return _done(runner, record, ranges, z, luck, root, evidence, {"cost": cost, "levels": levels})
