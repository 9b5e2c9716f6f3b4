"""The part of the report that shows claims about history, from shipped answers: verdict, pictures, limits; one fold a claim."""

from __future__ import annotations

from detente.analysis.claims import ClaimResult, list_claims
from detente.analysis.claims.kept import kept_answer
from detente.report.blocks import Block, Figure, Fold, Grid
from detente.report.claims import CAPTIONS, FOOT, GRIDS

SHOWN = {"no_free_spread": ("timeline", "survival", "curve")}
"""Pictures of a claim that the report has room for; all of them elsewhere."""
TABLES = {"timeline": "Every enlargement", "survival": "Hazard of a first dispute", "curve": "Counter-examples by definition"}
"""Beginning of the title of the table behind a picture."""


def claim_blocks(pictures: bool = True) -> tuple[Block, ...]:
    """A paragraph, then a fold for each claim with a shipped answer. Without `pictures` no picture is drawn (they take a second or two)."""
    folds = []
    for claim in list_claims():
        kept = kept_answer(claim.id)
        if kept is not None:
            folds.append(_fold(*kept, pictures))
    if not folds:
        return ()
    opening = (
        "Statements of the discussion about what history shows, tested on data of two centuries and on the record. `detente claim ID` answers "
        "each anew, under other definitions too; `detente weigh` can add what the first of them says to the weight of a reading."
    )
    return (opening, *folds)


def _fold(result: ClaimResult, current: bool, pictures: bool) -> Fold:
    verdict = Grid("", ("what the data do", "finding"), tuple((s.kind, s.text) for s in result.verdict))
    blocks: list[Block] = [result.question, f"({result.said_by})", verdict]
    if not current:
        blocks.insert(0, f"This answer was made from other data or another program; `detente claim {result.id}` answers anew.")
    if pictures:
        blocks += _figures(result)
    blocks.append(Grid("What to mind", ("",), tuple((line,) for line in result.limits)))
    return Fold(result.title, tuple(blocks), key=f"history_{result.id}")


def _figures(result: ClaimResult) -> list[Block]:
    from detente.report.claim_charts import CHARTS, svg

    grids: list[Block] = list(GRIDS.get(result.id, lambda _: [])(result))
    charts = CHARTS.get(result.id, {})
    out: list[Block] = []
    for name in SHOWN.get(result.id, tuple(charts)):
        behind = next((g for g in grids if isinstance(g, Grid) and g.title.startswith(TABLES.get(name, "\0"))), None)
        out.append(Figure(CAPTIONS[name], svg(charts[name](result)), _alt(result, name), behind, foot=FOOT, key=f"{result.id}_{name}"))
    return out or list(grids[:2])


def _alt(result: ClaimResult, name: str) -> str:
    """What a picture shows, for those who cannot see it: its first sentence of the verdict that has a number."""
    return f"{CAPTIONS[name]} What it comes to: {result.verdict[0].text}"
