// 1.1 and 1.2.1: the wave behind the title, order, windows.

// The wave behind the title: what was seen, and two ways to go on without looking.
function drawHero() {
  const host = document.getElementById("hero");
  if (!host) return;
  const { x } = seeds[0];
  const narrow = host.clientWidth < 560;
  const from = narrow ? 404 : 204;
  const plot = new Plot(host, {
    height: narrow ? 220 : 260,
    x: [from, 1000],
    y: [-1.75, 1.6],
    left: 4,
    right: 4,
    top: 8,
    bottom: 22,
    yTicks: 0,
    xTicks: narrow ? 3 : 8,
    name: say("hero.name"),
  });
  const all = range(from, T);
  const seen = range(from, TRAIN);
  const own = range(TRAIN, T, narrow ? 9 : 6);
  plot.line(
    all,
    all.map((i) => wave(i + 1)),
    "wave",
  );
  plot.dots(
    seen,
    seen.map((i) => x[i]),
  );
  plot.upright(TRAIN, "soft thin", say("hero.until"));
  const net = once("hero-net", () => rollOut(netOf(0), x, TRAIN, T - TRAIN));
  const latent = once("hero-latent", () => filter.ahead(filter.until(x, TRAIN), T - TRAIN));
  plot.hollow(
    own,
    own.map((i) => net[i - TRAIN]),
    "fed",
  );
  plot.hollow(
    own,
    own.map((i) => latent[i - TRAIN]),
    "latent",
  );
  const last = own[own.length - 1];
  plot.text(last, net[last - TRAIN], say("hero.net"), { dy: 24, anchor: "end", cls: "label fed" });
  plot.text(narrow ? 815 : 790, 1.12, say("hero.latent"), { dy: -8, anchor: "middle", cls: "label latent" });
}

// C1. Order: the same values in order and shuffled, and what a window makes of each.
function startOrder() {
  const figure = new Figure("c1", { share: 100, draw: 1 });
  const names = ["temperature", "price", "speech"];
  const strips = {
    temperature: Float64Array.from(page.strips.temperature),
    price: Float64Array.from(page.strips.price),
    speech: Float64Array.from(
      bytes(page.strips.speech).subarray(page.strips.voiced, page.strips.voiced + 600),
      (code) => code - 128,
    ),
  };
  const unlike = (values) => {
    const cut = Math.floor(0.6 * values.length);
    const { next } = autoregression(values, TAU, cut);
    const missed = range(cut, values.length).map((i) => next(values, i) - values[i]);
    return Math.sqrt(mean(missed.map((e) => e * e))) / spread(Array.from(values.subarray(cut)));
  };
  const shuffle = (values, { share, draw }) => {
    const random = generator(977 * draw + Math.round(share));
    const moved = range(0, values.length).filter(() => random.uniform() < share / 100);
    const from = random.shuffled(moved);
    const out = Float64Array.from(values);
    moved.forEach((to, i) => {
      out[to] = values[from[i]];
    });
    return out;
  };
  figure.slider("share", { min: 0, max: 100, step: 5, text: (value) => `${value}%` });
  figure.button("again", () => figure.change("draw", figure.state.draw + 1));
  const listen = (shuffled) => {
    const Sound = window.AudioContext || window.webkitAudioContext;
    if (!Sound) return;
    const context = new Sound();
    const codes = Array.from(bytes(page.strips.speech), (code) => (code - 128) / 128);
    const values = shuffled ? generator(5).shuffled(codes) : codes;
    const buffer = context.createBuffer(1, values.length, page.strips.rate);
    buffer.getChannelData(0).set(values.map((value) => (shuffled ? 0.25 : 0.8) * value));
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.onended = () => context.close();
    source.start();
  };
  figure.button("listen", () => listen(false));
  figure.button("listenShuffled", () => listen(true));
  const rows = names.map((name) => {
    const row = figure.row("pair");
    htmlNode(row, "p", { class: "strip-name" }, figure.word(name));
    return { name, cells: [htmlNode(row, "div", { class: "plot" }), htmlNode(row, "div", { class: "plot" })] };
  });
  figure.start((state) => {
    for (const { name, cells } of rows) {
      const values = strips[name];
      const low = Math.min(...values);
      const high = Math.max(...values);
      [values, shuffle(values, state)].forEach((shown, i) => {
        const share = unlike(shown);
        const said = figure.word("error", { share: fixed(share, 2) });
        const plot = new Plot(cells[i], {
          height: 92,
          x: [0, shown.length],
          y: [low, high],
          left: 2,
          right: 2,
          top: 8,
          bottom: 30,
          xTicks: 0,
          yTicks: 0,
          name: `${figure.word(name)}, ${figure.word(i ? "shuffled" : "ordered")}: ${said}`,
        });
        plot.line(range(0, shown.length), shown, i ? "seen-line thin" : "ink thin");
        const full = plot.width - 4;
        svgNode(plot.svg, "rect", { class: "groove", x: 2, y: 70, width: full, height: 5, rx: 2 });
        svgNode(plot.svg, "rect", { class: "bar one", x: 2, y: 70, width: full * Math.min(1, share), height: 5, rx: 2 });
        svgNode(plot.svg, "text", { class: "tick", x: 2, y: 89 }, said);
      });
    }
  });
}

