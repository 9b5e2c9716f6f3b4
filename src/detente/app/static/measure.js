// How wide a text will be, before it is drawn.

const pen = document.createElement("canvas").getContext("2d");

// Width of a text in CSS pixels at the charts' size; `unit` is the page's scale.
export function width(text, unit) {
  pen.font = `${12.8 * unit}px system-ui, "DejaVu Sans", sans-serif`;
  return pen.measureText(text).width;
}

// A name that leaves room for its figures: cut at a word, with an ellipsis; the table has it whole.
export function fit(text, room, unit) {
  if (width(text, unit) <= room) return text;
  let cut = text;
  while (cut.length > 4 && width(`${cut}…`, unit) > room) cut = cut.slice(0, -1);
  return `${cut.replace(/[\s,;]+\S{0,3}$/, "")}…`;
}
