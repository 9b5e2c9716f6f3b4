// The first screen: two charts and five words; what changed in one sentence; how it is for those who were not at the table.

import { Bars } from "./bars.js";
import { button, el, say, set, table } from "./dom.js";
import { mechanism, phrase, sentence } from "./sentence.js";
import { t } from "./texts.js";

export class First {
  constructor(app) {
    const { room } = app;
    this.app = app;
    const left = room.first.left, right = room.first.right;
    const heights = left.length === 3 ? [[0, 1], [0.2, 0.6], [0.35, 0.3]] : left.map((_, k) => [k / left.length, 0.9 / left.length]);
    const last = room.years[2];
    this.left = new Bars({
      key: "conflict", title: t("left_title", { year: last }), note: t("in_100"),
      lanes: left.map((item, k) => ({ item, max: 1, y: heights[k][0], h: heights[k][1], cls: `mark m${k}`, word: t(app.figures.item(item).outcome), whisker: k === Math.min(1, left.length - 1) })),
      onpick: (id) => app.card(left[Math.min(1, left.length - 1)], id),
    });
    const tops = right.map(({ item, of }) => of || Math.max(1e-9, ...[...app.figures.bases.values()].map((b) => b.high[app.figures.place.get(item)] ?? 0)));
    this.right = new Bars({
      key: "alive", title: t("right_title", { year: last }), note: t("mean_number"),
      lanes: right.map(({ item, of }, k) => ({ item, of, max: tops[k], y: 0.02 + k * 0.5, h: 0.44, cls: `mark m${k === 0 ? 3 : 4}`, word: t(app.figures.item(item).outcome), whisker: true })),
      onpick: (id) => app.card(right[0].item, id),
    });
    if (right.every(({ of }) => of)) this.right.axis_label = (part) => (part === 0 ? "0" : part === 1 ? t("all") : "");
    this.words = room.first.words.map((word) => this.word(word));
    this.text = el("p", { id: "sentence", "aria-live": "polite" });
    this.why = el("div", { class: "table wide" });
    this.because = el("details", { id: "why", hidden: true }, el("summary", {}, t("why_head")), this.why);
    this.edited = el("p", { id: "edited", "aria-live": "polite" });
    this.absent = el("p", { id: "absent" });
    this.node = el("div", { class: "first" }, el("div", { class: "pair" }, this.left.figure, this.right.figure),
      el("ul", { class: "words", "aria-label": t("five_words") }, this.words.map((w) => w.node)), this.text, this.because, this.edited, this.absent);
  }

  word(word) {
    const verdict = el("strong"), count = el("span");
    const node = el("li", {}, button([el("em", {}, t(`word_${word.word}`) === `word_${word.word}` ? word.word : t(`word_${word.word}`)), verdict, count], () => this.app.card(word.item)));
    return { ...word, node, verdict, count };
  }

  update(figures, state, stamp) {
    this.left.update(figures, state.theories, stamp);
    this.right.update(figures, state.theories, stamp);
    const of = state.theories.length;
    for (const w of this.words) {
      const c = figures.count(state.theories, w.item), item = figures.item(w.item);
      const [more, fewer] = [c.more.length, c.fewer.length];
      const key = !figures.moved || !(more || fewer) ? "no_difference" : more && fewer ? "both_ways" : more ? "more" : "fewer";
      say(w.verdict, key === "no_difference" ? "–" : t(key));
      say(w.count, key === "no_difference" ? (figures.moved ? t("not_told") : t("no_change_word")) : key === "both_ways" ? t("both_count", { a: more, b: fewer, of }) : t("under_of", { n: Math.max(more, fewer), of }));
      const good = key === "more" ? item.better : key === "fewer" ? -item.better : 0;
      set(w.node, { class: `word ${key} ${good > 0 ? "better" : good < 0 ? "worse" : ""}` });
    }
    say(this.text, figures.moved ? sentence(figures, state.theories, this.app.room.first.words) : t("move_something"));
    say(this.absent, this.others(figures, state));
    say(this.edited, state.theories.map((id) => [id, this.app.doubted(id)]).filter(([, text]) => text).map(([id, text]) => `${t("edited_mark")} ${figures.room.byid.get(id).argument}: ${text}`).join(" "));
    this.reasons(figures, state);
  }

  // Reading by reading: what carries the change, or stands in its way, and the change with it and without it.
  reasons(figures, state) {
    const { why, answer } = figures, here = figures.moved && why && why.move === answer?.move;
    this.because.hidden = !here;
    if (!here) return;
    const percent = (x, e) => t("percent", { x: `${x < 0 ? "−" : "+"}${Math.round(100 * Math.abs(x))}`, e: Math.max(1, Math.round(196 * e)) });
    const rows = state.theories.map((id) => {
      const c = why.causes[id], name = figures.room.byid.get(id).argument;
      if (c === undefined) return [name, why.done ? t("no_cause") : t("looking_why"), "", "", ""];
      if (c === null) return [name, t("no_cause"), "", "", ""];
      return [name, t(c.carries ? "carries" : "in_the_way", { what: mechanism(c.mechanism) }), this.app.room.meanings[c.parameter] ?? "", percent(c.now, c.now_error), percent(c.without, c.without_error)];
    });
    const text = JSON.stringify(rows);
    if (text === this.whys) return;
    this.whys = text;
    const item = figures.item(why.item);
    this.why.replaceChildren(table(t("why_caption", { what: phrase(item) }), [t("reading"), t("mechanism"), t("parameter"), t("with_it"), t("without_it")], rows), el("p", { class: "note" }, `${t("why_note")} ${this.app.room.foot}`));
  }

  // Fear of those whom the measures bind and nobody spoke for.
  others(figures, state) {
    const { room } = this.app;
    const who = room.first.absent.filter((a) => figures.place.has(`alarm[${a}]`));
    if (!who.length) return "";
    const parts = who.map((a) => {
      const c = figures.count(state.theories, `alarm[${a}]`), [more, fewer] = [c.more.length, c.fewer.length];
      const of = state.theories.length;
      const said = !(more || fewer) ? t("fear_same") : more && fewer ? t("fear_both", { a: fewer, b: more, of }) : more ? t("fear_more", { n: more, of }) : t("fear_less", { n: fewer, of });
      return `${room.actors[a]}: ${said}`;
    });
    return `${t("not_at_table")} ${parts.join(" · ")}`;
  }
}

