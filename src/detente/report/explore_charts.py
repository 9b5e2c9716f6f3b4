"""The picture of an exploration: how many cases a box covers against how many of its futures are cases."""

from __future__ import annotations

from typing import Any

from detente.report.data import phrase
from detente.report.explore import SAMPLE, Explored
from detente.report.picture import LINES, Picture, dash, dress, pivot
from detente.scenario import Scenario


def tradeoff(found: Explored, scenario: Scenario) -> Picture | None:
    """Coverage against density of every step of PRIM, measured on the other half of the same sample."""
    import altair as alt

    if not len(found.curve):
        return None
    some = found.curve[found.curve["runs"] >= 20]
    rows: list[dict[str, Any]] = [
        {
            "sample": SAMPLE[str(r.sample)],
            "coverage": round(100 * r.coverage, 2),
            "density": round(100 * r.density, 2),
            "limits": int(r.limits),
            "step": k,
        }
        for k, r in enumerate(some.itertuples())
    ]
    domain = [SAMPLE[s] for s in ("prior", "learnt") if SAMPLE[s] in {r["sample"] for r in rows}]
    colour = alt.Color(
        "sample:N",
        scale=alt.Scale(domain=domain, range=list(LINES[: len(domain)])),
        legend=alt.Legend(title=None, orient="top", labelLimit=330),
    )
    x = alt.X("coverage:Q", title="coverage: cases that lie in the box, of 100", scale=alt.Scale(domain=[0, 100]))
    y = alt.Y("density:Q", title="density: futures in the box that are cases, of 100", scale=alt.Scale(domainMin=0))
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y, color=colour, order="step:Q")
    chart = base.mark_line(strokeWidth=1.3).encode(strokeDash=dash("sample", domain)) + base.mark_point(filled=True, size=26)
    title = f"Coverage against density: {phrase(scenario, found.item)} {found.case}"
    text = "Each step of peeling the box smaller: from all cases at the base rate to few cases at a higher one, measured on futures not used in finding it."
    note = "Measured on the half of the futures that was not used. Up and to the right is better; a flat line says that no box tells cases apart."
    table = [
        {"box": f"{r['sample']}, {r['limits']} limits", "what": w, "text": f"{r[w]:.0f}"}
        for r in rows[::4]
        for w in ("coverage", "density")
    ]
    return Picture("explore_tradeoff", title, text, dress(chart.properties(width=430, height=280)), note, **pivot(table, "box", "what"))
