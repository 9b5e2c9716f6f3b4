// The crux strip: one belief, a handle on it, and which package does best on either side.

import { button, el, say, set, svg, table } from "./dom.js";
import { phrase } from "./sentence.js";
import { digits, frequency, t } from "./texts.js";

export class Crux {
  constructor(app) {
    this.app = app;
    this.key = "crux";
    this.found = null;
    const shown = app.state.theories.filter((id) => id !== "mine"), items = [...new Set([...app.room.first.left.slice(1), ...app.room.first.words.map((w) => w.item)])];
    this.who = el("select", { id: "crux-who" }, shown.map((id) => el("option", { value: id }, app.room.byid.get(id).argument)));
    this.what = el("select", { id: "crux-what" }, items.map((name) => el("option", { value: name }, phrase(app.figures.item(name)))));
    this.go = button(t("crux_find"), () => this.ask());
    this.out = el("div", { "aria-live": "polite" });
    this.node = el("div", { class: "crux" }, el("h3", {}, t("crux_title")), el("p", { class: "note" }, t("crux_note")),
      el("p", {}, el("label", { for: "crux-who" }, `${t("crux_under")} `), this.who, " ", el("label", { for: "crux-what" }, "· "), this.what, " ", this.go), this.out);
    set(this.what, { "aria-label": t("view_first") });
  }

  ask() {
    this.found = null;
    this.out.replaceChildren(el("p", {}, t("searching", { text: "" })));
    this.app.link.once({ kind: "crux", theory: this.who.value, item: this.what.value });
  }

  hear(message) {
    if (message.theory !== this.who.value || message.item !== this.what.value) return;
    if (!message.strip) return this.out.replaceChildren(el("p", {}, t("searching", { text: message.text })));
    this.found = message.strip;
    this.show(message.theory);
  }

  update() {}

  show(theory) {
    const f = this.found, { room } = this.app;
    if (!f.parameter) return this.out.replaceChildren(el("p", {}, t("crux_none")));
    const item = this.app.figures.item(f.item);
    this.said = `${room.byid.get(theory).argument}, ${phrase(item)}: ${f.meaning}. ${t("crux_said", this.words(f, (k) => room.packages.find((p) => p.id === f.packages[k])?.label ?? f.packages[k]))}`;
    const name = (k) => room.packages.find((p) => p.id === f.packages[k])?.label ?? f.packages[k];
    const low = f.x[0], high = f.x[f.x.length - 1], width = 720, height = 170, top = Math.max(...f.low, ...f.high) || 1;
    const x = (v) => 30 + ((v - low) / (high - low)) * (width - 40), y = (v) => 10 + (1 - v / top) * (height - 40);
    const path = (values) => `M${values.map((v, k) => `${x(f.x[k]).toFixed(1)},${y(v).toFixed(1)}`).join("L")}`;
    const hand = svg("line", { class: "hand", y1: 4, y2: height - 26 }), text = el("p", { class: "here" });
    const picture = svg("svg", { role: "img", width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": t("crux_said", this.words(f, name)) },
      svg("path", { class: "line c0", d: path(f.low) }), svg("path", { class: "line c1", d: path(f.high), "stroke-dasharray": "7 3" }),
      svg("line", { class: "base", x1: x(f.value), x2: x(f.value), y1: 4, y2: height - 26 }), hand,
      svg("text", { x: x(low), y: height - 8 }, digits(low, high)), svg("text", { x: x(high), y: height - 8, "text-anchor": "end" }, digits(high)), svg("text", { x: x(f.value), y: height - 8, "text-anchor": "middle" }, digits(f.value, high)));
    const range = el("input", { type: "range", min: low, max: high, step: (high - low) / 100, value: low, "aria-label": `${t("crux_handle")}: ${f.meaning}` });
    const move = () => {
      const v = Number(range.value), place = ((v - low) / (high - low)) * (f.x.length - 1), k = Math.min(f.x.length - 2, Math.floor(place)), part = place - k;
      const at = (row) => row[k] * (1 - part) + row[k + 1] * part, a = at(f.low), b = at(f.high), apart = f.apart[Math.round(place)];
      const said = (s) => (item.share ? frequency(s) : digits(s, top));
      const better = v < f.value ? 0 : 1;
      set(hand, { x1: x(v), x2: x(v) });
      say(text, t("crux_here", { x: digits(v, high), a: said(a), b: said(b), low: name(0), high: name(1), who: apart ? t("crux_leads", { name: name(better) }) : t("crux_even") }));
    };
    range.addEventListener("input", move);
    this.out.replaceChildren(el("p", {}, el("strong", {}, f.meaning), ` (${f.parameter})`), el("p", {}, t("crux_said", this.words(f, name)), f.sure ? "" : ` ${t("crux_unsure")}`), picture,
      el("p", { class: "legend" }, el("span", {}, "— ", name(0)), el("span", {}, "- - ", name(1))), range, text,
      el("p", {}, button(t("crux_hold"), () => { this.app.hold(theory, f.parameter, Number(Number(range.value).toPrecision(4))); this.app.look({ view: "first" }); })),
      el("details", {}, el("summary", {}, t("as_table")), table(phrase(item), [f.meaning, name(0), name(1)], f.x.map((v, k) => [digits(v, high), ...[f.low[k], f.high[k]].map((s) => (item.share ? frequency(s) : digits(s, top)))]))), el("p", { class: "note" }, this.app.room.foot));
    move();
  }

  words(f, name) { return { value: digits(f.value), low: name(0), high: name(1), e: f.error === null ? t("unknown") : digits(f.error, f.value) }; }
}
