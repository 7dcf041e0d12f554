// What the report and the lesson draw with: elements, numbers, round ticks, paths. Colours are classes.

const SVG = "http://www.w3.org/2000/svg";

function svgNode(parent, name, attributes = {}, text = null) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  parent.append(made);
  return made;
}

function htmlNode(parent, name, attributes = {}, text = null) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null) made.setAttribute(key, value);
  }
  if (text !== null) made.textContent = text;
  parent.append(made);
  return made;
}

/** An empty picture in place of all that `host` holds. */
function board(host, width, height, name) {
  host.replaceChildren();
  return svgNode(host, "svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name });
}

/** A group of a picture of which nothing is seen outside of `room`: {x, y, width, height}. */
function within(svg, id, room) {
  svgNode(svgNode(svgNode(svg, "defs"), "clipPath", { id }), "rect", room);
  return svgNode(svg, "g", { "clip-path": `url(#${id})` });
}

/** A text with its marks, {name}, filled in. */
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

/** A number as text, as text.py writes it; below 0 places with an exponent. */
function number(value, places = 3) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  let text;
  if (places < 0 || size >= 1e7 || (size > 0 && size < 0.5 * 10 ** -places)) {
    text = value === 0 ? "0" : value.toExponential(places < 0 ? 2 : 1).replace("+", "");
  } else {
    const [whole, rest] = value.toFixed(places).split(".");
    text = whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ? "." + rest : "");
  }
  return text.replace(/-/g, "−");
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** Round numbers from `low` to `high`, about `most` of them: 1, 2 or 5 times a power of ten apart; and their decimals. */
function roundNumbers(low, high, most) {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i <= Math.floor(high / step + 1e-9); i += 1) found.push(i * step);
  return { found, places: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

/** A path through points [x, y], broken where y is no number. */
function pathThrough(points) {
  let pen = "M";
  let path = "";
  for (const [x, y] of points) {
    if (Number.isFinite(y)) path += `${pen}${x.toFixed(2)},${y.toFixed(2)}`;
    pen = Number.isFinite(y) ? "L" : "M";
  }
  return path;
}

/** The outline of what lies between two lines, of points [x, low, high]; broken where one of the two is no number. */
function bandThrough(points) {
  let path = "";
  let run = [];
  for (const point of [...points, [0, NaN, NaN]]) {
    if (point.every(Number.isFinite)) {
      run.push(point.map((at) => at.toFixed(1)));
    } else if (run.length) {
      const top = run.map(([x, , high]) => `${x},${high}`);
      path += "M" + top.concat(run.reverse().map(([x, low]) => `${x},${low}`)).join("L") + "Z";
      run = [];
    }
  }
  return path;
}

/** `act` before the next frame, once however often it is asked for. */
function beforeFrame(act) {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      act();
    });
  };
}

/** The bytes of a text in base64. */
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
