"""Write the pages and pictures of this folder, the shipped answers and the estimate, from runs of the claims.

python docs/claims/make.py              every page with its pictures, and the estimate
python docs/claims/make.py ID           one page
python docs/claims/make.py --estimate   the estimate alone
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from detente.analysis.claims import list_claims, run_claim
from detente.analysis.claims.estimate import write_estimate
from detente.analysis.claims.kept import keep_answer
from detente.report.claim_charts import pictures
from detente.report.claims import claim_markdown

HERE = Path(__file__).parent
EVIDENCE = "no_free_spread"
NEW = (
    "A new claim is a folder in `src/detente/claims/` with a `claim.yaml` and a module of the same name in",
    "`src/detente/analysis/claims/` with one function `run(claim, seed, options)` that returns a `ClaimResult`.",
    "Sentences of the verdict are templates in `claim.yaml`, each with the condition (`when`) under which it is",
    "said; the module computes the flags and the phrases, and a sentence that asks for something it did not compute",
    "is refused.",
)


def write_page(result: object, date: str) -> None:
    """Markdown and SVG of one answer, and the answer itself for the report."""
    images = {}
    for name, svg in pictures(result).items():
        images[name] = f"{result.id}-{name}.svg"
        (HERE / images[name]).write_text(svg, encoding="utf-8")
    keep_answer(result)
    text = claim_markdown(result, images, f"detente claim {result.id}", date)
    (HERE / f"{result.id}.md").write_text(text, encoding="utf-8")


def write_index(date: str) -> None:
    """The list of claims with a link to each."""
    lines = [
        "# Claims about history",
        "",
        "A claim is a folder: question, data, definition with alternatives, estimator, sensitivity, verdict.",
        "",
    ]
    lines += [f"- [{claim.title}]({claim.id}.md) {claim.question}" for claim in list_claims()]
    lines += [
        "",
        "[A claim as evidence on a theory](as_evidence.md) says how an estimate is held against a theory.",
        "",
        *NEW,
        "",
        "```{toctree}",
        ":hidden:",
        "",
        *(claim.id for claim in list_claims()),
        "as_evidence",
        "```",
        "",
    ]
    (HERE / "index.md").write_text("\n".join(lines), encoding="utf-8")


def main(words: list[str]) -> None:
    """See the module."""
    date = datetime.now(UTC).date().isoformat()
    only_estimate = "--estimate" in words
    wanted = [EVIDENCE] if only_estimate else words or [claim.id for claim in list_claims()]
    for claim_id in wanted:
        result = run_claim(claim_id)
        if not only_estimate:
            write_page(result, date)
        if claim_id == EVIDENCE:
            folder = next(claim.folder for claim in list_claims() if claim.id == claim_id)
            write_estimate(result, folder / "estimate.yaml")
        print(f"{claim_id}: written", flush=True)
    if not words:
        write_index(date)


if __name__ == "__main__":
    main(sys.argv[1:])
