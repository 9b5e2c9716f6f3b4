"""Write `docs/reference/method.md` and its picture from the last results of the long studies.

python docs/reference/make_method.py
"""

from __future__ import annotations

import json
from pathlib import Path

from detente.report.blocks import grid_markdown
from detente.report.method import calibration, ecdf, kalman
from detente.report.picture import framed, to_svg

HERE = Path(__file__).parent
RESULTS = HERE.parent.parent / "benchmarks" / "studies" / "results"
FOOT = "Simulated records: nothing here is about the world."
HEAD = """# Is the method right?

The sampler on records whose answer is known, written by `python docs/reference/make_method.py` from `benchmarks/studies/results/`. Each study is a script
that goes on where it was stopped. They use small models: what holds there need not hold for the 331 unknowns of the shipped scenario, for which neither
calibration by simulation nor the recovery of known readings has been done.
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
    (HERE / "method.md").write_text("\n\n".join(part.strip() for part in parts) + "\n")


if __name__ == "__main__":
    main()
