// History joined to futures: a panel per theory in fixed order on one axis, or one theory large. Bands for quantities, lines for shares.

import { button, el, say, set, svg, table } from "./dom.js";
import { exporter } from "./export.js";
import { fit } from "./measure.js";
import { digits, hundred, t } from "./texts.js";

const DASH = ["", "7 3", "2 3", "9 3 2 3", "12 4", "4 2", "1 2"];
const PAD = { left: 34, right: 8, top: 20, bottom: 18 };

export class Courses {
  constructor(app, kinds, title) {
    Object.assign(this, { app, kinds, courses: true, panels: new Map() });
    this.all = app.room.series.map((s, k) => ({ ...s, place: k })).filter((s) => kinds.includes(s.kind));
    this.share = this.all.every((s) => s.share);
    this.many = this.share && !kinds.some((k) => k.startsWith("reached"));
    this.key = kinds[0];
    this.title = el("h3", {}, title);
    this.stamp = el("span", { class: "stamp" });
    this.legend = el("span", { class: "legend" });
    this.grid = el("div", { class: "panels" });
    this.behind = el("div", { class: "table" });
    this.back = button(t("all_readings"), () => app.look({ one: "" }));
    this.pick = el("select", { id: "of", onchange: () => app.look({ of: this.pick.value }) }, this.choices().map((s) => el("option", { value: s.name }, s.of || s.name)));
    const chooser = this.choices().length > 1 ? el("span", {}, el("label", { for: "of" }, `${t("of_whom")} `), this.pick) : null;
    this.svg = svg("svg");
    this.figure = el("figure", { class: "chart courses", id: this.key }, el("figcaption", {}, this.title, " ", chooser, " ", this.back, this.legend, this.stamp), this.grid,
      el("div", { class: "under" }, el("details", {}, el("summary", {}, t("as_table")), this.behind), exporter(this)));
    this.node = this.figure;
    new ResizeObserver(() => this.last && this.update(...this.last)).observe(this.grid);
  }

  // What the chooser offers: elements of a quantity, or rivalries of a ladder.
  choices() { return this.many ? [] : this.share ? this.all.filter((s) => s.kind === this.kinds[0]) : this.all; }

  shown(state) {
    if (this.many) return this.all;
    const chosen = this.choices().find((s) => s.name === state.of) ?? this.choices()[0];
    return this.share ? this.all.filter((s) => s.element === chosen.element) : [chosen];
  }

  update(figures, state, stamp) {
    this.last = [figures, state, stamp];
    const series = this.shown(state), theories = state.one && state.theories.includes(state.one) ? [state.one] : state.theories;
    if (!this.many && this.pick.value !== series[0].name) this.pick.value = this.choices().find((s) => s.element === series[0].element)?.name;
    this.back.hidden = theories.length > 1 || state.theories.length < 2;
    say(this.stamp, `${stamp} · ${series[0].share ? t("in_100_plain") : series[0].unit}`);
    this.mark(series);
    for (const [id, panel] of this.panels) if (!theories.includes(id)) { panel.box.remove(); this.panels.delete(id); }
    for (const id of theories) if (!this.panels.has(id)) this.panels.set(id, this.panel(id));
    const key = series.map((s) => s.name).join();
    this.grid.classList.toggle("one", theories.length === 1);
    const limits = this.domain(figures, state, series);
    theories.forEach((id) => { const panel = this.panels.get(id); this.grid.append(panel.box); this.draw(panel, figures, id, series, key, limits); });
    this.describe(figures, theories, series);
  }

  panel(id) {
    const root = svg("svg", { role: "img" });
    const title = svg("text", { class: "name", x: 0, y: 12 });
    const axes = svg("g", { class: "axis" }), marks = svg("g");
    root.append(axes, marks, title);
    const box = el("button", { type: "button", class: "panel", onclick: () => this.app.look({ one: this.app.state.one === id ? "" : id }) }, root);
    return { root, title, axes, marks, box, key: "" };
  }

