// For whom: outcomes counted for every actor alike, as words: under how many of the shown readings more, under how many less.

import { el, say, table } from "./dom.js";
import { phrase } from "./sentence.js";
import { digits, t } from "./texts.js";

const COUNTED = ["alarm", "influence", "spent", "denied", "member"];

export class Whom {
  constructor(app) {
    this.app = app;
    this.key = "for-whom";
    this.title = el("h3", {}, t("for_whom"));
    this.stamp = el("span", { class: "stamp" });
    this.behind = el("div", { class: "table wide" });
    this.actors = Object.keys(app.room.actors).filter((a) => COUNTED.some((o) => app.figures.place.has(`${o}[${a}]`)));
    this.outcomes = COUNTED.filter((o) => this.actors.some((a) => app.figures.place.has(`${o}[${a}]`)));
    this.node = el("figure", { class: "chart", id: this.key }, el("figcaption", {}, this.title, this.stamp), this.behind, el("p", { class: "note" }, t("whom_note")));
  }

  update(figures, state, stamp) {
    say(this.stamp, stamp);
    const of = state.theories.length;
    const head = [t("actor"), ...this.outcomes.map((o) => phrase({ ...figures.item(this.name(o)), of: "" }))];
    const rows = this.actors.map((a) => [this.app.room.actors[a], ...this.outcomes.map((o) => this.cell(figures, state, `${o}[${a}]`, of))]);
    const text = JSON.stringify(rows);
    if (text === this.said) return;
    this.said = text;
    this.behind.replaceChildren(table(t("whom_caption"), head, rows));
  }

  name(outcome) { return `${outcome}[${this.actors.find((a) => this.app.figures.place.has(`${outcome}[${a}]`))}]`; }

  cell(figures, state, name, of) {
    if (!figures.place.has(name)) return "";
    if (!figures.moved) {
      const item = figures.item(name), means = state.theories.map((id) => figures.figure(id, name)?.mean).filter((x) => x !== undefined && x !== null);
      if (!means.length) return "";
      const low = Math.min(...means), high = Math.max(...means);
      return item.share ? t("share_span", { a: Math.round(100 * low), b: Math.round(100 * high) }) : `${digits(low, high)}–${digits(high, low)}`;
    }
    const c = figures.count(state.theories, name), [more, fewer] = [c.more.length, c.fewer.length];
    return !(more || fewer) ? "·" : more && fewer ? t("both_count", { a: more, b: fewer, of }) : more ? t("more_of", { n: more, of }) : t("less_of", { n: fewer, of });
  }
}
