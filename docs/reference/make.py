"""Write mechanisms.md and parameters.md beside this file from the mechanisms' own declarations: python docs/reference/make.py."""

import importlib
import re
from collections.abc import Iterable
from pathlib import Path

from detente.contract import Lever, Mechanism, Parameter, State
from detente.engine.compose import BUILT_IN, built_in

HERE = Path(__file__).parent
COMMAND = "python docs/reference/make.py"
FIELDS = ("Source", "Met", "Claims", "Game")


def entry(name: str) -> dict[str, str]:
    """A module's docstring in parts: title, text (equations and remarks), Source, Met, Disputed, Claims, Game."""
    text = importlib.import_module(f"detente.mechanisms.{name}").__doc__ or ""
    title, _, rest = text.strip().partition("\n")
    parts = {"title": title.strip(), "text": "", **dict.fromkeys(FIELDS, "")}
    at = "text"
    for line in rest.splitlines():
        word = line.split(" ", 1)[0]
        if word in FIELDS:
            at, line = word, line[len(word) :]
        parts[at] += line + "\n" if at == "text" else " " + line.strip()
    parts = {k: v.strip("\n") if k == "text" else re.sub(r"\s+", " ", v).strip() for k, v in parts.items()}
    found = re.search(r"(?:disputed by|Disputed:) (.*?)\.(?: |$)", parts["Source"] + " ")
    given = sorted({p.disputed for p in built_in(name).parameters.values() if p.disputed})
    parts["Disputed"] = found[1].strip() if found else ", ".join(given)
    return parts


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Lines of a Markdown table; a bar inside a cell is escaped."""
    head = list(head)
    cells = [[str(c).replace("|", "\\|") for c in row] for row in rows]
    return ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *cells)]


def number(x: float) -> str:
    return f"{x:.4g}".replace("-", "−")


def span(p: Parameter) -> str:
    low, high = p.range
    fixed = low == high
    return number(low) if fixed else f"{number(low)} … {number(high)}" + (", logarithmic" if p.scale == "log" else "")


def parameter_row(name: str, p: Parameter) -> list[str]:
    neutral = "none" if p.neutral is None else number(p.neutral)
    meaning = p.meaning + (" (a constant of the equation's form)" if p.kind == "shape" else "")
    source = p.source + (f"; disputed by {p.disputed}" if p.disputed else "")
    return [f"`{name}`", meaning, p.unit, p.per or "", neutral, span(p), p.raises, source, ", ".join(p.claims)]


def state_row(name: str, s: State) -> list[str]:
    kind = "this quarter only" if s.flow else "from the start of the futures" if s.horizon else ""
    return [f"`{name}`", s.meaning, s.unit, " × ".join(s.axes) or "one", kind]


def lever_row(name: str, v: Lever) -> list[str]:
    return [f"`{name}`", v.meaning, v.unit, v.per or "one", f"{number(v.low)} … {number(v.high)}", v.counterpart]


def section(m: Mechanism) -> list[str]:
    """One mechanism: equations, states, levers, what it reads and draws."""
    e = entry(m.name)
    lines = [f"## {m.name}", "", e["title"], "", "```text", e["text"], "```", ""]
    lines += [f"- **Source**: {e['Source']}", f"- **Met**: {e['Met']}", f"- **Claims**: {e['Claims']}", f"- **Game**: {e['Game']}"]
    foreign = [r for r in m.reads if r not in m.states]
    lines += [f"- **Reads**: {', '.join(f'`{r}`' for r in foreign) or 'nothing of others'}"]
    lines += [
        f"- **Asks chance for**: {', '.join(f'`{d}`' + (f' per {axis}' if axis else '') for d, axis in m.draws.items()) or 'nothing'}"
    ]
    lines += ["", *table(("state", "meaning", "unit", "per", "kept"), (state_row(k, s) for k, s in m.states.items())), ""]
    if m.levers:
        lines += [*table(("lever", "meaning", "unit", "per", "range", "counterpart"), (lever_row(k, v) for k, v in m.levers.items())), ""]
    return lines


def mechanisms_page() -> str:
    """mechanisms.md."""
    rows = []
    for name in BUILT_IN:
        e = entry(name)
        said = [e[part] for part in ("title", "Game", "Source", "Met")]
        rows.append([f"[{name}](#{name.replace('_', '-')})", *said, e["Disputed"] or "–", e["Claims"]])
    lines = [
        "# Mechanisms",
        "",
        f"Written by `{COMMAND}` from the docstrings and declarations of the code, in the order of a step.",
        "A mechanism is one pure function; what it does not declare it cannot read or write. *S* numbers are claims of the discussion",
        "(`detente show claims`). *Met* says which published results it reproduces, number by number on [a page of their own](replications.md), or",
        "that there is none to meet. Parameters are on [a page of their own](parameters.md).",
        "",
        *table(("mechanism", "what it says", "game", "source", "met", "disputed", "claims"), rows),
        "",
    ]
    for name in BUILT_IN:
        lines += section(built_in(name))
    return "\n".join(lines)


def parameters_page() -> str:
    """parameters.md."""
    count = sum(len(built_in(name).parameters) for name in BUILT_IN)
    lines = [
        "# Parameters",
        "",
        f"Written by `{COMMAND}` from the declarations of the code: {count} parameters. The range is the",
        "baseline's, wide and the same for every theory that does not speak of the parameter; a scenario may narrow it",
        "(`detente show parameters`). At the neutral value the effect is gone; a speed or a rate has none. *Raises* is what grows with",
        "the parameter: a test runs every one of them low and high on common luck and holds it to that. *per* means one number for",
        "each element of that axis.",
        "",
    ]
    head = ("parameter", "meaning", "unit", "per", "neutral", "baseline range", "raises", "source", "claims")
    for name in BUILT_IN:
        m = built_in(name)
        if m.parameters:
            lines += [f"## {name}", "", *table(head, (parameter_row(k, p) for k, p in m.parameters.items())), ""]
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """File name → text."""
    return {"mechanisms.md": mechanisms_page(), "parameters.md": parameters_page()}


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
