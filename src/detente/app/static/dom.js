// Small helpers: elements with text only (nothing is ever parsed as HTML), and SVG made once and updated in place.

const SVG = "http://www.w3.org/2000/svg";

export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// Sets an attribute only when it changes: an untouched mark is never laid out again.
export function set(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    const text = String(value);
    if (node.getAttribute(key) !== text) node.setAttribute(key, text);
  }
  return node;
}

export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
  return node;
}

export function button(label, action, attributes = {}) {
  return el("button", { type: "button", onclick: action, ...attributes }, label);
}

// A modal window with a heading and a way out; Escape closes it, and the focus goes back to where it was.
export function dialog(heading, close, ...children) {
  const head = el("h2", { id: `d${Math.random().toString(36).slice(2)}` }, heading);
  const box = el("dialog", { "aria-labelledby": head.id }, head, ...children);
  box.append(el("p", { class: "actions" }, button(close, () => box.close(), { class: "close" })));
  box.addEventListener("close", () => box.remove());
  document.getElementById("dialogs").append(box);
  box.showModal();
  return box;
}

export function table(caption, head, rows) {
  return el(
    "table", {}, el("caption", {}, caption),
    el("thead", {}, el("tr", {}, head.map((cell) => el("th", { scope: "col" }, cell)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, k) => (k ? el("td", {}, cell) : el("th", { scope: "row" }, cell)))))),
  );
}

export function download(name, kind, text) {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type: kind })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
