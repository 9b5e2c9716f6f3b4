// A link to a closed card opens it; names are covered on request; sliders look up what was stored and compute nothing.
const at = (id) => document.getElementById(id);
const open = () => { let e = location.hash && at(decodeURIComponent(location.hash.slice(1))); const goal = e; for (; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true; if (goal) goal.scrollIntoView(); };
addEventListener("hashchange", open); open();

const cover = at("cover");
if (cover) {
  const look = () => document.body.classList.toggle("covered", cover.checked);
  if (new URLSearchParams(location.search).get("names") === "covered") cover.checked = true;
  cover.addEventListener("change", look); look(); cover.closest("p").hidden = false;
}

for (const [when, say] of [["beforeprint", true], ["afterprint", false]]) addEventListener(when, () => {
  for (const d of document.querySelectorAll("details.print")) { if (say) { d.dataset.was = d.open; d.open = true; } else d.open = d.dataset.was === "true"; }
});

const store = at("slider-data");
if (store) {
  const data = JSON.parse(store.textContent), box = at("sliders-box"), rows = box.querySelectorAll("tbody tr");
  const levers = [...box.querySelectorAll("input[type=range]")], item = at("slider-item"), setting = at("slider-setting");
  const draw = (line, from, to) => { line.toggleAttribute("hidden", from === undefined); if (from !== undefined) for (const [k, v] of [["x1", from], ["x2", to], ["y1", 8], ["y2", 8]]) line.setAttribute(k, v); };
  const bar = (lines, c) => { draw(lines[0], c[2], c[4]); draw(lines[1], c[3] === undefined ? undefined : Math.max(c[3] - 3, 0), c[3] + 3); };
  const show = () => {
    const places = levers.map((l) => +l.value), s = setting ? +setting.value : 0, found = data.items[+item.value];
    const point = places.reduce((sum, p) => sum * data.strengths.length + p, 0);
    levers.forEach((l, k) => { const said = data.strengths[places[k]]; l.setAttribute("aria-valuetext", said); l.nextElementSibling.textContent = said; });
    at("slider-said").textContent = found.said[s][point];
    at("slider-unit").textContent = found.unit; at("slider-low").textContent = found.ends[0]; at("slider-high").textContent = found.ends[1];
    rows.forEach((row, r) => {
      const was = found.cells[s][0][r], now = found.cells[s][point][r], cells = row.querySelectorAll("td"), lines = row.querySelectorAll("line");
      const apart = point > 0 && now[0] !== was[0];
      cells[0].textContent = was[0]; cells[1].textContent = point ? (apart ? now[0] : "as without") : ""; cells[2].textContent = point ? now[1] : "";
      bar([lines[0], lines[1]], was); bar([lines[2], lines[3]], apart ? now : was);
    });
  };
  for (const e of [...levers, item, setting]) if (e) e.addEventListener("input", show);
  box.hidden = false; show();
}