  mark(series) {
    const key = series.map((s) => s.name).join();
    if (this.marked === key) return;
    this.marked = key;
    const name = (s) => (this.many ? s.of : this.share ? t(s.kind) : s.of);
    const line = (k, cls) => svg("svg", { width: 28, height: 10, "aria-hidden": "true" }, svg("line", { x1: 0, x2: 28, y1: 5, y2: 5, class: cls, "stroke-dasharray": DASH[k % DASH.length] }));
    this.legend.replaceChildren(...series.map((s, k) => el("span", {}, line(k, `line c${k}`), name(s))), el("span", {}, line(0, "base"), t("no_change_line")), this.share ? "" : el("span", {}, t("bands")));
  }

  read(figures, id, place) {
    const past = figures.pasts.get(id), answer = figures.moved ? figures.answer?.courses?.[id] : null;
    return { past: past?.series[place] ?? null, base: past?.base[place] ?? null, now: figures.moved ? (answer?.series[place] ?? null) : (past?.base[place] ?? null) };
  }

  // One vertical domain for all panels; shares from 0 to 1.
  domain(figures, state, series) {
    if (series[0].share) return [0, 1];
    if (series[0].kind === "threat" || series[0].kind === "cohesion" || series[0].kind === "missiles") return [0, 1];
    if (series[0].kind === "conduct") return [-1, 1];
    let top = 0;
    for (const id of state.theories) for (const s of series) { const d = this.read(figures, id, s.place); for (const part of [d.past, d.base, d.now]) for (const q of part?.q ?? []) top = Math.max(top, ...q.filter(Number.isFinite)); }
    return [0, top || 1];
  }

  draw(panel, figures, id, series, key, [low, high]) {
    const { years } = this.app.room, unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    const width = Math.max(120, panel.box.clientWidth - 8), height = this.grid.classList.contains("one") ? Math.max(260, innerHeight * 0.5) : Math.max(118, Math.min(170, innerHeight / 5)) * unit;
    set(panel.root, { width, height, viewBox: `0 0 ${width} ${height}` });
    const pad = Object.fromEntries(Object.entries(PAD).map(([k, v]) => [k, v * unit]));
    const history = series.some((s) => this.read(figures, id, s.place).past) && !this.kinds[0].startsWith("reached");
    const first = history ? years[0] : years[1], last = years[2] + 1;
    panel.root.dataset.first = first;
    const x = (year) => pad.left + ((year - first) / (last - first)) * (width - pad.left - pad.right);
    const y = (v) => pad.top + (1 - (v - low) / (high - low)) * (height - pad.top - pad.bottom);
    const edited = figures.edited?.(id) ? ` ${t("edited_mark")}` : "";
    say(panel.title, fit(figures.room.byid.get(id).argument + edited, (width - 4) * 0.94, unit));
    set(panel.title, { y: 12 * unit });
    if (panel.key !== key) { panel.marks.replaceChildren(); panel.key = key; }
    this.axis(panel, x, y, first, last, low, high, years[1], unit);
    series.forEach((s, k) => this.one(panel, figures, id, s, k, x, y, years));
    set(panel.root, { "aria-label": this.words(figures, id, series) });
  }

  axis(panel, x, y, first, last, low, high, cut, unit) {
    const step = last - first > 25 ? 10 : 4, ticks = [];
    for (let year = Math.ceil(first / step) * step; year < last; year += step) ticks.push(svg("text", { x: x(year), y: y(low) + 14 * unit, "text-anchor": "middle" }, String(year)));
    for (const v of [low, (low + high) / 2, high]) ticks.push(svg("line", { x1: x(first), x2: x(last), y1: y(v), y2: y(v) }), svg("text", { x: x(first) - 4, y: y(v) + 4 * unit, "text-anchor": "end" }, low === 0 && high === 1 && this.share ? String(100 * v) : digits(v, high)));
    ticks.push(svg("line", { class: "cut", x1: x(cut), x2: x(cut), y1: y(high), y2: y(low) }));
    panel.axes.replaceChildren(...ticks);
  }

