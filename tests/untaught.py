"""A theory before any record and without a history of its own: what needs starting points but not what was learnt. No program is compiled for it."""

import numpy as np

from detente.analysis.project import Prior
from detente.engine.simulate import draw_luck, draw_z, to_theta
from detente.engine.step import start_state


def untaught(runner, theory, record=None, particles: int = 64) -> Prior:
    """Draws from the theory's ranges; the state is that of the first day."""
    model, ids = runner.model, np.arange(particles)
    ranges, z = model.ranges(theory), draw_z(model, 1, ids)
    years = range(model.start_year, model.start_year + model.history_steps // 4)
    state = {k: np.asarray(v) for k, v in start_state(model, to_theta(z, ranges)).items()}
    return Prior(z, draw_luck(1, ids, years), ranges, state, float("nan"), {"conditioned": 0.0})
