"""Write `docs/reference/method.md` and its picture from the last results of the long studies.

python docs/reference/make_method.py
"""

from __future__ import annotations

import json
from pathlib import Path

from detente.report.blocks import grid_markdown
from detente.report.method import calibration, compared, ecdf, kalman, recovery
from detente.report.picture import framed, to_svg

HERE = Path(__file__).parent
RESULTS = HERE.parent.parent / "benchmarks" / "studies" / "results"
FOOT = "Simulated records: nothing here is about the world."
HEAD = """# Is the method right?

The sampler on records whose answer is known, written by `python docs/reference/make_method.py` from `benchmarks/studies/results/`. Each study is a script
that goes on where it was stopped. Evidence and calibration are of small models: what holds there need not hold for the 335 unknowns of the shipped scenario.
Recovery and the comparison of samplers are of the shipped scenario.
"""
KALMAN = """## Evidence

`python benchmarks/studies/kalman.py`: the arms mechanism alone with fear held still, against Kalman's recursion with quadrature over the unknowns
(stockpiles), and against an extended Kalman filter with importance sampling (budgets of the shipped scenario `richardson_1914`). Run of 25 November 2026.

Stockpiles are drawn and measured at the year's end. Measured half a year after they were drawn, they cannot be drawn from their conditional; the same
sampler then scattered by 2 to 5 natural logs and stayed 3 to 5 below the exact value on the average, while its own error said 0.3 to 1. Whoever adds a
yearly series should date it to the quarter in which the model draws it.
"""
SBC = """## Calibration by simulation

`python benchmarks/studies/sbc.py`: {runs} records told by four mechanisms of the small scenario of `detente new` (output, conduct, hawks, arms) from known
values, learnt from with {particles} particles, {moves} moves a level and {last} at the end; {draws} thinned draws of each posterior. Were the
sampler right and the draws independent, the ranks of the true values would be uniform. Draws that are kin push ranks to both ends. Median share of
families: {families:.0%}.

The same study with a tenth of the moves (10 a level and 40 at the end; 25 November 2026) found 13 and 11 of 38 where luck allows two, spreads of noise too
large by far (smallest p 2e-18), and its levels looked as healthy: it is the number of moves that makes the sampler right.
"""

RECOVERY = """## Known readings, found again

`python benchmarks/studies/recovery.py classify` and `… classify --twice`: each reading at the table that has ranges of its own tells records of the
coverage and errors of the real one, from unknowns drawn from its ranges; a classifier that has learnt from others names the teller of fresh ones. No
likelihood is used, so this is a floor: what it tells apart can be told apart; a better method may exist. By the sampler's own evidence (`recovery.py
weigh`), of which a record costs minutes, the table has not been made.

What it says of this record: readings that differ this much are named rightly six to eight times in ten, about four times as often as by chance. Least
told apart are grushko and thomson: one record in nine of either is taken for the other's. Measuring each series twice changes little: what is counted
once, events, tells most.
"""
SAMPLERS = """## Samplers at about equal cost

`python benchmarks/studies/samplers.py`: the posterior of the yardstick on the shipped record by the tempered sampler that is used, a bootstrap filter
of 64,000 particles, waste-free sequential Monte Carlo and Hamiltonian moves by slopes. Each estimate tends to be too low in its logarithm, so of two
that differ the greater is nearer; at the same number of histories the others end three to nine natural logs below its two runs, and the bootstrap
filter, at a sixth of their histories, eighty, with an eighth of the families, and slopes cost three times the processor time besides. The winner's
own two seeds are five apart: what is said of one reading rests on differences, which a bridge tells better (docs/explanation/learning-from-the-
record.md).
"""


def main() -> None:
    """Write the page of what there is."""
    parts = [HEAD]
    if (file := RESULTS / "kalman.json").exists():
        parts += [KALMAN, grid_markdown(kalman(json.loads(file.read_text())), 3)]
    if (file := RESULTS / "sbc.json").exists():
        data = json.loads(file.read_text())
        s = data["head"]["settings"]
        families = sorted(x["families"] for x in data["done"].values())
        said = SBC.format(
            runs=len(data["done"]),
            particles=s["particles"],
            moves=s["moves"],
            last=s["final_moves"],
            draws=data["head"]["draws"],
            families=families[len(families) // 2],
        )
        parts.append(said)
        if (picture := ecdf(data)) is not None:
            (HERE / "sbc.svg").write_text(framed(to_svg(picture), picture.title, picture.note, FOOT))
            parts += [f"![{picture.alt}](sbc.svg)", grid_markdown(calibration(data), 3)]
    once, again = (RESULTS / f"recovery{x}.json" for x in ("", "_twice"))
    if once.exists():
        parts += [RECOVERY, grid_markdown(recovery(json.loads(once.read_text()), "The record's own coverage"), 3)]
        if again.exists():
            parts.append(grid_markdown(recovery(json.loads(again.read_text()), "Each measured series twice"), 3))
    if (file := RESULTS / "samplers.json").exists():
        parts += [SAMPLERS, grid_markdown(compared(json.loads(file.read_text())), 3)]
    (HERE / "method.md").write_text("\n\n".join(part.strip() for part in parts) + "\n")


if __name__ == "__main__":
    main()
