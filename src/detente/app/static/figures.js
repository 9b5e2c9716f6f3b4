// Figures of the newest answer beside those of no change. Level = no change + paired difference, so a coarse answer does not jump about.

export const Z95 = 1.96;

export class Figures {
  constructor(room) {
    this.room = room;
    this.place = new Map(room.items.map((item, k) => [item.name, k]));
    this.bases = new Map();
    this.pasts = new Map();
    this.record = {};
    this.answer = null;
    this.why = null;
    this.asked = false;
    this.hidden = false;
  }

  // Is anything moved, and to be seen?
  get moved() { return this.asked && !this.hidden; }

  // Are the courses there that a view over the years needs?
  complete(theories) {
    return theories.every((id) => this.pasts.has(id) && (!this.asked || this.answer?.courses?.[id]));
  }

  item(name) { return this.room.items[this.place.get(name)]; }

  // Everything about one item under one theory; null while nothing is known.
  figure(theory, name) {
    const base = this.bases.get(theory);
    const k = this.place.get(name);
    if (!base || k === undefined) return null;
    const found = this.moved ? this.answer?.theories[theory] : null;
    const share = this.room.items[k].share;
    const out = { base: base.mean[k], mean: base.mean[k], low: base.low[k], high: base.high[k], hits: base.hits[k], error: base.error[k], d: 0, e: 0, told: false, moved: false, known: !this.moved || Boolean(found) };
    if (!found) return out;
    const d = found.d[k] ?? 0;
    const e = found.e[k];
    const clip = (x) => (share && x !== null ? Math.min(1, Math.max(0, x)) : x);
    out.d = d;
    out.e = e;
    out.told = e !== null && Math.abs(d) > Z95 * e && d !== 0 && e > 0;
    out.moved = d !== 0;
    out.mean = clip(out.base + d);
    out.low = found.low ? found.low[k] : out.low === null ? null : clip(out.low + d);
    out.high = found.high ? found.high[k] : out.high === null ? null : clip(out.high + d);
    return out;
  }

  // Under how many of the shown theories an item is higher, lower, or not told apart.
  count(theories, name) {
    const more = [], fewer = [], same = [];
    for (const theory of theories) {
      const f = this.figure(theory, name);
      if (!f) continue;
      (f.told ? (f.d > 0 ? more : fewer) : same).push(theory);
    }
    return { more, fewer, same };
  }
}
