// Drawing: an SVG plot with axes, and the few marks that the whole lesson uses. Colours are classes, so that dark and print
// need no redraw. Seen values are filled dots, own forecasts hollow ones, the wave is one broad line.

const PRINTED_WIDTH = 640;
let printing = false;

/** How wide a picture in `host` may be; on paper not wider than the column. */
function roomOf(host) {
  const wide = host.clientWidth || PRINTED_WIDTH;
  return Math.max(120, printing ? Math.min(PRINTED_WIDTH, wide) : wide);
}

/** Round numbers for ticks, about `count` of them, written as places in time are: 1000. */
function ticksBetween(low, high, count) {
  const { found, places } = roundNumbers(low, high, count);
  return found.map((at) => ({ at, text: fixed(at, places).replace(/,/g, "") }));
}

/**
 * A plot in `host`, drawn anew each time. x and y are [low, high]; log2 puts x on a scale of doublings.
 * xTicks, yTicks: [{at, text}] or a number of ticks wanted; xName, yName stand at the ends of the axes.
 */
class Plot {
  constructor(
    host,
    {
      height,
      x,
      y,
      left = 40,
      right = 14,
      top = 12,
      bottom = 26,
      log2 = false,
      grid = true,
      xTicks = 6,
      yTicks = 4,
      xName = "",
      yName = "",
      name = "",
    },
  ) {
    this.host = host;
    this.width = roomOf(host);
    Object.assign(this, { height, left, right, top, bottom });
    this.svg = board(host, this.width, height, name);
    const scale = log2 ? Math.log2 : (value) => value;
    const across = (this.width - left - right) / (scale(x[1]) - scale(x[0]));
    const down = (height - top - bottom) / (y[1] - y[0]);
    this.x = (value) => left + (scale(value) - scale(x[0])) * across;
    this.y = (value) => top + (y[1] - value) * down;
    this.backX = (pixel) => {
      const value = scale(x[0]) + (pixel - left) / across;
      return log2 ? 2 ** value : value;
    };
    this.backY = (pixel) => y[1] - (pixel - top) / down;
    this.domain = { x, y };
    this.grid = grid;
    this.axes(x, y, xTicks, yTicks, xName, yName);
    this.marks = within(this.svg, `clip${(Plot.count += 1)}`, {
      x: left - 6,
      y: top - 6,
      width: this.width - left - right + 12,
      height: height - top - bottom + 12,
    });
    this.over = svgNode(this.svg, "g");
  }

  axes(x, y, xTicks, yTicks, xName, yName) {
    const room = Math.max(
      2,
      Math.min(typeof xTicks === "number" ? xTicks : 99, Math.floor((this.width - this.left - this.right) / 56)),
    );
    const across = Array.isArray(xTicks) ? xTicks : xTicks ? ticksBetween(x[0], x[1], room) : [];
    const up = Array.isArray(yTicks) ? yTicks : yTicks ? ticksBetween(y[0], y[1], yTicks) : [];
    for (const { at, text } of up) {
      if (this.grid)
        svgNode(this.svg, "line", {
          class: "grid",
          x1: this.left,
          x2: this.width - this.right,
          y1: this.y(at),
          y2: this.y(at),
        });
      svgNode(this.svg, "text", { class: "tick", x: this.left - 7, y: this.y(at) + 4, "text-anchor": "end" }, text);
    }
    const foot = this.height - this.bottom;
    if (across.length)
      svgNode(this.svg, "line", { class: "axis", x1: this.left, x2: this.width - this.right, y1: foot, y2: foot });
    across.forEach(({ at, text }) => {
      const half = 4 * text.length;
      const place = clamp(this.x(at), half, this.width - half);
      svgNode(this.svg, "text", { class: "tick", x: place, y: foot + 16, "text-anchor": "middle" }, text);
    });
    if (xName)
      svgNode(this.svg, "text", { class: "name", x: this.width - this.right, y: this.height - 2, "text-anchor": "end" }, xName);
    if (yName) svgNode(this.svg, "text", { class: "name", x: 0, y: 11 }, yName);
  }

  path(d, cls, extra = {}) {
    return svgNode(this.marks, "path", { d, class: cls, ...extra });
  }

  line(xs, ys, cls) {
    const path = pathThrough(
      Array.from(xs, (x, i) => [this.x(x), Number.isFinite(ys[i]) ? clamp(this.y(ys[i]), -2000, 4000) : NaN]),
    );
    const drawn = this.path(path, `line ${cls}`);
    // The wave is a broad ribbon with a thin dark core, so that it is seen on any ground.
    if (cls === "wave") this.path(path, "line wave-core");
    return drawn;
  }

  spots(xs, ys) {
    return xs.map((value, i) => `M${this.x(value).toFixed(1)} ${clamp(this.y(ys[i]), -2000, 4000).toFixed(1)}h0`).join("");
  }

  /** Values that were seen: filled. */
  dots(xs, ys, cls = "seen") {
    return this.path(this.spots(Array.from(xs), ys), `dots ${cls}`);
  }

