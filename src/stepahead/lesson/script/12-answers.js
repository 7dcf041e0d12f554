// The way down to the noise.

// C14. The staircase: each step removes one named cause.
const STAIRS = ["net", "gentle", "ar4", "wall", "ar64", "ar128", "ssa", "latent", "truth"];

function startStairs() {
  const figure = new Figure("c14", { step: STAIRS.length });
  figure.slider("step", { min: 1, max: STAIRS.length, text: (value) => figure.word(STAIRS[value - 1]) });
  const plot = figure.plot();
  const tell = figure.readout();
  const { noise, window: short, rest } = page.facts.split;
  const total = noise + short + rest;
  figure.readout()(figure.word("split", { total: fixed(total, 4), rmse: fixed(Math.sqrt(total), 4) }));
  const blocks = figure.plot();
  const colours = {
    net: "fed",
    gentle: "fed",
    ar4: "extra",
    wall: "wall-bar",
    ar64: "extra",
    ar128: "extra",
    ssa: "latent",
    latent: "latent",
    truth: "ink",
  };
  figure.start(({ step }) => {
    const { stairs } = page.facts;
    bars(
      plot,
      STAIRS.map((name, i) => ({
        text: figure.word(name),
        value: stairs[name].mean,
        dots: stairs[name].all ?? [],
        cls: `${colours[name]} ${i < step ? "" : "ahead"}`,
      })),
      1.4,
      [{ at: NOISE, cls: "floor", text: "0.2" }],
      figure.word("plotName"),
    );
    tell(figure.word(`why.${STAIRS[step - 1]}`));
    drawSplit(blocks, figure);
  });
}

function drawSplit(host, figure) {
  const { split } = page.facts;
  const width = roomOf(host);
  const narrow = width < 520;
  const svg = board(host, width, narrow ? 98 : 56, figure.word("splitName"));
  const total = split.noise + split.window + split.rest;
  let x = 0;
  const parts = [
    ["noise", "ink"],
    ["window", "wall-bar"],
    ["rest", "fed"],
  ];
  parts.forEach(([key, cls], i) => {
    const wide = (split[key] / total) * width;
    svgNode(svg, "rect", { class: `bar ${cls}`, x, y: 0, width: Math.max(0, wide - 2), height: 24 });
    x += wide;
    const [left, top] = narrow ? [0, 46 + 20 * i] : [(i * width) / 3, 48];
    svgNode(svg, "rect", { class: `bar ${cls}`, x: left, y: top - 10, width: 11, height: 11 });
    svgNode(svg, "text", { class: "label", x: left + 18, y: top }, `${fixed(split[key], 4)}  ${figure.word(`part.${key}`)}`);
  });
}

