// What the browser tests ask inside the page. One object of functions; each gets one argument.
({
  // Names and roles that a checker such as axe would look for first.
  names() {
    const bad = [];
    const looked = "button, input, select, summary, a[href], svg[role], [role=button], dialog, nav, section";
    for (const n of document.querySelectorAll(looked)) {
      if (!n.getClientRects().length || n.closest("[aria-hidden=true]") || (n.closest("button") && n.tagName === "svg")) continue;
      const by = n.getAttribute("aria-labelledby");
      const label = n.getAttribute("aria-label") || (by && document.getElementById(by)?.textContent)
        || [...(n.labels ?? [])].map((l) => l.textContent).join("") || (n.tagName === "svg" ? "" : n.textContent.trim());
      if (!label) bad.push(n.outerHTML.slice(0, 80));
    }
    const ids = [...document.querySelectorAll("[id]")].map((n) => n.id);
    bad.push(...ids.filter((id, k) => ids.indexOf(id) !== k).map((id) => `twice: ${id}`));
    if (!document.documentElement.lang) bad.push("no language");
    if (document.querySelectorAll("h1").length !== 1) bad.push("not one h1");
    for (const t of document.querySelectorAll("table")) if (!t.caption?.textContent || !t.querySelector("th[scope]")) bad.push("a table without caption or head");
    return bad;
  },

  // Every visible text against the ground that it stands on: 4.5 to 1 (WCAG 2, AA).
  contrast() {
    const channel = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    const light = (c) => { const [r, g, b] = c.match(/[\d.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
    const ground = (n) => {
      for (; n; n = n.parentElement) { const c = getComputedStyle(n).backgroundColor; if (c && !/, 0\)$|transparent/.test(c)) return c; }
      return "rgb(255, 255, 255)";
    };
    const bad = [];
    for (const n of document.querySelectorAll("h1, h2, h3, p, label, output, button, summary, th, td, caption, legend, text, span, em, strong, figcaption")) {
      const text = [...n.childNodes].filter((c) => c.nodeType === 3).map((c) => c.data.trim()).join("");
      if (!text || !n.getClientRects().length || n.closest("[hidden]") || n.closest("#dialogs") === null && document.querySelector("dialog[open]")) continue;
      const style = getComputedStyle(n), a = light(n.namespaceURI.endsWith("svg") ? style.fill : style.color), b = light(ground(n));
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5) bad.push(`${n.tagName} ${text.slice(0, 30)} ${ratio.toFixed(2)}`);
    }
    return bad;
  },

  // Two hundred random states through the address and back; those that came back changed.
  addresses(theories) {
    const { app, fresh, encode, decode } = detente, first = app.room.first_theories, out = [];
    let seed = 7;
    const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const maybe = (p) => next() < p;
    for (let k = 0; k < 200; k += 1) {
      const s = fresh([...first]);
      for (const p of app.room.packages) if (maybe(0.6)) s.levers[p.id] = Math.max(0.01, Math.round(next() * 100) / 100);
      const some = theories.filter(() => maybe(0.6));
      if (some.length) s.theories = some;
      if (maybe(0.5)) s.held = { [theories[0]]: { danger: Number((next() * 0.02 + 0.004).toPrecision(4)) } };
      for (const flag of ["big", "names", "quiet"]) s[flag] = maybe(0.3);
      if (maybe(0.3)) s.one = theories[1];
      if (maybe(0.3)) s.view = "fear";
      s.lang = maybe(0.3) ? "ru" : "en";
      s.theme = ["auto", "dark", "light"][Math.floor(next() * 3)];
      const back = decode(encode(s, first), app.room), sorted = (x) => JSON.stringify(Object.entries(x).sort(([a], [b]) => (a < b ? -1 : 1)));
      s.levers = JSON.parse(sorted(s.levers));
      back.levers = JSON.parse(sorted(back.levers));
      if (sorted(s) !== sorted(back)) out.push([s, back]);
    }
    return out;
  },

  // The sentence for given paired differences {reading: [difference, error]} of one outcome, and causes {reading: {mechanism, carries, share}}.
  async sentence([gaps, causes]) {
    const { sentence, phrase } = await import("./sentence.js"), { Figures } = await import("./figures.js");
    const item = { name: "clash[x]", outcome: "clash", element: "x", of: "", phrase: "clash", share: true, better: -1 };
    const f = new Figures({ items: [item], byid: new Map(Object.keys(gaps).map((k) => [k, { argument: k.toUpperCase() }])) });
    f.asked = true;
    f.answer = { theories: {}, done: true };
    for (const [k, [d, e]] of Object.entries(gaps)) {
      f.bases.set(k, { mean: [0.3], low: [0.1], high: [0.5], hits: [30], error: [0.01] });
      f.answer.theories[k] = { d: [d], e: [e], n: 100 };
    }
    if (causes) Object.assign(f, { answer: { ...f.answer, move: 1 }, why: { move: 1, item: "clash[x]", done: true, causes } });
    return [sentence(f, Object.keys(gaps), [{ word: "clash", item: "clash[x]" }]), phrase(item)];
  },

  pull([name, value]) {
    const range = document.querySelector(`[data-lever=${name}]`);
    range.value = value;
    range.dispatchEvent(new Event("input", { bubbles: true }));
  },

  focused() {
    const { dataset, tagName } = document.activeElement;
    return dataset.lever ?? dataset.tool ?? dataset.view ?? tagName;
  },
})
