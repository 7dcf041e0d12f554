// 1.3.4: many steps ahead.

// C11. Many steps from one origin: hollow dots feed on hollow dots.
function startMultiStep() {
  const figure = new Figure("c11", { origin: TRAIN, step: 3, seed: 0, fresh: 0 });
  figure.slider("origin", { min: TRAIN, max: 936 });
  figure.slider("step", { min: 1, max: 12, text: (value) => figure.word("stepText", { k: value }) });
  seedChoice(figure);
  figure.button("fresh", () => figure.change("fresh", figure.state.fresh + 1));
  const near = figure.plot();
  figure.legend([
    ["dots", "seen", "seen"],
    ["hollow", "fed", "own"],
    ["dots", "input", "inputs"],
    ["line", "wave", "wave"],
  ]);
  const tell = figure.readout();
  const row = figure.row("halves");
  const far = htmlNode(row, "div", { class: "plot" });
  const rest = htmlNode(row, "div", { class: "plot" });
  const settle = figure.readout();
  figure.resets.seed = () => ({ fresh: 0 });
  figure.start((state) => {
    const { origin, step, seed, fresh } = state;
    const { x } = seeds[seed];
    const net = fresh
      ? once(`multi/${seed}/${fresh}`, () => {
          const random = generator(1000 * seed + fresh);
          return train(x, freshStart(random), shuffles(random, 5)).net;
        })
      : netOf(seed);
    const path = rollOut(net, x, origin, 396);
    const until = origin + 24;
    const shown = range(origin - 12, until);
    const at = new Plot(near, {
      height: 230,
      x: [origin - 12, until],
      y: [wave(origin) - 1.1, wave(origin) + 1.1],
      left: 34,
      xName: "",
      name: figure.word("name", { origin }),
    });
    const times = range(origin, until);
    at.line(
      shown,
      shown.map((i) => wave(i + 1)),
      "wave",
    );
    at.dots(
      shown.filter((i) => i < origin),
      shown.filter((i) => i < origin).map((i) => x[i]),
      "seen big",
    );
    const value = (i) => (i < origin ? x[i] : path[i - origin]);
    const target = origin + step - 1;
    const inputs = range(target - TAU, target);
    inputs.forEach((i) => at.path(`M${at.x(i)} ${at.y(value(i))}L${at.x(target)} ${at.y(value(target))}`, "line input thin"));
    at.hollow(times, times.map(value), "fed");
    at.dots(
      inputs.filter((i) => i < origin),
      inputs.filter((i) => i < origin).map(value),
      "input big",
    );
    const own = inputs.filter((i) => i >= origin);
    at.hollow(own, own.map(value), "input");
    at.path(at.spots([target], [value(target)]), "dots fed big");
    at.upright(origin - 0.5, "soft thin", figure.word("known"));
    at.drag((v) => figure.change("step", clamp(Math.round(v) - origin + 1, 1, 12)));
    tell(figure.word("told", { k: step, filled: TAU - own.length, hollow: own.length }));
    const longer = range(origin, origin + 396, 6);
    const wide = new Plot(far, {
      height: 220,
      x: [origin - 60, origin + 396],
      y: [-2.4, 2.4],
      left: 34,
      top: 26,
      xTicks: 4,
      xName: "",
      yName: figure.word("far"),
      name: figure.word("far"),
    });
    const whole = range(origin - 60, origin + 396, 2);
    wide.line(
      whole,
      whole.map((i) => wave(i + 1)),
      "wave",
    );
    wide.level(0, "rule");
    const past = range(origin - 60, origin);
    wide.dots(
      past,
      past.map((i) => x[i]),
    );
    wide.hollow(
      longer,
      longer.map((i) => path[i - origin]),
      "fed",
    );
    const g = (c) => net.next([c, c, c, c], TAU) - c;
    const cs = range(-300, 301).map((i) => i / 100);
    const map = new Plot(rest, {
      height: 220,
      x: [-3, 3],
      y: [-0.6, 0.6],
      left: 40,
      top: 26,
      xTicks: 3,
      yTicks: 3,
      yName: figure.word("rest"),
      xName: "c",
      name: figure.word("rest"),
    });
    map.level(0, "ink thin");
    map.line(cs, cs.map(g), "fed");
    const crossings = cs.slice(1).filter((c, i) => g(c) * g(cs[i]) <= 0);
    map.dots(
      crossings,
      crossings.map(() => 0),
      "fed big",
    );
    crossings.forEach((c, i) => map.text(c, 0, fixed(c, 2), { dy: i % 2 ? 20 : -10, anchor: "middle", cls: "label fed" }));
    const end = rollOut(net, x, origin, 3000);
    const still = Math.abs(end[2999] - end[2899]) < 1e-3;
    settle(still ? figure.word("settles", { at: fixed(end[2999], 2) }) : figure.word("leaves", { at: fixed(path[395], 2) }));
  });
}

