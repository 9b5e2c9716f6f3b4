"""Two kinds of chart that several papers share: estimates with intervals, and curves. Altair is imported inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

BLUE, OCHRE, GREEN = "#51618f", "#b3782d", "#2f8074"
WIDTH, HEIGHT = 440, 280


def intervals(names: Sequence[str], value: Any, error: Any, published: Any, title: str, axis: str, who: str) -> Any:
    """Point and 95 % interval of each estimate, the published value as a cross."""
    import altair as alt
    import pandas as pd

    value, error = np.asarray(value), np.asarray(error)
    rows = pd.DataFrame({"name": names, "ours": value, "low": value - 1.96 * error, "high": value + 1.96 * error, "published": published})
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=260))
    base = alt.Chart(rows)
    bars = base.mark_rule(color=BLUE).encode(
        y=y, x=alt.X("low:Q", title=[axis, f"point and line: ours with 95 % interval; cross: {who}"]), x2="high:Q"
    )
    points = base.mark_point(filled=True, color=BLUE, size=40).encode(y=y, x="ours:Q")
    crosses = base.mark_point(shape="cross", color=OCHRE, size=90).encode(y=y, x="published:Q")
    return (bars + points + crosses).properties(title=title, width=WIDTH, height=18 * len(value))


def curves(x: Any, lines: dict[str, Any], title: str, x_title: str, y_title: str, legend: str = "", log: bool = False) -> Any:
    """One line a name over a common x."""
    import altair as alt
    import pandas as pd

    rows = pd.DataFrame(
        [
            {"x": float(a), "y": float(b), "line": name}
            for name, ys in lines.items()
            for a, b in zip(np.asarray(x), np.asarray(ys), strict=True)
        ]
    )
    axis = alt.Axis(tickMinStep=1) if np.issubdtype(np.asarray(x).dtype, np.integer) else alt.Axis()
    scale = alt.Scale(type="log") if log else alt.Scale(zero=False)
    colour = alt.Color("line:N", sort=list(lines), title=legend or None, scale=alt.Scale(range=[BLUE, OCHRE, GREEN, "#8c4a5f", "#777777"]))
    drawn = alt.Chart(rows).mark_line().encode(x=alt.X("x:Q", title=x_title, axis=axis), y=alt.Y("y:Q", title=y_title, scale=scale))
    return (drawn.encode(color=colour) if len(lines) > 1 else drawn.mark_line(color=BLUE)).properties(
        title=title, width=WIDTH, height=HEIGHT
    )


def pairs(names: Sequence[str], ours: Any, published: Any, title: str, axis: str, who: str = "published", error: Any = None) -> Any:
    """Ours as points (with 95 % intervals where errors are given) beside published values as crosses."""
    zero = np.zeros(len(names)) if error is None else np.asarray(error)
    return intervals(names, ours, zero, published, title, axis, who)