// Your own AR(4): four weights to drag, and a wall that does not move.
function startOwn() {
  const names = ["w1", "w2", "w3", "w4"];
  const fit = arOf(0, TAU);
  const figure = new Figure("own", { w1: 0.25, w2: 0.25, w3: 0.25, w4: 0.25 });
  names.forEach((name, i) => figure.slider(name, { min: -2, max: 2, step: 0.01, text: (value) => fixed(value, 2) }));
  const pick = (weights) => figure.set(Object.fromEntries(names.map((name, i) => [name, weights[i]])));
  figure.button("lastValue", () => pick([0, 0, 0, 1]));
  figure.button("average", () => pick([0.25, 0.25, 0.25, 0.25]));
  figure.button("straight", () => pick([0, 0, -1, 2]));
  figure.button("fitted", () => pick(Array.from(fit.weights, (v) => Math.round(100 * v) / 100)));
  const row = figure.row("halves");
  const weights = htmlNode(row, "div", { class: "plot" });
  const errors = htmlNode(row, "div", { class: "plot" });
  figure.legend([
    ["line", "fed", "yours"],
    ["line", "extra", "least"],
    ["line", "wall", "wall"],
    ["line", "floor", "floor"],
  ]);
  const tell = figure.readout();
  let best = Infinity;
  figure.start((state) => {
    const mine = names.map((name) => state[name]);
    const at = new Plot(weights, {
      height: 230,
      x: [0.4, 4.6],
      y: [-2.1, 2.1],
      left: 34,
      top: 26,
      xTicks: [1, 2, 3, 4].map((i) => ({ at: i, text: `t−${5 - i}` })),
      yName: figure.word("weights"),
      name: figure.word("weights"),
    });
    at.level(0, "rule");
    mine.forEach((value, i) => {
      at.line([i + 1, i + 1], [0, value], "fed");
      at.hollow([i + 1], [value], "fed huge");
    });
    at.drag((x, y) => {
      const i = clamp(Math.round(x), 1, 4);
      figure.change(`w${i}`, clamp(Math.round(100 * y) / 100, -2, 2));
    });
    const { x } = seeds[0];
    const found = errorByStep(x, rolled(asLinear(mine), x));
    const steps = range(1, H + 1);
    const low = new Plot(errors, {
      height: 230,
      x: [1, H],
      y: [0, 0.8],
      left: 34,
      top: 26,
      log2: true,
      xTicks: DOUBLINGS,
      xName: "",
      yName: figure.word("axis"),
      name: figure.word("axis"),
    });
    low.level(NOISE, "floor");
    low.line(steps, page.wall, "wall");
    low.line(steps, errorsOf(0, "ar4"), "extra");
    low.line(steps, found, "fed thick");
    best = Math.min(best, found[H - 1]);
    const root = roots(mine)[0];
    const about = !(root.modulus <= 1.0005)
      ? figure.word("grows")
      : root.angle === 0
        ? figure.word(root.modulus > 0.9995 ? "stays" : "fades")
        : figure.word("turns", { period: Math.round((2 * Math.PI) / root.angle) });
    tell(
      figure.word("told", {
        one: fixed(found[0]),
        last: found[H - 1] > 99 ? "> 99" : fixed(found[H - 1]),
        wall: fixed(page.wall[H - 1]),
        best: fixed(best),
        root: fixed(root.modulus),
        about,
      }),
    );
  });
}

