"""Learning as it would have gone: the record is taken in year by year, and each year is scored before it is learnt (Dawid 1984).

The sum over the years of log p(year | years before) is the log evidence, exactly; its terms say when a theory lost or gained, without hindsight.
Within a year the quarters and the series share its score along the path on which they enter together (`bridge.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from detente.analysis.bridge import Progress, Target, Tempered, parts_of, walk
from detente.engine.assimilate import Settings
from detente.engine.record import Record
from detente.engine.simulate import Runner, draw_luck, draw_z

EFFORT = Settings(particles=256, bridge_moves=32, final_moves=80, islands=1)
"""Moves after each year: half of `final_moves`; `bridge_moves` at each power where a year does not come in at once. One island: errors carry over from
year to year, and only runs under other seeds tell them."""


@dataclass(frozen=True)
class Course:
    """A theory's scores over time. `parts` [name, step]: log score by name and quarter, which adds to the log evidence; `levels` [year]: powers that the
    year needed; `left` [year]: share of particles that have a descendant at the year's end."""

    parts: np.ndarray
    levels: np.ndarray
    left: np.ndarray


def by_year(
    runner: Runner, names: tuple[str, ...], whole: Target, settings: Settings = EFFORT, seed: int = 1, progress: Progress | None = None
) -> Course:
    """Scores of a theory's ranges over the whole record, from the prior, a year at a time."""
    model, ids = runner.model, np.arange(settings.particles)
    years = range(model.start_year, model.start_year + model.history_steps // 4)
    z, luck = draw_z(model, seed, ids), draw_luck(seed, ids, years)
    rng = np.random.default_rng([seed, 0x5E9])
    parts, levels, left = [], [], []
    for k, year in enumerate(years):
        known, new = 4 * k, 4 * (k + 1)
        target = replace(whole, record=until(whole.record, new))

        def evaluate(
            z: np.ndarray, luck: np.ndarray, both: bool, target: Target = target, known: int = known
        ) -> tuple[np.ndarray, np.ndarray]:
            second = parts_of(runner, target, names, z, luck)
            first = second.copy()
            first[:, known:] = 0.0
            return first, second

        found = walk(Tempered(evaluate), z, luck, settings, rng, None, new)
        z, luck = found.z, found.luck
        parts.append(found.parts[0])
        levels.append(len(found.levels))
        left.append(len(np.unique(found.ancestor)) / settings.particles)
        if progress is not None:
            progress(str(year), k + 1, len(years))
    return Course(np.sum(parts, axis=0), np.array(levels), np.array(left))


def until(record: Record, step: int) -> Record:
    """The record with the quarters from `step` on blank; same arrays otherwise, so that one program serves every year."""

    def cut(has: np.ndarray) -> np.ndarray:
        return has & (np.arange(len(has)) < step)[:, None]

    return Record(
        {k: replace(e, has=cut(e.has)) for k, e in record.events.items()},
        {k: replace(c, has=cut(c.has)) for k, c in record.choices.items()},
        {k: tuple(replace(m, has=cut(m.has)) for m in group) for k, group in record.measures.items()},
        record.steps,
    )
