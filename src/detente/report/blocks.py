"""What is shown, before it is known where: paragraphs and grids, drawn in a terminal, as Markdown or by the HTML template."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Grid:
    """A table: a head, a row of words per line. `note` says how to read it, `foot` what a figure is."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    foot: str = ""
    key: str = ""
    numeric: bool = False
    """Columns after the first hold figures: right-aligned."""
    links: tuple[str, ...] = ()
    """Per row, the anchor of the card that its figures open to; empty for none."""
    anchors: tuple[str, ...] = ()
    """Per row, its own anchor."""
    heads: tuple[str, ...] = ()
    """Per column, the anchor of the card that its head opens to; empty for none."""


@dataclass(frozen=True)
class Figure:
    """A picture as SVG, its caption, what it shows in words, and the table behind it."""

    title: str
    svg: str
    alt: str
    grid: Grid | None = None
    note: str = ""
    foot: str = ""
    key: str = ""


@dataclass(frozen=True)
class Fold:
    """Blocks that open on request."""

    title: str
    blocks: tuple[Any, ...]
    key: str = ""
    open: bool = False
    print: bool = False
    """Open on paper."""


Block = str | Grid | Figure | Fold


@dataclass(frozen=True)
class Page:
    """A title, blocks for people, and the same as plain data for `--json`."""

    title: str
    blocks: tuple[Block, ...]
    data: Mapping[str, Any] = field(default_factory=dict)


def put(page: Page, json: bool) -> None:
    """Print a page on stdout: tables, or its figures as JSON."""
    if json:
        sys.stdout.write(to_json(page.data) + "\n")
        return
    from rich.console import Console

    to_terminal(page, Console())


def to_terminal(page: Page, console: Console) -> None:
    """Print a page: paragraphs wrapped, grids as tables without a frame."""
    from rich.text import Text

    if page.title:
        console.print(Text(page.title, style="bold"))
        console.print()
    _print_blocks(page.blocks, console)


def _print_blocks(blocks: Sequence[Block], console: Console) -> None:
    from rich.text import Text

    for block in blocks:
        if isinstance(block, Fold):
            console.print(Text(block.title, style="bold"))
            _print_blocks(block.blocks, console)
        elif isinstance(block, Figure):
            console.print(Text(f"{block.title}. {block.alt} {block.note}"))
        elif isinstance(block, Grid) and _fits(block, console.width):
            _print_grid(block, console)
        elif isinstance(block, Grid):
            _print_records(block, console)
        else:
            console.print(Text(block))
        console.print()


def _fits(grid: Grid, width: int) -> bool:
    """Can every column hold its longest word?"""
    return sum(_longest(grid, k) + 2 for k in range(len(grid.columns))) <= width


def _longest(grid: Grid, column: int) -> int:
    """Letters of a column's longest word, which is not broken unless it has more than 32."""
    return min(max((len(word) for line in (grid.columns, *grid.rows) for word in line[column].split()), default=0), 32)


def _print_records(grid: Grid, console: Console) -> None:
    """A table too wide for the terminal: each row as a short list under its first words."""
    from rich.padding import Padding
    from rich.text import Text

    if grid.title:
        console.print(Text(grid.title, style="bold"))
    lead = 2 if len(grid.columns) > 2 and all(len(row[0]) < 5 for row in grid.rows) else 1
    for row in grid.rows:
        console.print(Text("  ".join(row[:lead]), style="bold"))
        for name, cell in zip(grid.columns[lead:], row[lead:], strict=True):
            if cell:
                console.print(Padding(Text.assemble((f"{name}: ", "dim"), cell), (0, 0, 0, 4)))
    for line in (grid.note, grid.foot):
        if line:
            console.print(Text(line, style="dim"))


def _print_grid(grid: Grid, console: Console) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(grid.title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for k, name in enumerate(grid.columns):
        right = grid.numeric and k > 0
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold", min_width=0 if k else _longest(grid, 0))
    for row in grid.rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
    for line in (grid.note, grid.foot):
        if line:
            console.print(Text(line, style="dim"))


def to_markdown(page: Page, level: int = 1) -> str:
    """The page as Markdown, with pipe tables."""
    parts = [f"{'#' * level} {_plain(page.title)}"] if page.title else []
    parts += [_markdown(block, level + 1) for block in page.blocks]
    return "\n\n".join(parts) + "\n"


def _markdown(block: Block, level: int) -> str:
    if isinstance(block, Grid):
        return grid_markdown(block, level)
    if isinstance(block, Fold):
        return to_markdown(Page(block.title, block.blocks), level).rstrip()
    if isinstance(block, Figure):
        behind = grid_markdown(block.grid, level) if block.grid else f"{'#' * level} {_plain(block.title)}"
        return f"{behind}\n\n{_escape(block.alt)} {_escape(block.note)}"
    return _escape(block)


def grid_markdown(grid: Grid, level: int = 2) -> str:
    """One grid: heading, pipe table, note, foot."""
    lines = [f"{'#' * level} {_plain(grid.title)}", ""] if grid.title else []
    lines.append("| " + " | ".join(_cell(c) for c in grid.columns) + " |")
    lines.append("|" + "|".join(" ---: " if grid.numeric and k else " --- " for k in range(len(grid.columns))) + "|")
    lines += ["| " + " | ".join(_cell(c) for c in row) + " |" for row in grid.rows]
    for line in (grid.note, grid.foot):
        if line:
            lines += ["", f"*{_escape(line)}*"]
    return "\n".join(lines)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _escape(text: str) -> str:
    """Markdown's own signs and HTML made harmless: a scenario's text is text."""
    for sign in ("\\", "`", "*", "_", "[", "]", "<"):
        text = text.replace(sign, "\\" + sign)
    return text


def _cell(text: str) -> str:
    return _escape(_plain(text)).replace("|", "\\|")


def to_json(data: Any) -> str:
    """Plain data as JSON text: numbers to six significant digits, what is not finite as null, keys in their order."""
    return json.dumps(plain(data), indent=1, ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """NumPy values, tuples and dates as what JSON knows."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if value is None or isinstance(value, str | bool):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value if isinstance(value, int) else str(value)