// C15. The phase diagram: does the forecast of the best linear model swing, or die away?
function startPhase() {
  const { taus, noises, modulus, angle, threshold } = page.phase;
  const figure = new Figure("c15", { tau: 2, noise: noises.findIndex((v) => v > 0.19) });
  figure.slider("tau", { min: 0, max: taus.length - 1, text: (i) => String(taus[i]) });
  figure.slider("noise", { min: 0, max: noises.length - 1, text: (i) => noises[i].toPrecision(2) });
  const row = figure.row("halves");
  const diagram = htmlNode(row, "div", { class: "plot" });
  const path = htmlNode(row, "div", { class: "plot" });
  const tell = figure.readout();
  const log = Math.log10;
  figure.start(({ tau, noise }) => {
    const at = new Plot(diagram, {
      height: 280,
      x: [2, 128],
      y: [-4, 0.4],
      left: 52,
      right: 18,
      top: 26,
      log2: true,
      xTicks: [2, 4, 8, 16, 32, 64, 128].map((v) => ({ at: v, text: String(v) })),
      yTicks: [0.0001, 0.001, 0.01, 0.1, 1].map((v) => ({ at: log(v), text: String(v) })),
      yName: figure.word("axis"),
      xName: "",
      name: figure.word("name"),
    });
    const edge = taus.map((value) => log(threshold[value]));
    at.area(
      taus,
      taus.map(() => -4),
      edge,
      "latent",
    );
    at.line(taus, edge, "latent");
    at.text(18, -2.9, figure.word("swings"), { cls: "label latent", anchor: "start" });
    at.text(2.3, 0.14, figure.word("dies"), { cls: "label fed" });
    at.dots([4], [log(0.2)], "ink huge");
    at.text(4, log(0.2), figure.word("note"), { dx: 12, dy: 20, cls: "label strong" });
    at.hollow([taus[tau]], [log(noises[noise])], "fed huge");
    at.drag((x, y) => {
      const nearest = (list, value, scale) =>
        list.reduce((found, item, i) => (Math.abs(scale(item) - value) < Math.abs(scale(list[found]) - value) ? i : found), 0);
      figure.set({ tau: nearest(taus, Math.log2(x), Math.log2), noise: nearest(noises, y, log) });
    });
    const model = once(`population${tau}/${noise}`, () => populationAR(taus[tau], noises[noise]));
    const origin = 604;
    const clean = Float64Array.from(range(0, origin), (i) => wave(i + 1));
    const ahead = rollOut(model, clean, origin, 396);
    const long = new Plot(path, {
      height: 280,
      x: [origin - 130, origin + 396],
      y: [-1.7, 1.7],
      left: 30,
      top: 26,
      xTicks: 4,
      xName: "",
      yName: figure.word("forecast"),
      name: figure.word("forecast"),
    });
    const whole = range(origin - 130, origin + 396, 2);
    long.line(
      whole,
      whole.map((i) => wave(i + 1)),
      "wave",
    );
    const seen = range(origin - Math.min(128, taus[tau]), origin);
    long.dots(
      seen,
      seen.map((i) => wave(i + 1)),
    );
    const own = range(0, 396, 4);
    long.hollow(
      own.map((k) => origin + k),
      own.map((k) => ahead[k]),
      angle[tau][noise] > 0 ? "latent" : "fed",
    );
    const a = angle[tau][noise];
    tell(
      figure.word(a > 0 ? "told" : "toldDies", {
        tau: taus[tau],
        noise: noises[noise].toPrecision(2),
        modulus: fixed(modulus[tau][noise], 4),
        period: a > 0 ? Math.round((2 * Math.PI) / a) : "∞",
        threshold: threshold[taus[tau]].toPrecision(2),
      }),
    );
  });
}

// Trust. The reader marks from which step to which AR(128) has a clear gain, before it is drawn.
function startTrust() {
  const { best, lines, clear } = page.trust;
  const figure = new Figure("trust", { from: 1, to: H, shown: false });
  const steps = range(1, H + 1);
  const colours = { net: "fed", ar128: "extra", latent: "latent" };
  figure.resets = { from: (k) => ({ to: Math.max(k, figure.state.to) }), to: (k) => ({ from: Math.min(k, figure.state.from) }) };
  for (const key of ["from", "to"]) figure.slider(key, { min: 1, max: H });
  figure.button("show", () => figure.change("shown", true));
  const plot = figure.plot();
  figure.legend([
    ["area", "gain", "best"],
    ...Object.entries(colours).map(([name, cls]) => ["line", cls, name]),
    ["line", "floor", "floor"],
  ]);
  const tell = figure.readout();
  figure.start(({ from, to, shown }) => {
    const seen = shown || printing;
    const top = 1.35 * Math.max(...best);
    const at = new Plot(plot, {
      height: 280,
      x: [1, H],
      y: [0, top],
      left: 34,
      top: 26,
      log2: true,
      xTicks: DOUBLINGS,
      xName: "",
      yName: figure.word("axis"),
      name: figure.word("name"),
    });
    at.area(steps, best, best.map(() => top), "gain");
    at.line(steps, best, "baseline");
    at.level(NOISE, "floor");
    for (const [name, cls] of Object.entries(colours)) {
      at.line(steps, lines[name], cls);
      const [first, last] = seen ? (clear[name] ?? [1, 0]) : name === "ar128" ? [from, to] : [1, 0];
      at.line(range(first, last + 1), lines[name].slice(first - 1, last), `${cls} ${seen ? "sure" : "sure faded"}`);
    }
    const [first, last] = clear.ar128;
    tell(figure.word(seen ? "told" : "asked", { from, to, first, last }));
  });
}
