"""What the engine promises of every run: its bits, its luck, its programs, its hold on the record, its neutrality."""

from dataclasses import replace
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import signs
import small_job
from symmetric import mirror, mirror_name, symmetric

from detente.contract import RUNGS, mechanism
from detente.engine import chance
from detente.engine.compose import built_in, compose
from detente.engine.draws import Chance
from detente.engine.record import build_record, step_of
from detente.engine.simulate import WIDTH, Runner, draw_luck, draw_z, to_theta
from detente.engine.step import advance, parameters_of, start_state

FUTURES = 300
TRACE = ("gdp", "intent", "conduct", "encounters", "rung")


def future_years(model):
    first = model.start_year + model.history_steps // 4
    return range(first, first + model.future_steps // 4)


def years(model):
    return range(model.start_year, model.start_year + model.history_steps // 4)


def past(runner: Runner, ids: np.ndarray, seed: int = 3, ranges: np.ndarray | None = None):
    """Five untaught years of the futures of these numbers, from the start of the world, by the program of the years ahead."""
    model = runner.model
    theta = to_theta(draw_z(model, seed, ids), model.ranges() if ranges is None else ranges)
    state = {k: np.asarray(v) for k, v in start_state(model, theta).items()}
    none = np.zeros((len(model.lever_rows), len(ids)), np.float32)
    return runner.future(theta, draw_luck(seed, ids, future_years(model)), state, none, np.zeros((len(none), 2), np.float32), TRACE)


def same(a, b, futures: slice = slice(None)) -> list[str]:
    """Names of what differs in any bit, in the states, traces and weights of two runs."""
    groups = (("state", a.state, b.state), ("trace", a.traces, b.traces), ("weights", {"": a.weights}, {"": b.weights}))
    return [
        f"{kind} {k}"
        for kind, x, y in groups
        for k in x
        if not np.array_equal(x[k][..., futures], y[k][..., : x[k][..., futures].shape[-1]])
    ]


@pytest.fixture(scope="module")
def small() -> Runner:
    return small_job.runner()


@pytest.fixture(scope="module")
def base(small):
    return past(small, np.arange(FUTURES))


# ---------------------------------------------------------------------------------------------------------------- bits


def test_bits_depend_neither_on_cores_nor_on_how_many_futures_there_are(small, base, monkeypatch):
    assert jax.device_count() == 2, "conftest sets two host devices"
    monkeypatch.setenv("DETENTE_WORKERS", "1")
    assert same(base, past(small, np.arange(2 * FUTURES))) == []


def test_a_future_alone_is_what_it_is_in_a_batch(small, base):
    for k in (0, 17, WIDTH, FUTURES - 1):
        assert same(base, past(small, np.array([k])), slice(k, k + 1)) == []


def test_another_seed_is_another_luck(small, base):
    assert {f"trace {name}" for name in TRACE} <= set(same(base, past(small, np.arange(FUTURES), seed=4)))


def test_one_program_serves_every_theory_policy_and_range(small, base):
    """Compiling is what costs: only another structure, record or size may do it again."""
    model, ids = small.model, np.arange(FUTURES)
    ahead(small, base, 0.0)
    past(small, ids[:100])
    before = small.traces
    wider = model.ranges()
    wider[:, 1] += 0.01 * np.abs(wider[:, 1])
    past(small, ids, ranges=wider)
    for theory in model.scenario.theories.values():
        past(small, ids[:100], ranges=model.ranges(theory))
    ahead(small, base, 0.3)
    ahead(small, base, 0.1, seed=9)
    assert small.traces == before


# ---------------------------------------------------------------------------------------------------------------- luck


def ahead(runner: Runner, batch, dose: float, seed: int = 3, start: float = 2013.0):
    """The years ahead with every lever at a share of its most from a year on."""
    model, count = runner.model, batch.weights.shape[-1]
    highs = np.array([model.levers[name][0].high for name, _ in model.lever_rows], np.float32)
    doses = np.repeat(dose * highs[:, None], count, axis=1)
    spans = np.tile(np.array([[start, 2100.0]], np.float32), (len(highs), 1))
    luck = draw_luck(seed, np.arange(count), future_years(model))
    theta = to_theta(draw_z(model, 3, np.arange(count)), model.ranges())
    return runner.future(theta, luck, batch.state, doses, spans, TRACE)


def test_a_policy_changes_no_luck_and_nothing_before_it_begins(small, base):
    none, some = ahead(small, base, 0.0), ahead(small, base, 0.5)
    steps = 4 * (2013 - (small.model.start_year + small.model.history_steps // 4))
    assert 0 < steps < small.model.future_steps
    for name in TRACE:
        assert np.array_equal(none.traces[name][:steps], some.traces[name][:steps]), name
    # Output and aims answer to nobody: their luck would show.
    for name in ("gdp", "intent"):
        assert np.array_equal(none.traces[name], some.traces[name]), name
    assert not np.array_equal(none.traces["conduct"][steps:], some.traces["conduct"][steps:])


@mechanism(reads=["gdp"], states={}, draws={"weather": "actor"})
def weather(state, p, world, draw):
    """A mechanism of somebody's own, with luck of its own."""
    draw.event("weather", 0.0 * state.gdp + 1.0)
    return {}


def test_a_mechanism_added_or_left_out_leaves_every_other_draw_alone():
    whole = signs.runner().model
    scenario = whole.scenario
    held = {**scenario.initial, "joint": {"*": 0.1}, "damage": {"*": 0.0}}
    names = tuple(name for name in scenario.mechanisms if name not in ("joint_work", "hawks"))
    fewer = compose(scenario.model_copy(update={"mechanisms": names, "initial": {**held, "hawks": {"*": 0.0}}}))
    more = compose(scenario.model_copy(update={"mechanisms": ("weather", *scenario.mechanisms)}), {"weather": weather})
    assert set(whole.draws) - set(fewer.draws) == {"hawks"}
    assert set(more.draws) - set(whole.draws) == {"weather"}
    key = chance.luck_keys(1, jnp.arange(8, dtype=jnp.uint32), 5)
    z = dict(zip((r.name for r in whole.rows), draw_z(whole, 2, np.arange(8)), strict=True))

    def luck(model):
        sites = np.concatenate([model.draws[name][1] for name in shared])
        return np.asarray(chance.bits(key, sites))

    for other in (fewer, more):
        shared = sorted(set(whole.draws) & set(other.draws))
        assert np.array_equal(luck(whole), luck(other))
        for row, values in zip(other.rows, draw_z(other, 2, np.arange(8)), strict=True):
            assert row.name not in z or np.array_equal(values, z[row.name]), row.name


def test_a_range_changed_in_a_theory_changes_what_depends_on_it_and_nothing_else(small, base):
    model = small.model
    (row,) = model.find("encounters0")
    ranges = model.ranges()
    ranges[row, :2] *= 2.0
    z = draw_z(model, 3, np.arange(FUTURES))
    differs = (to_theta(z, ranges) != to_theta(z, model.ranges())).any(axis=1)
    assert np.flatnonzero(differs).tolist() == [row]
    changed = same(base, past(small, np.arange(FUTURES), ranges=ranges))
    assert "trace encounters" in changed
    # Nothing that incidents feed moves output, aims or changes of leadership; the first quarter of conduct has not heard of them yet.
    assert not {"trace gdp", "trace intent", "state gdp", "state intent", "state leadership"} & set(changed)
    again = past(small, np.arange(FUTURES), ranges=ranges)
    assert np.array_equal(again.traces["conduct"][0], base.traces["conduct"][0])


# -------------------------------------------------------------------------------------------------------------- record


@pytest.fixture(scope="module")
def learnt():
    """512 futures of the baseline held to the record."""
    runner = signs.runner()
    model, ids = runner.model, np.arange(512)
    luck = draw_luck(5, ids, years(model))
    trace = ("rung", "offer", "wish", "in_force", "open", "opened", "leadership", "intervention", "containment", "arms", "gdp")
    return runner.history(signs.parameters()[:, :512], luck, build_record(model), trace)


def cumulated(model, axis: str, start: np.ndarray, changes: dict[str, float | None]) -> np.ndarray:
    """[step, element] by the event table alone: each event sets a value (None: one more)."""
    names = model.world.axes[axis]
    out = np.tile(start, (model.history_steps, 1)).astype(float)
    for e in sorted(model.scenario.events, key=lambda e: e.date):
        if e.draw in changes:
            t, k = step_of(e.date, model.start_year), names.index(e.item.split(":")[0])
            given = changes[e.draw]
            out[t:, k] = out[t, k] + e.value if given is None else (given if e.value else 0.0)
    return out


@pytest.mark.parametrize(
    ("state", "axis", "changes"),
    [
        ("offer", "applicant", {"declare": None, "promise": None, "join": None}),
        ("wish", "applicant", {"wish": 1.0, "withdraw": 0.0}),
        ("in_force", "treaty", {"exit": 0.0, "enter": 1.0, "renew": 1.0}),
        ("open", "channel", {"suspend": 0.0, "reopen": 1.0}),
        ("opened", "opening", {"open_domain": 1.0}),
    ],
)
def test_every_future_that_learns_goes_through_the_recorded_events(learnt, state, axis, changes):
    model = signs.runner().model
    expected = cumulated(model, axis, model.start[state], changes)
    assert np.ptp(expected) > 0.0
    assert np.array_equal(learnt.traces[state], np.broadcast_to(expected[..., None], learnt.traces[state].shape))


def test_every_future_that_learns_has_the_recorded_rungs(learnt):
    model = signs.runner().model
    rung = learnt.traces["rung"]
    names = model.world.axes["rivalry"]
    level = np.zeros(rung.shape[:2], int)
    for row in model.scenario.rungs:
        first, last = max(step_of(row.start, model.start_year), 0), min(step_of(row.end, model.start_year), len(level) - 1)
        k = names.index(row.rivalry)
        level[first : last + 1, k] = np.maximum(level[first : last + 1, k], row.rung)
    above = level >= 2
    assert above.sum() > 50
    assert (rung[above] == level[above][:, None]).all()
    assert (rung[~above] < 2).all()


def test_measured_spending_and_output_stay_near_the_record(learnt):
    """Pinned: the distance is about the error of measurement in most futures, whatever their budgets would have been."""
    model = signs.runner().model
    for name in ("arms", "gdp"):
        for m in build_record(model).measures[name]:
            t, k = np.nonzero(m.has)
            gap = np.abs(np.log(learnt.traces[name][t, k]) - m.y[t, k][:, None])
            assert np.median(gap) < 1.5 * m.error[t, k].mean()


def test_every_recorded_change_of_rung_has_a_probability():
    """From some rung that the record allows to some rung that it allows next, by the mechanism's own hazards, not by a slip of coding."""
    model = signs.runner().model
    allowed = build_record(model).choices["rung"].allowed
    jump = hazards_by_rung(model) > 0.0
    stays = np.eye(len(RUNGS), dtype=bool)[:, :, None]
    ways = (jump | stays) & allowed[:-1, :, None, :] & allowed[1:, None, :, :]
    lacking = [(t, model.world.axes["rivalry"][k]) for t, k in zip(*np.nonzero(~ways.any(axis=(1, 2))), strict=True)]
    assert lacking == []
    assert (allowed[:-1] != allowed[1:]).any(axis=1).sum() >= 40


class _Heard(Chance):
    """Chance that keeps the hazards of its last choice."""

    def choice(self, name, hazards, stay):
        self.hazards = hazards
        return super().choice(name, hazards, stay)


def hazards_by_rung(model) -> np.ndarray:
    """Escalation's hazards [from, to, rivalry] at the middle of the baseline, with a dangerous incident at each line of contact."""
    m, width = built_in("escalation"), len(RUNGS)
    theta = to_theta(np.zeros((len(model.rows), width)), model.ranges())
    state = {k: np.array(v) for k, v in start_state(model, theta).items()}
    state["rung"][:] = np.arange(width)
    state["dangerous"][:] = model.world.contact[:, None]
    state["decision"][:] = 0.05

    @jax.jit
    def hear(state, p, key):
        none = jnp.zeros((len(model.lever_rows), width))
        world = replace(model.world, levers=SimpleNamespace(**{name: none[at] for name, (_, at) in model.levers.items()}))
        draw = _Heard(key, model.draws, {}, None)
        m.function(SimpleNamespace(**state), SimpleNamespace(**p), world, draw)
        return draw.hazards

    key = chance.luck_keys(1, jnp.arange(width, dtype=jnp.uint32), 1)
    return np.moveaxis(np.asarray(hear(state, parameters_of(model, theta), key)), -1, 0)


# ------------------------------------------------------------------------------------------------------------ soundness


def test_nothing_is_ever_not_finite_in_two_thousand_untaught_futures():
    batch = signs.untaught()
    assert batch.weights.shape[-1] >= 2000
    assert [k for k, v in batch.state.items() if not np.isfinite(v).all()] == []
    outside = []
    for name, values in batch.state.items():
        declared = signs.runner().model.states[name][0]
        if values.min() < declared.low - 1e-6 or values.max() > declared.high * (1 + 1e-6) + 1e-6:
            outside.append(name)
    assert outside == []


def test_the_mean_hazard_is_the_share_of_futures_that_reach_the_rung():
    """An unbiased estimate with less noise, rung by rung and rivalry by rivalry: the difference is within three of its errors."""
    state = {k: v.astype(np.float64) for k, v in signs.untaught().state.items() if k in ("hazard", "reached")}
    hazard, reached = state["hazard"][1:], state["reached"][1:]
    count = hazard.shape[-1]
    gap = (hazard - reached).mean(axis=-1)
    # Where hardly any future got there the spread of the count says too little: at least that of so rare an event.
    error = np.maximum((hazard - reached).std(axis=-1), np.sqrt(hazard.mean(axis=-1))) / count**0.5
    assert (np.abs(gap) <= 3.0 * error + 1e-6).all()
    assert reached[1].mean() > 0.1
    assert 0.0 < reached[3, 0].mean() < 0.5
    assert hazard[3, 0].std() < reached[3, 0].std()


# ----------------------------------------------------------------------------------------------------------- neutrality


def test_two_sides_exchanged_give_exactly_exchanged_futures(tmp_path):
    """A system of two equal blocs: with names, parameters and luck of the two exchanged, every state is exchanged, bit for bit."""
    model = compose(symmetric(tmp_path / "two"))
    width = 64
    theta = to_theta(draw_z(model, 8, np.arange(width)), model.ranges())
    turn = {axis: mirror(names) for axis, names in model.world.axes.items()}
    place = {(r.parameter, r.element): k for k, r in enumerate(model.rows)}
    other = [place[r.parameter, e] for r in model.rows for e in [mirror_name(r.element)]]
    sites = {k: s for k, (_, s) in model.draws.items()}
    turned_sites = {k: s[turn[axis]] if axis else s for k, (axis, s) in model.draws.items()}
    key = chance.luck_keys(4, jnp.arange(width, dtype=jnp.uint32), 2001)
    levers = {k: jnp.zeros((len(model.lever_rows), width))[at] for k, (_, at) in model.levers.items()}

    @jax.jit
    def one(state, theta, sites, key, quarter, first):
        draw = Chance(key, {k: (axis, sites[k]) for k, (axis, _) in model.draws.items()}, {}, None)
        now = SimpleNamespace(year=2001.0 + 0.25 * quarter, quarter=quarter % 4, first=first)
        return advance(model, state, parameters_of(model, theta), now, levers, draw)

    def go(theta, sites):
        state = start_state(model, jnp.asarray(theta))
        for q in range(60):
            state = one(state, theta, sites, chance.step_key(key, q), q, q == 0)
        return {k: np.asarray(v) for k, v in state.items()}

    ours, theirs = go(theta, sites), go(theta[other], turned_sites)
    for name, values in ours.items():
        for axis, label in enumerate(model.states[name][0].axes):
            values = np.take(values, turn[label], axis=axis)
        assert np.array_equal(values, theirs[name]), name
    assert not np.array_equal(ours["fear"], theirs["fear"])
    assert ours["crises"].max() > 0
