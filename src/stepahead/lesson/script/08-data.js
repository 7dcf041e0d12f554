// 1.3.1 to 1.3.3: data, windows, pairs.

// C6. The data, and the floor that comes with them.
function startData() {
  const figure = new Figure("c6", { sd: 0.2 });
  const { noise } = seeds[0];
  figure.slider("sd", { min: 0, max: 0.6, step: 0.02, text: (value) => fixed(value, 2) });
  const plot = figure.plot();
  figure.legend([
    ["dots", "seen", "data"],
    ["line", "wave", "wave"],
    ["dots", "truth", "perfect"],
    ["line", "floor", "floor"],
  ]);
  const errors = figure.plot();
  const tell = figure.readout();
  figure.start(({ sd }) => {
    const x = Array.from(noise, (z, i) => wave(i + 1) + sd * z);
    const times = range(1, T + 1);
    const at = new Plot(plot, {
      height: 240,
      x: [1, T],
      y: [-2.6, 2.6],
      left: 34,
      xName: "",
      xTicks: [1, 200, 400, 600, 800, 1000].map((v) => ({ at: v, text: String(v) })),
      name: figure.word("name", { sd: fixed(sd, 2) }),
    });
    at.dots(times, x);
    at.line(times, times.map(wave), "wave");
    const below = new Plot(errors, {
      height: 150,
      x: [1, H],
      y: [0, 0.7],
      left: 34,
      top: 26,
      log2: true,
      xTicks: DOUBLINGS,
      yTicks: 3,
      xName: "",
      yName: figure.word("rmse"),
      name: figure.word("errors"),
    });
    const perfect = [1, 2, 4, 8, 16, 32, 64].map(
      (k) => sd * Math.sqrt(mean(range(TRAIN + k - 1, T - H + k).map((i) => noise[i] ** 2))),
    );
    below.level(sd, "floor");
    below.dots([1, 2, 4, 8, 16, 32, 64], perfect, "truth big");
    tell(figure.word("told", { sd: fixed(sd, 2), one: fixed(perfect[0]), last: fixed(perfect[6]) }));
  });
}

// C7. Ten tiles: one window, one label.
function startPairs() {
  const figure = new Figure("c7", { tau: 5, at: 1 });
  figure.slider("tau", { min: 1, max: 9 });
  const place = figure.slider("at", { min: 1, max: 5, text: (value) => figure.word("pair", { i: value }) });
  const plot = figure.plot();
  const tell = figure.readout();
  figure.start((state) => {
    const { tau } = state;
    const count = 10 - tau;
    place.max = count;
    if (state.at > count) figure.change("at", count);
    const at = Math.min(state.at, count);
    const width = roomOf(plot);
    const size = Math.min(52, Math.floor((width - 9 * 4) / 10));
    const svg = board(plot, width, size + 76, figure.word("name", { tau, count }));
    const cells = range(1, 11).map((i) => {
      let cls = i <= tau ? "no-label" : "label-left";
      if (i >= at && i < at + tau) cls = "in-window";
      if (i === at + tau) cls = "is-label";
      return { text: `x${subscript(i)}`, cls };
    });
    tiles(svg, cells, 0, 30, size);
    const edge = (i) => (i - 1) * (size + 4);
    svgNode(svg, "path", { class: "line one", d: `M${edge(at) + 1} 24v-8H${edge(at + tau) - 5}v8` });
    svgNode(
      svg,
      "text",
      { class: "label one", x: (edge(at) + edge(at + tau) - 4) / 2, y: 11, "text-anchor": "middle" },
      `X${subscript(at)}`,
    );
    svgNode(
      svg,
      "text",
      { class: "label fed", x: edge(at + tau) + size / 2, y: 24, "text-anchor": "middle" },
      `Y${subscript(at)}`,
    );
    svgNode(svg, "path", { class: "line soft thin", d: `M1 ${size + 38}v6H${edge(tau + 1) - 5}v-6` });
    svgNode(svg, "text", { class: "label soft", x: 2, y: size + 62 }, figure.word("history"));
    const list = range(1, count + 1).map((i) => `[x${subscript(i)}..x${subscript(i + tau - 1)}] → x${subscript(i + tau)}`);
    tell(figure.word("told", { tau, count, list: list[at - 1] }));
  });
}

const subscript = (i) => String(i).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