// C2. The game: tau noisy values, rising or falling?
function startWindow() {
  const figure = new Figure("c2", { tau: 4, round: 0, right: 0, ruler: 0, answer: "down", deal: 0 });
  const deal = (number, tau) => {
    // Steep segments alone: the slope is more than 0.7 of its largest.
    const random = generator(31 * number + tau);
    let phase = 0;
    do phase = 2 * Math.PI * random.uniform();
    while (Math.abs(Math.cos(phase)) <= 0.7);
    const values = range(0, tau).map((i) => Math.sin(phase + FREQUENCY * (i - tau + 1)) + NOISE * random.normal());
    const middle = (tau - 1) / 2;
    const slope =
      values.reduce((sum, value, i) => sum + (i - middle) * value, 0) /
      range(0, tau).reduce((sum, i) => sum + (i - middle) ** 2, 0);
    return { phase, values, slope, level: mean(values), rises: Math.cos(phase) > 0 };
  };
  // Round zero is played: of four values one where the ruler is wrong, else one where it is right.
  const example = (tau) => {
    let number = 1;
    const fooled = () => deal(number, tau).slope > 0 !== deal(number, tau).rises;
    while (fooled() !== (tau === 4)) number += 1;
    return number;
  };
  figure.state.deal = example(4);
  figure.resets.tau = (tau) => ({ round: 0, right: 0, ruler: 0, answer: "down", deal: example(tau) });
  figure.choice(
    "tau",
    [4, 16, 32].map((tau) => [tau, String(tau)]),
  );
  const guess = (up) => {
    const { state } = figure;
    if (state.answer) return;
    const round = deal(state.deal, state.tau);
    state.answer = up ? "up" : "down";
    state.right += up === round.rises;
    state.ruler += round.slope > 0 === round.rises;
  };
  const up = figure.button("up", () => guess(true), "strong");
  const down = figure.button("down", () => guess(false), "strong");
  const next = figure.button("next", () => {
    const { state } = figure;
    if (state.round >= 10) Object.assign(state, { round: 0, right: 0, ruler: 0 });
    Object.assign(state, { round: state.round + 1, answer: null, deal: state.deal + 7 });
  });
  const plot = figure.plot();
  figure.legend([
    ["dots", "seen", "seen"],
    ["line", "one", "ruler"],
    ["line", "wave", "wave"],
  ]);
  const tell = figure.readout();
  const sizes = figure.plot();
  figure.start((state) => {
    const round = deal(state.deal, state.tau);
    const open = state.answer !== null;
    up.disabled = open;
    down.disabled = open;
    next.disabled = !open;
    next.textContent = figure.word(state.round >= 10 ? "newGame" : "next");
    const ahead = 96;
    const at = new Plot(plot, {
      height: 230,
      x: [-34, ahead],
      y: [-1.7, 1.7],
      left: 34,
      xTicks: 5,
      yTicks: 4,
      xName: "",
      name: figure.word("name", { tau: state.tau }),
    });
    const seen = range(-state.tau + 1, 1);
    if (open) {
      const times = range(-34, ahead + 1, 2);
      at.line(
        times,
        times.map((t) => Math.sin(round.phase + FREQUENCY * t)),
        "wave",
      );
      const middle = -(state.tau - 1) / 2;
      const ends = [-state.tau + 1, 24];
      at.line(
        ends,
        ends.map((t) => round.level + round.slope * (t - middle)),
        "one",
      );
    } else {
      svgNode(at.marks, "rect", { class: "fog", x: at.x(1), y: 0, width: at.width, height: at.height });
      at.text(ahead / 2, 0, "?", { dy: 14, anchor: "middle", cls: "big soft" });
    }
    at.upright(0.5, "soft thin");
    at.dots(seen, round.values, "seen big");
    const long = page.facts[`game${state.tau}`];
    const truth = figure.word(round.rises ? "rose" : "fell");
    if (state.round === 0)
      tell(figure.word("example", { tau: state.tau, said: figure.word(round.slope > 0 ? "rising" : "falling"), truth }));
    else if (!open) tell(figure.word("ask", { round: state.round, right: state.right, done: state.round - 1 }));
    else if (state.round < 10) tell(figure.word("told", { truth, right: state.right, round: state.round, ruler: state.ruler }));
    else
      tell(
        figure.word("over", {
          truth,
          right: state.right,
          ruler: state.ruler,
          long: fixed(100 * long, long > 0.95 ? 1 : 0),
          tau: state.tau,
        }),
      );
    drawSlopes(sizes, figure, state.tau);
  });
}