// C11b. For a linear model the story has one number: drag the root.
function startRoot() {
  const figure = new Figure("c11b", { modulus: 0.9925, angle: 0 });
  figure.slider("modulus", { min: 0.97, max: 1.004, step: 0.0005, text: (value) => fixed(value, 4) });
  figure.slider("angle", {
    min: 0,
    max: 0.03,
    step: 0.0005,
    text: (value) => (value === 0 ? figure.word("real") : figure.word("period", { steps: Math.round((2 * Math.PI) / value) })),
  });
  const row = figure.row("halves");
  const disc = htmlNode(row, "div", { class: "plot" });
  const path = htmlNode(row, "div", { class: "plot" });
  const tell = figure.readout();
  figure.start(({ modulus, angle }) => {
    const at = new Plot(disc, {
      height: 240,
      x: [0.97, 1.005],
      y: [-0.002, 0.03],
      left: 44,
      top: 26,
      xTicks: [0.97, 0.98, 0.99, 1].map((v) => ({ at: v, text: fixed(v, 2) })),
      yTicks: [0, 0.01, 0.02, 0.03].map((v) => ({ at: v, text: fixed(v, 2) })),
      yName: figure.word("angleAxis"),
      xName: "",
      name: figure.word("name"),
    });
    at.upright(1, "ink thin");
    at.dots([1], [FREQUENCY], "wave-dot huge");
    at.text(1, FREQUENCY, figure.word("truth"), { dx: -12, dy: -8, anchor: "end", cls: "label" });
    for (const { lags, modulus: m, angle: a } of page.roots) {
      at.dots([m], [a], "extra big");
      at.text(m, a, `AR(${lags})`, {
        dx: lags === 64 ? -8 : 0,
        dy: lags === 64 ? 18 : -10,
        anchor: lags === 64 ? "end" : "middle",
        cls: "label extra",
      });
    }
    at.hollow([modulus], [angle], "fed huge");
    at.drag((x, y) =>
      figure.set({
        modulus: clamp(Math.round(2000 * x) / 2000, 0.97, 1.004),
        angle: clamp(Math.round(2000 * y) / 2000, 0, 0.03),
      }),
    );
    const origin = 604;
    const steps = range(0, 397, 3);
    const height = wave(origin);
    // A wave that turns by the angle and shrinks by the modulus; with a real root only the height is left.
    const ahead = steps.map((k) => modulus ** k * (angle === 0 ? height : Math.sin(FREQUENCY * origin + angle * k)));
    const long = new Plot(path, {
      height: 240,
      x: [origin - 120, origin + 396],
      y: [-2, 2],
      left: 30,
      top: 26,
      xTicks: 4,
      yName: figure.word("forecast"),
      xName: "",
      name: figure.word("forecast"),
    });
    const whole = range(origin - 120, origin + 397, 2);
    long.line(whole, whole.map(wave), "wave");
    long.upright(origin, "soft thin");
    long.hollow(
      steps.map((k) => origin + k),
      ahead,
      "fed",
    );
    const half = modulus < 1 ? Math.round(Math.log(0.5) / Math.log(modulus)) : Infinity;
    tell(
      figure.word(modulus > 1 ? "explodes" : angle === 0 ? "decays" : "swings", {
        modulus: fixed(modulus, 4),
        half: Number.isFinite(half) ? half : "∞",
        period: angle ? Math.round((2 * Math.PI) / angle) : "∞",
      }),
    );
  });
}