// C8a. Fill by column, read by row.
function startMatrix() {
  const figure = new Figure("c8", { by: "column", step: 2 });
  figure.choice("by", [
    ["column", figure.word("column")],
    ["row", figure.word("row")],
  ]);
  figure.slider("step", { min: 1, max: 3, text: (value) => `${value} / 3` });
  const plot = figure.plot();
  const tell = figure.readout();
  figure.start(({ by, step }) => {
    const width = roomOf(plot);
    const size = Math.min(44, Math.floor((width - 40) / 8));
    const svg = board(plot, width, 4 * (size + 4) + 52, figure.word("name"));
    const lit = (i) => i >= step - 1 && i < step + 2;
    tiles(
      svg,
      range(0, 6).map((i) => ({ text: `x${subscript(i)}`, cls: lit(i) ? "in-window" : "idle" })),
      0,
      18,
      size,
    );
    svgNode(svg, "text", { class: "label soft", x: 0, y: 11 }, `x, T = 6, τ = 3`);
    const top = size + 52;
    svgNode(svg, "text", { class: "label soft", x: 0, y: top - 8 }, "features");
    for (const row of [0, 1, 2]) {
      const cells = [0, 1, 2].map((column) => {
        const done = (by === "column" ? column : row) < step;
        const now = (by === "column" ? column : row) === step - 1;
        return { text: done ? `x${subscript(row + column)}` : "", cls: done ? (now ? "in-window" : "filled") : "empty" };
      });
      tiles(svg, cells, 0, top + row * (size + 4), size);
      tiles(
        svg,
        [{ text: `x${subscript(row + 3)}`, cls: by === "row" && row === step - 1 ? "is-label" : "label-left" }],
        3 * (size + 4) + 22,
        top + row * (size + 4),
        size,
      );
    }
    svgNode(svg, "text", { class: "label soft", x: 3 * (size + 4) + 22, y: top - 8 }, "labels");
    const i = step - 1;
    tell(
      by === "column"
        ? figure.word("toldColumn", { i, from: i, until: 6 - 3 + i })
        : figure.word("toldRow", { i, from: i, until: i + 3, label: i + 3 }),
    );
  });
}

// C8b. Three ways to order the same training, each trained here and now.
function startShuffle() {
  const figure = new Figure("c8b", { seed: 0, lit: "unshuffled" });
  figure.choice(
    "lit",
    ["pairs", "unshuffled", "time"].map((kind) => [kind, figure.word(kind)]),
  );
  seedChoice(figure);
  const plot = figure.plot();
  figure.legend([
    ["line", "one", "pairs"],
    ["line", "fed", "unshuffled"],
    ["line", "extra", "time"],
    ["line", "baseline", "last"],
    ["line", "floor", "floor"],
  ]);
  const tell = figure.readout();
  const colours = { pairs: "one", unshuffled: "fed", time: "extra" };
  const trained = (seed, kind) =>
    once(`order${seed}/${kind}`, () => {
      const { x, order } = seeds[seed];
      if (kind === "unshuffled")
        return train(
          x,
          seeds[seed],
          range(0, 5).flatMap(() => range(0, TRAIN - TAU)),
        );
      if (kind === "pairs") return train(x, seeds[seed], order);
      const mixed = Float64Array.from(x);
      mixed.set(generator(seed + 1).shuffled(x.subarray(0, TRAIN)), 0);
      return train(mixed, seeds[seed], order);
    });
  figure.start(({ seed, lit }) => {
    const { x } = seeds[seed];
    const steps = range(1, H + 1);
    const at = new Plot(plot, {
      height: 260,
      x: [1, H],
      y: [0, 2],
      left: 34,
      top: 26,
      log2: true,
      xTicks: DOUBLINGS,
      yName: figure.word("axis"),
      xName: "",
      name: figure.word("name"),
    });
    at.level(NOISE, "floor");
    at.line(steps, errorsOf(seed, "last"), "baseline");
    for (const kind of ["pairs", "unshuffled", "time"]) {
      const { net } = trained(seed, kind);
      const errors = once(`order-errors${seed}/${kind}`, () => errorByStep(x, rolled(net, x)));
      at.line(steps, errors, `${colours[kind]} ${kind === lit ? "thick" : "faded"}`);
      if (kind === lit) {
        const { losses } = trained(seed, kind);
        tell(
          figure.word("told", {
            kind: figure.word(kind),
            loss: fixed(losses[4]),
            one: fixed(errors[0]),
            last: fixed(errors[H - 1], 2),
          }),
        );
      }
    }
  });
}
