// A bar per theory on one axis, fixed order, equal area; no change as a thin line. Made once, then only attributes change.

import { el, svg, set, say, table } from "./dom.js";
import { exporter } from "./export.js";
import { fit, width } from "./measure.js";
import { t, digits, level, difference } from "./texts.js";

const ROW = 42, TOP = 2, BAR = 19, AXIS = 20;

export class Bars {
  // lanes: [{item, max, y, h, cls, word, whisker}]; `y` and `h` are parts of the bar's height.
  constructor({ key, title, note, lanes, onpick }) {
    Object.assign(this, { key, lanes, onpick, rows: new Map() });
    this.svg = svg("svg", { role: "group", class: "bars" });
    this.scale = svg("g", { class: "axis" });
    this.svg.append(this.scale);
    this.behind = el("div", { class: "table" });
    this.stamp = el("span", { class: "stamp" });
    this.title = el("h3", {}, title);
    const more = el("details", {}, el("summary", {}, t("as_table")), this.behind);
    this.figure = el("figure", { class: "chart", id: key }, el("figcaption", {}, this.title, " ", el("span", { class: "note" }, note), el("span", { class: "legend" }, lanes.map((lane) => el("span", {}, el("i", { class: `swatch ${lane.cls}` }), lane.word)), el("span", {}, el("i", { class: "swatch thin" }), t("no_change_line")), this.stamp)), this.svg, el("div", { class: "under" }, more, exporter(this)));
    this.seen = new ResizeObserver(() => this.layout());
    this.seen.observe(this.figure);
  }

  layout() {
    const width = Math.floor(this.figure.clientWidth);
    if (!width || (width === this.width && this.rows.size === this.count)) return;
    this.width = width;
    this.count = this.rows.size;
    const big = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    this.unit = big;
    const height = (TOP + ROW * this.rows.size + AXIS) * big;
    set(this.svg, { width, height, viewBox: `0 0 ${width} ${height}` });
    this.draw?.();
  }

  update(figures, theories, stamp) {
    this.last = [figures, theories, stamp];
    this.draw = () => this.paint(...this.last);
    for (const id of [...this.rows.keys()]) if (!theories.includes(id)) { this.rows.get(id).g.remove(); this.rows.delete(id); }
    for (const id of theories) if (!this.rows.has(id)) this.rows.set(id, this.row(id));
    if (this.count !== theories.length) this.layout();
    this.paint(figures, theories, stamp);
  }

  row(id) {
    const g = svg("g", { class: "row" });
    const name = svg("text", { class: "name" }), value = svg("text", { class: "value", "text-anchor": "end", role: "button", tabindex: 0, onclick: () => this.onpick?.(id), onkeydown: (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); this.onpick?.(id); } } }), ground = svg("rect", { class: "ground" });
    g.append(ground, name, value);
    const marks = this.lanes.map((lane) => {
      const mark = { bar: svg("rect", { class: lane.cls }), base: svg("line", { class: "base" }), range: svg("line", { class: "range" }) };
      g.append(mark.bar);
      return mark;
    });
    for (const mark of marks) g.append(mark.base, mark.range);
    this.svg.append(g);
    return { g, name, value, ground, marks };
  }

  paint(figures, theories, stamp) {
    if (!this.width) { this.layout(); if (!this.width) return; }
    const u = this.unit, x1 = this.width;
    const x = (lane, v) => Math.max(0, Math.min(1, v / lane.max)) * x1;
    theories.forEach((id, k) => {
      const row = this.rows.get(id), theory = figures.room.byid.get(id), y = (TOP + ROW * k) * u;
      set(row.g, { transform: `translate(0 ${y})` });
      set(row.name, { x: 0, y: 15 * u });
      set(row.value, { x: x1, y: 15 * u });
      set(row.ground, { x: 0, y: 20 * u, width: x1, height: BAR * u });
      const found = this.lanes.map((lane) => figures.figure(id, lane.item));
      set(row.g, { class: found.every((f) => f?.known) ? "row" : "row waiting" });
      const edited = figures.edited?.(id) ? ` ${t("edited_mark")}` : "";
      const said = found.every(Boolean) ? this.lanes.map((lane, n) => this.words(figures, lane, found[n])).join("  ·  ") : t("not_yet");
      say(row.value, said);
      set(row.value, { "aria-label": `${theory.argument}: ${said}` });
      say(row.name, fit(theory.argument + edited, x1 - width(said, u) - 12 * u, u));
      this.lanes.forEach((lane, n) => {
        const f = found[n], mark = row.marks[n], top = (20 + lane.y * BAR) * u, h = lane.h * BAR * u;
        if (!f) return set(mark.bar, { width: 0 });
        set(mark.bar, { x: 0, y: top, width: x(lane, f.mean), height: h });
        const at = x(lane, f.base), show = figures.moved ? 1 : 0;
        set(mark.base, { x1: at, x2: at, y1: top - 1, y2: top + h + 1, opacity: show });
        const wide = lane.whisker && f.low !== null;
        set(mark.range, { x1: x(lane, f.low ?? 0), x2: x(lane, f.high ?? 0), y1: top + h / 2, y2: top + h / 2, opacity: wide ? 1 : 0 });
      });
    });
    this.axis(theories.length);
    say(this.stamp, stamp);
    this.describe(figures, theories);
  }

  words(figures, lane, f) {
    const item = figures.item(lane.item);
    const text = item.share ? level(item, lane.whisker ? f : { ...f, low: null }) : `${digits(f.mean, lane.max)}${lane.of ? ` ${t("of")} ${lane.of}` : ""}`;
    return text;
  }

  axis(rows) {
    const u = this.unit, y = (TOP + ROW * rows + 14) * u, top = this.lanes[0].max;
    const ticks = [0, 0.25, 0.5, 0.75, 1];
    if (this.scale.childElementCount !== ticks.length) this.scale.replaceChildren(...ticks.map(() => svg("text")));
    ticks.forEach((part, k) => {
      const label = this.scale.children[k];
      set(label, { x: part * this.width, y, "text-anchor": part === 0 ? "start" : part === 1 ? "end" : "middle" });
      say(label, this.axis_label ? this.axis_label(part) : top === 1 ? String(100 * part) : digits(part * top, top));
    });
  }

  // The table behind the chart, and the chart in words for who cannot see it.
  describe(figures, theories) {
    const head = [t("reading"), ...this.lanes.flatMap((lane) => [lane.word, t("difference")])];
    const rows = theories.map((id) => [figures.room.byid.get(id).argument, ...this.lanes.flatMap((lane) => {
      const f = figures.figure(id, lane.item), item = figures.item(lane.item);
      return f ? [level(item, f), figures.moved ? difference(item, f) : "·"] : [t("not_yet"), ""];
    })]);
    this.data = { head, rows };
    const text = JSON.stringify(rows);
    if (text === this.said) return;
    this.said = text;
    this.behind.replaceChildren(table(this.title.textContent, head, rows));
    set(this.svg, { "aria-label": `${this.title.textContent}. ${rows.map((r) => r.join(", ")).join("; ")}` });
  }
}
