// The state of the page: one plain object, the same in the address, in undo and redo, and in named scenarios.

export const SCHEMA = 1;
const FLAGS = ["big", "names", "quiet"];
const ID = /^[A-Za-z0-9_-]{1,64}$/;

export function fresh(theories) {
  return { levers: {}, theories, held: {}, view: "first", one: "", of: "", mine: "", lang: "en", theme: "auto", big: false, names: false, quiet: false };
}

// State → the address after "#". What is as in a fresh state is left out.
export function encode(state, first) {
  const parts = [`v=${SCHEMA}`];
  const levers = Object.entries(state.levers).filter(([, x]) => x > 0).sort(by);
  if (levers.length) parts.push(`levers=${levers.map(([k, x]) => `${k}:${round(x)}`).join(",")}`);
  if (state.theories.join() !== first.join()) parts.push(`theories=${state.theories.join(",")}`);
  const held = Object.entries(state.held).sort(by).flatMap(([t, ps]) => Object.entries(ps).sort(by).map(([p, x]) => `${t}.${p}:${fine(x)}`));
  if (held.length) parts.push(`held=${held.join(",")}`);
  if (state.mine) parts.push(`mine=${state.mine}`);
  if (state.view !== "first") parts.push(`view=${state.view}`);
  if (state.one) parts.push(`one=${state.one}`);
  if (state.of) parts.push(`of=${encodeURIComponent(state.of)}`);
  if (state.lang !== "en") parts.push(`lang=${state.lang}`);
  if (state.theme !== "auto") parts.push(`theme=${state.theme}`);
  for (const flag of FLAGS) if (state[flag]) parts.push(`${flag}=1`);
  return parts.join("&");
}

// The address → state. Unknown names and numbers out of bounds are dropped; an address of a newer schema is refused whole.
export function decode(text, room) {
  const state = fresh([...room.first_theories]);
  const given = new Map(text.replace(/^#/, "").split("&").map((part) => { const k = part.indexOf("="); return [part.slice(0, k), part.slice(k + 1)]; }));
  if (!given.has("v")) return state;
  if (Number(given.get("v")) > SCHEMA) return { ...state, refused: given.get("v").slice(0, 8) };
  const packages = new Set(room.packages.map((p) => p.id));
  const theories = new Set([...room.theories.map((x) => x.id), "mine"]);
  for (const [name, x] of pairs(given.get("levers"))) if (packages.has(name) && x > 0 && x <= 1) state.levers[name] = round(x);
  const chosen = (given.get("theories") ?? "").split(",").filter((name) => theories.has(name));
  if (/^[0-7]{1,40}$/.test(given.get("mine") ?? "") && given.get("mine").length === room.statements.length) state.mine = given.get("mine");
  if (chosen.length) state.theories = [...room.theories.map((x) => x.id), "mine"].filter((name) => chosen.includes(name));
  for (const [name, x] of pairs(given.get("held"))) {
    const [theory, parameter] = name.split(".");
    const bounds = room.parameters[parameter ?? ""];
    if (theories.has(theory) && bounds && x >= bounds[0] && x <= bounds[1]) (state.held[theory] ??= {})[parameter] = fine(x);
  }
  for (const key of ["view", "one", "lang", "theme"]) if (ID.test(given.get(key) ?? "")) state[key] = given.get(key);
  const of = plain(given.get("of") ?? "");
  if (room.series.some((s) => s.name === of)) state.of = of;
  for (const flag of FLAGS) state[flag] = given.get(flag) === "1";
  if (!theories.has(state.one)) state.one = "";
  if (!["en", "ru"].includes(state.lang)) state.lang = "en";
  if (!["auto", "light", "dark"].includes(state.theme)) state.theme = "auto";
  return state;
}

function pairs(text) {
  return (text ?? "").split(",").map((part) => part.split(":")).filter(([k, x]) => k && x !== undefined && Number.isFinite(Number(x))).map(([k, x]) => [k, Number(x)]);
}

function plain(text) {
  try { return decodeURIComponent(text); } catch { return ""; }
}

const by = ([a], [b]) => (a < b ? -1 : 1);
const round = (x) => Math.round(x * 100) / 100;
const fine = (x) => Number(x.toPrecision(4));

// Undo and redo without end; what only changes the look (view, language, size) is no step.
export class Steps {
  constructor(state) { this.past = []; this.now = structuredClone(state); this.ahead = []; }
  take(state) {
    if (core(state) !== core(this.now)) { this.past.push(this.now); this.ahead = []; }
    this.now = structuredClone(state);
  }
  undo() { return this.go(this.past, this.ahead); }
  redo() { return this.go(this.ahead, this.past); }
  go(from, to) {
    if (!from.length) return null;
    to.push(this.now);
    const { levers, theories, held, mine } = from.pop();
    this.now = structuredClone({ ...this.now, levers, theories, held, mine });
    return structuredClone(this.now);
  }
}

const core = (s) => JSON.stringify([Object.entries(s.levers).filter(([, x]) => x > 0).sort(by), s.theories, s.held, s.mine]);