const slopeSpread = (tau) => NOISE / Math.sqrt((tau * (tau * tau - 1)) / 12);

function drawSlopes(host, figure, tau) {
  const log = Math.log10;
  const yTicks = [0.001, 0.01, 0.1].map((value) => ({ at: log(value), text: String(value) }));
  const plot = new Plot(host, {
    height: 190,
    x: [2, 128],
    y: [log(0.0004), log(0.2)],
    left: 44,
    log2: true,
    top: 26,
    xTicks: [2, 4, 8, 16, 32, 64, 128].map((at) => ({ at, text: String(at) })),
    yTicks,
    xName: "",
    yName: figure.word("slopes"),
    name: figure.word("slopes"),
  });
  const taus = range(0, 61).map((i) => 2 * 2 ** (i / 10));
  plot.line(
    taus,
    taus.map((value) => log(slopeSpread(value))),
    "one",
  );
  plot.level(log(0.01), "wave-thin", figure.word("steepest"), 16, 0);
  const marks = [4, 16, 32, 64];
  plot.dots(
    marks,
    marks.map((value) => log(slopeSpread(value))),
    "one big",
  );
  marks.forEach((value) =>
    plot.text(value, log(slopeSpread(value)), fixed(slopeSpread(value), 4), {
      dx: 9,
      dy: -5,
      cls: value === tau ? "label strong" : "label soft",
    }),
  );
}

// C16. Error against the window: one step ahead and 64, as measured over all draws.
function startLags() {
  const figure = new Figure("c16", { tau: 4 });
  const { first, last } = page.facts.lags;
  figure.slider("tau", { min: 1, max: first.length });
  const plot = figure.plot();
  figure.legend([
    ["line", "one", "one"],
    ["line", "fed", "last"],
    ["line", "floor", "floor"],
  ]);
  const tell = figure.readout();
  const best = (errors) => errors.indexOf(Math.min(...errors)) + 1;
  figure.start(({ tau }) => {
    const taus = range(1, first.length + 1);
    const at = new Plot(plot, {
      height: 250,
      x: [1, first.length],
      y: [0, 0.8],
      left: 34,
      top: 26,
      log2: true,
      xTicks: [...DOUBLINGS, { at: 128, text: "128" }],
      xName: "",
      yName: figure.word("axis"),
      name: figure.word("name"),
    });
    at.level(NOISE, "floor");
    at.line(taus, last, "fed");
    at.line(taus, first, "one");
    at.upright(tau, "soft thin");
    for (const [errors, cls, dy] of [
      [last, "fed", -11],
      [first, "one", first[tau - 1] > last[tau - 1] - 0.04 ? 20 : -11],
    ]) {
      at.dots([tau], [errors[tau - 1]], `${cls} big`);
      at.text(tau, errors[tau - 1], fixed(errors[tau - 1]), {
        dx: tau > 64 ? -8 : 8,
        dy,
        anchor: tau > 64 ? "end" : "start",
        cls: `label ${cls} halo`,
      });
    }
    at.drag((value) => figure.change("tau", clamp(Math.round(value), 1, first.length)));
    tell(
      figure.word("told", {
        tau,
        one: fixed(first[tau - 1]),
        last: fixed(last[tau - 1]),
        bestOne: best(first),
        bestLast: best(last),
      }),
    );
  });
}