  one(panel, figures, id, s, k, x, y, years) {
    const d = this.read(figures, id, s.place), at = (from) => (v, n) => `${x(from + n + 0.9).toFixed(1)},${y(v).toFixed(1)}`;
    const marks = (panel.marks[s.name] ??= null) && panel.marks.contains(panel.marks[s.name].g) ? panel.marks[s.name] : this.made(panel, s, k);
    const middle = (part) => part?.m ?? part?.q?.[2] ?? null;
    const path = (values, from) => (values ? `M${values.map(at(from)).join("L")}` : "");
    const back = (part, from, a, b) => { if (!part?.q) return ""; const up = part.q[a].map(at(from)), down = part.q[b].map(at(from)); return `M${up.join("L")}L${down.reverse().join("L")}Z`; };
    set(marks.wide, { d: back(d.past, years[0], 0, 4) + back(d.now ?? d.base, years[1], 0, 4) });
    set(marks.half, { d: back(d.past, years[0], 1, 3) + back(d.now ?? d.base, years[1], 1, 3) });
    set(marks.line, { d: path(middle(d.past), years[0]) + path(middle(d.now ?? d.base), years[1]) });
    set(marks.base, { d: figures.moved ? path(middle(d.base), years[1]) : "" });
    const dots = this.share ? [] : figures.record[s.name] ?? [];
    const from = Number(panel.root.dataset.first);
    if (marks.dots.childElementCount !== dots.length) marks.dots.replaceChildren(...dots.map(() => svg("circle", { r: 1.6 })));
    dots.forEach(([year, v], n) => set(marks.dots.children[n], { cx: x(Math.max(year, from)).toFixed(1), cy: y(v).toFixed(1), display: year < from ? "none" : "inline" }));
  }

  made(panel, s, k) {
    const g = svg("g"), marks = { g, wide: svg("path", { class: "fan-wide" }), half: svg("path", { class: "fan-half" }), base: svg("path", { class: "base" }), line: svg("path", { class: `line c${k}`, "stroke-dasharray": DASH[k % DASH.length] }), dots: svg("g", { class: "dots" }) };
    g.append(marks.wide, marks.half, marks.line, marks.base, marks.dots);
    panel.marks.append(g);
    panel.marks[s.name] = marks;
    return marks;
  }

  words(figures, id, series) {
    const parts = series.map((s) => { const d = this.read(figures, id, s.place), end = (p) => { const m = p?.m ?? p?.q?.[2]; return m ? m[m.length - 1] : null; }; const show = (v) => (s.share ? hundred(v) : digits(v)); return `${this.many ? s.of : t(s.kind)} ${show(end(d.now ?? d.base))}`; });
    return `${figures.room.byid.get(id).argument}: ${parts.join(", ")} (${this.app.room.years[2]})`;
  }

  describe(figures, theories, series) {
    const years = this.app.room.years, head = [t("reading"), t("of_whom"), ...[0, 4, 9].map((k) => String(years[1] + k)), t("no_change_at_end")];
    const show = (s, part, k) => { if (!part) return t("not_yet"); if (part.m) return hundred(part.m[k]); return `${digits(part.q[2][k], part.q[4][k])} (${digits(part.q[0][k], part.q[4][k])}–${digits(part.q[4][k])})`; };
    const rows = theories.flatMap((id) => series.map((s) => { const d = this.read(figures, id, s.place), n = (d.base?.m ?? d.base?.q?.[2] ?? []).length - 1; return [figures.room.byid.get(id).argument, `${t(s.kind)}${s.of ? `, ${s.of}` : ""}`, ...[0, 4, 9].map((k) => show(s, d.now ?? d.base, Math.min(k, n))), show(s, d.base, n)]; }));
    const text = JSON.stringify(rows);
    if (text === this.said) return;
    this.said = text;
    this.behind.replaceChildren(table(this.title.textContent, head, rows));
    this.data_rows = { head, rows };
  }

  // For export: all panels in one figure.
  whole() {
    const boxes = [...this.grid.children], columns = Math.max(1, Math.round(this.grid.clientWidth / boxes[0].clientWidth));
    const w = boxes[0].clientWidth, h = boxes[0].clientHeight;
    const root = svg("svg", { width: columns * w, height: Math.ceil(boxes.length / columns) * h, "aria-label": boxes.map((b) => b.firstChild.getAttribute("aria-label")).join("; ") });
    boxes.forEach((b, k) => { const copy = b.firstChild.cloneNode(true); set(copy, { x: (k % columns) * w, y: Math.floor(k / columns) * h }); root.append(copy); });
    return root;
  }
}