  /** Own forecasts: hollow, and where they crowd together as many as can be told apart. */
  hollow(xs, ys, cls = "fed") {
    let last = -Infinity;
    const kept = range(0, xs.length).filter((i) => {
      const apart = Math.abs(this.x(xs[i]) - last) >= 8 || Math.abs(this.y(ys[i]) - this.y(ys[i - 1])) >= 8;
      if (apart) last = this.x(xs[i]);
      return apart;
    });
    const d = this.spots(
      kept.map((i) => xs[i]),
      kept.map((i) => ys[i]),
    );
    this.path(d, `ring ${cls}`);
    return this.path(d, "hole");
  }

  area(xs, low, high, cls) {
    return this.path(bandThrough(xs.map((value, i) => [this.x(value), this.y(low[i]), this.y(high[i])])), `area ${cls}`);
  }

  level(value, cls, text = "", dy = -5, at = 1) {
    svgNode(this.marks, "line", {
      class: `line ${cls}`,
      x1: this.left,
      x2: this.width - this.right,
      y1: this.y(value),
      y2: this.y(value),
    });
    if (text) this.text(this.domain.x[at], value, text, { dy, anchor: at ? "end" : "start", cls: `label ${cls}` });
  }

  upright(value, cls, text = "", anchor = "end") {
    svgNode(this.marks, "line", {
      class: `line ${cls}`,
      x1: this.x(value),
      x2: this.x(value),
      y1: this.top - 6,
      y2: this.height - this.bottom,
    });
    if (text)
      svgNode(
        this.over,
        "text",
        { class: "label soft", x: this.x(value) + (anchor === "end" ? -6 : 6), y: this.top + 4, "text-anchor": anchor },
        text,
      );
  }

  text(x, y, text, { dx = 0, dy = 0, anchor = "start", cls = "label" } = {}) {
    return svgNode(this.over, "text", { class: cls, x: this.x(x) + dx, y: this.y(y) + dy, "text-anchor": anchor }, text);
  }

  /** Press or drag in the plot: act(x, y) in the units of the axes. */
  drag(act) {
    this.svg.classList.add("draggable");
    const tell = (event) => {
      const box = this.host.getBoundingClientRect();
      act(this.backX(event.clientX - box.left), this.backY(event.clientY - box.top));
    };
    // The plot is drawn anew while the pointer moves: so the window listens, and stops when it is let go.
    const stop = () => {
      window.removeEventListener("pointermove", tell);
      window.removeEventListener("pointerup", stop);
      window.removeEventListener("pointercancel", stop);
    };
    this.svg.addEventListener("pointerdown", (event) => {
      tell(event);
      window.addEventListener("pointermove", tell);
      window.addEventListener("pointerup", stop);
      window.addEventListener("pointercancel", stop);
    });
  }
}
Plot.count = 0;

const STEPS_SHOWN = [1, 4, 16, 64].map((k) => ({ at: k, text: String(k) }));
const DOUBLINGS = [1, 2, 4, 8, 16, 32, 64].map((k) => ({ at: k, text: String(k) }));

/** Bars across, one a row: [{text, value, cls, note}] on a scale up to `most`; marks: [{at, cls, text}] cross all rows. */
function bars(host, list, most, marks = [], name = "") {
  const width = roomOf(host);
  const narrow = width < 520;
  const left = narrow ? 0 : 190;
  const right = 56;
  const row = narrow ? 44 : 30;
  const head = marks.some(({ text }) => text) ? 22 : 4;
  const height = head + row * list.length + 6;
  const svg = board(host, width, height, name);
  const x = (value) => left + (Math.min(value, most) / most) * (width - left - right);
  for (const { at, cls, text } of marks) {
    svgNode(svg, "line", { class: `line ${cls}`, x1: x(at), x2: x(at), y1: head - 4, y2: height - 4 });
    if (text) svgNode(svg, "text", { class: `label ${cls}`, x: x(at), y: 12, "text-anchor": "middle" }, text);
  }
  list.forEach(({ text, value, cls, note, dots = [] }, i) => {
    const y = head + i * row + (narrow ? 20 : 5);
    svgNode(
      svg,
      "text",
      narrow ? { class: "label halo", x: 0, y: y - 5 } : { class: "label", x: left - 12, y: y + 14, "text-anchor": "end" },
      text,
    );
    svgNode(svg, "rect", { class: `bar ${cls}`, x: left, y, width: Math.max(1, x(value) - left), height: 18, rx: 2 });
    for (const dot of dots) svgNode(svg, "circle", { class: `dot ${cls}`, cx: x(dot), cy: y + 9, r: 2.6 });
    svgNode(svg, "text", { class: "label number", x: width, y: y + 14, "text-anchor": "end" }, note ?? fixed(value));
  });
  return svg;
}

/** A row of tiles: cells [{text, cls}] from x on; returns the place after the last. */
function tiles(svg, cells, x, y, size, gap = 4) {
  cells.forEach(({ text, cls }, i) => {
    const left = x + i * (size + gap);
    svgNode(svg, "rect", { class: `tile ${cls}`, x: left, y, width: size, height: size, rx: 3 });
    svgNode(svg, "text", { class: `tile-text ${cls}`, x: left + size / 2, y: y + size / 2 + 4, "text-anchor": "middle" }, text);
  });
  return x + cells.length * (size + gap);
}
