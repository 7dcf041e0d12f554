// A figure: a state, native controls bound to it, places to draw, and one draw function. Nothing else keeps state.

const figures = new Map();

class Figure {
  constructor(id, initial) {
    this.id = id;
    this.state = { ...initial };
    this.box = document.getElementById(id);
    this.panel = this.box.querySelector(".controls");
    this.stage = this.box.querySelector(".stage");
    this.bound = {};
    this.resets = {};
    /** Draw before the next frame, once however much has changed. */
    this.update = beforeFrame(() => this.draw(this.state));
    figures.set(id, this);
  }

  word(key, values) {
    return say(`${this.id}.${key}`, values);
  }

  /** Change the state: what else a key resets comes first, and the controls follow. */
  set(values) {
    const before = Object.keys(values).filter((key) => key in this.resets && values[key] !== this.state[key]);
    const all = Object.assign({}, ...before.map((key) => this.resets[key](values[key])), values);
    Object.assign(this.state, all);
    for (const [key, follow] of Object.entries(this.bound)) if (key in all) follow();
    this.update();
  }

  change(key, value) {
    this.set({ [key]: value });
  }

  plot(cls = "") {
    return htmlNode(this.stage, "div", { class: `plot ${cls}` });
  }

  row(cls = "") {
    return htmlNode(this.stage, "div", { class: `row ${cls}` });
  }

  /** One line of text that says what is seen now. It is not announced by itself: it would chatter. */
  readout() {
    const place = htmlNode(this.stage, "p", { class: "readout" });
    return (text) => {
      if (place.textContent !== text) place.textContent = text;
    };
  }

  legend(items) {
    const list = htmlNode(this.stage, "p", { class: "legend" });
    for (const [mark, cls, key] of items) {
      const item = htmlNode(list, "span", { class: "key" });
      const sample = svgNode(item, "svg", { width: 22, height: 12, "aria-hidden": "true" });
      const strokes = cls === "wave" ? ["wave", "wave-core"] : [cls];
      if (mark === "line")
        for (const one of strokes) svgNode(sample, "line", { class: `line ${one}`, x1: 1, x2: 21, y1: 6, y2: 6 });
      else if (mark === "hollow") {
        svgNode(sample, "path", { class: `ring ${cls}`, d: "M11 6h0" });
        svgNode(sample, "path", { class: "hole", d: "M11 6h0" });
      } else if (mark === "area") svgNode(sample, "rect", { class: `area ${cls}`, x: 1, y: 1, width: 20, height: 10 });
      else svgNode(sample, "path", { class: `dots ${cls}`, d: "M11 6h0" });
      htmlNode(item, "span", {}, this.word(key));
    }
    return list;
  }

  /** A slider. `text(value)` is what stands beside it, and what a screen reader says. */
  slider(key, { min, max, step = 1, text = (value) => String(value), label = key }) {
    const field = htmlNode(this.panel, "label", { class: "slider" });
    htmlNode(field, "span", { class: "what" }, this.word(label));
    const input = htmlNode(field, "input", { type: "range", min, max, step, "data-key": key });
    const shown = htmlNode(field, "output", { "aria-live": "off" });
    const follow = () => {
      input.value = this.state[key];
      shown.textContent = text(this.state[key]);
      input.setAttribute("aria-valuetext", text(this.state[key]));
    };
    this.bound[key] = follow;
    input.addEventListener("input", () => this.change(key, Number(input.value)));
    follow();
    return input;
  }

  /** One of a few: radio buttons that look like one bar. options: [[value, words]]. */
  choice(key, options, { label = key } = {}) {
    const group = htmlNode(this.panel, "fieldset", { class: "choice" });
    htmlNode(group, "legend", { class: "what" }, this.word(label));
    const bar = htmlNode(group, "span", { class: "options" });
    const inputs = options.map(([value, text]) => {
      const field = htmlNode(bar, "label", {});
      const input = htmlNode(field, "input", {
        type: "radio",
        name: `${this.id}-${key}`,
        "data-key": key,
        value: String(value),
      });
      htmlNode(field, "span", {}, text);
      input.addEventListener("change", () => this.change(key, value));
      return [input, value];
    });
    this.bound[key] = () => {
      for (const [input, value] of inputs) input.checked = value === this.state[key];
    };
    this.bound[key]();
    return group;
  }

  check(key, { label = key } = {}) {
    const field = htmlNode(this.panel, "label", { class: "check" });
    const input = htmlNode(field, "input", { type: "checkbox", "data-key": key });
    htmlNode(field, "span", {}, this.word(label));
    this.bound[key] = () => {
      input.checked = this.state[key];
    };
    input.addEventListener("change", () => this.change(key, input.checked));
    this.bound[key]();
    return input;
  }

  button(label, act, cls = "") {
    const made = htmlNode(this.panel, "button", { type: "button", class: cls, "data-act": label }, this.word(label));
    made.addEventListener("click", () => {
      act(made);
      this.update();
    });
    return made;
  }

  start(draw) {
    this.draw = draw;
    draw(this.state);
  }
}

/** The seeds that came with the page, as a choice. */
const seedChoice = (figure) =>
  figure.choice(
    "seed",
    seeds.map((_, i) => [i, String(i)]),
  );

/** Everything that a seed needs is made once. */
const made = new Map();
function once(key, make) {
  if (!made.has(key)) made.set(key, make());
  return made.get(key);
}
const netOf = (seed) => once(`net${seed}`, () => asNet(seeds[seed].w1, seeds[seed].w2));
const arOf = (seed, lags) => once(`ar${seed}/${lags}`, () => autoregression(seeds[seed].x, lags));
const latentOf = (seed) => once(`latent${seed}`, () => latentForecasts(seeds[seed].x));
const lastOf = (seed) => (origin) => new Float64Array(H).fill(seeds[seed].x[origin - 1]);
const trainMean = (seed) => once(`mean${seed}`, () => mean(Array.from(seeds[seed].x.subarray(0, TRAIN))));
const rolled =
  (model, x, steps = H) =>
  (origin) =>
    rollOut(model, x, origin, steps);
const errorsOf = (seed, name) =>
  once(`errors${seed}/${name}`, () => {
    const { x } = seeds[seed];
    const forecasts = {
      net: () => rolled(netOf(seed), x),
      last: () => lastOf(seed),
      mean: () => () => new Float64Array(H).fill(trainMean(seed)),
      latent: () => latentOf(seed),
      truth: () => (origin) => Float64Array.from(range(0, H), (k) => wave(origin + k + 1)),
    }[name];
    return errorByStep(x, forecasts ? forecasts() : rolled(arOf(seed, Number(name.slice(2))), x));
  });
