// The models, small enough to run while you read. The net is the library's: same start, same batches, same Adam.

/** One forecast of the net from the window that ends before `end`; weights [lags + 1, hidden] and [hidden + 1]. */
function think(net, known, end) {
  const { first, second, lags, hidden } = net;
  let out = second[hidden];
  for (let h = 0; h < hidden; h += 1) {
    let inner = first[lags * hidden + h];
    for (let i = 0; i < lags; i += 1) inner += known[end - lags + i] * first[i * hidden + h];
    if (inner > 0) out += inner * second[h];
  }
  return out;
}

/** `steps` forecasts from `origin`, each fed back as an input of the next. */
function rollOut(model, x, origin, steps = H) {
  const { lags } = model;
  const known = new Float64Array(lags + steps);
  for (let i = 0; i < lags; i += 1) known[i] = x[origin - lags + i];
  for (let k = 0; k < steps; k += 1) known[lags + k] = model.next(known, lags + k);
  return known.subarray(lags);
}

function asNet(first, second, lags = TAU) {
  const net = { first: Float64Array.from(first), second: Float64Array.from(second), lags, hidden: second.length - 1 };
  net.next = (known, end) => think(net, known, end);
  return net;
}

/** A start as the library draws it (Xavier for the weights, 1/sqrt(inputs) for the biases), from the page's own draws. */
function freshStart(random, lags = TAU, hidden = 10) {
  const layer = (inputs, outputs) => {
    const bound = Math.sqrt(6 / (inputs + outputs));
    const weights = range(0, inputs * outputs).map(() => bound * (2 * random.uniform() - 1));
    return weights.concat(range(0, outputs).map(() => (2 * random.uniform() - 1) / Math.sqrt(inputs)));
  };
  return { first: layer(lags, hidden), second: layer(hidden, 1) };
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * Train from `start` on the pairs of x[:TRAIN]: squared error summed over batches of 16, taken in `order` [epochs * pairs].
 * `rule` is "adam" or "sgd"; `share` multiplies the loss (1/16 is the mean). Returns the net and the loss after each epoch.
 */
function train(x, start, order, { epochs = 5, rate = 0.01, rule = "adam", share = 1 } = {}) {
  const net = asNet(start.first, start.second);
  const { first, second, lags, hidden } = net;
  const pairs = TRAIN - lags;
  const size = first.length + second.length;
  const gradient = new Float64Array(size);
  const average = new Float64Array(size);
  const square = new Float64Array(size);
  const inner = new Float64Array(hidden);
  const losses = [];
  let step = 0;
  const collect = (row) => {
    let error = second[hidden] - x[row + lags];
    for (let h = 0; h < hidden; h += 1) {
      let sum = first[lags * hidden + h];
      for (let i = 0; i < lags; i += 1) sum += x[row + i] * first[i * hidden + h];
      inner[h] = Math.max(sum, 0);
      error += inner[h] * second[h];
    }
    const push = 2 * error * share;
    for (let h = 0; h < hidden; h += 1) {
      gradient[first.length + h] += inner[h] * push;
      if (inner[h] > 0) {
        const back = push * second[h];
        for (let i = 0; i < lags; i += 1) gradient[i * hidden + h] += x[row + i] * back;
        gradient[lags * hidden + h] += back;
      }
    }
    gradient[first.length + hidden] += push;
  };
  const update = () => {
    step += 1;
    for (let i = 0; i < size; i += 1) {
      let move = rate * gradient[i];
      if (rule === "adam") {
        average[i] += (1 - BETA1) * (gradient[i] - average[i]);
        square[i] += (1 - BETA2) * (gradient[i] * gradient[i] - square[i]);
        const scale = Math.sqrt(square[i]) / Math.sqrt(1 - BETA2 ** step) + EPSILON;
        move = (average[i] / scale) * (rate / (1 - BETA1 ** step));
      }
      if (i < first.length) first[i] -= move;
      else second[i - first.length] -= move;
    }
  };
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (let begin = 0; begin < pairs; begin += 16) {
      gradient.fill(0);
      for (let i = begin; i < Math.min(begin + 16, pairs); i += 1) collect(order[epoch * pairs + i]);
      update();
    }
    let total = 0;
    for (let row = 0; row < pairs; row += 1) total += (think(net, x, row + lags) - x[row + lags]) ** 2;
    losses.push(total / pairs);
  }
  return { net, losses };
}

/** Orders of the pairs for `epochs` epochs, from the page's own draws. */
function shuffles(random, epochs, pairs = TRAIN - TAU) {
  return Uint16Array.from(range(0, epochs).flatMap(() => random.shuffled(range(0, pairs))));
}

/** Solve the symmetric positive system A w = b, A as rows. */
function cholesky(A, b) {
  const n = b.length;
  const L = A.map((row) => Float64Array.from(row));
  for (let j = 0; j < n; j += 1) {
    for (let i = j; i < n; i += 1) {
      let sum = L[i][j];
      for (let k = 0; k < j; k += 1) sum -= L[i][k] * L[j][k];
      L[i][j] = i === j ? Math.sqrt(sum) : sum / L[j][j];
    }
  }
  const w = Float64Array.from(b);
  for (let i = 0; i < n; i += 1) {
    for (let k = 0; k < i; k += 1) w[i] -= L[i][k] * w[k];
    w[i] /= L[i][i];
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < n; k += 1) w[i] -= L[k][i] * w[k];
    w[i] /= L[i][i];
  }
  return w;
}

/** Least squares of targets on rows of features, with an intercept. */
function leastSquares(rows, targets) {
  const n = rows[0].length;
  const centre = range(0, n).map((i) => mean(rows.map((row) => row[i])));
  const level = mean(targets);
  const A = range(0, n).map(() => new Float64Array(n));
  const b = new Float64Array(n);
  rows.forEach((row, r) => {
    const away = targets[r] - level;
    for (let i = 0; i < n; i += 1) {
      const one = row[i] - centre[i];
      b[i] += one * away;
      for (let j = 0; j <= i; j += 1) A[i][j] += one * (row[j] - centre[j]);
    }
  });
  for (let i = 0; i < n; i += 1) for (let j = i + 1; j < n; j += 1) A[i][j] = A[j][i];
  const weights = cholesky(A, b);
  return { weights, constant: level - weights.reduce((sum, weight, i) => sum + weight * centre[i], 0) };
}

function asLinear(weights, constant = 0) {
  const lags = weights.length;
  const next = (known, end) => {
    let sum = constant;
    for (let i = 0; i < lags; i += 1) sum += weights[i] * known[end - lags + i];
    return sum;
  };
  return { weights, constant, lags, next };
}

const windows = (x, lags, until) => range(lags, until).map((end) => x.subarray(end - lags, end));

/** AR(lags) by least squares on x[:until]. */
function autoregression(x, lags, until = TRAIN) {
  const { weights, constant } = leastSquares(windows(x, lags, until), Array.from(x.subarray(lags, until)));
  return asLinear(weights, constant);
}

/** The autoregression that knows the true covariances of wave and noise, oldest lag first. */
function populationAR(lags, noise) {
  const cosine = range(0, lags + 1).map((h) => 0.5 * Math.cos(FREQUENCY * h));
  const A = range(0, lags).map((i) => range(0, lags).map((j) => cosine[Math.abs(i - j)] + (i === j ? noise * noise : 0)));
  return asLinear(cholesky(A, cosine.slice(1)).reverse());
}

/** The roots of z^n = w_n-1 z^(n-1) + .. + w_0, largest modulus first (Durand and Kerner). */
function roots(weights) {
  const n = weights.length;
  let at = range(0, n).map((i) => ({
    re: 0.9 * Math.cos((2 * Math.PI * i) / n + 0.4),
    im: 0.9 * Math.sin((2 * Math.PI * i) / n + 0.4),
  }));
  const times = (a, b) => ({ re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re });
  for (let round = 0; round < 500; round += 1) {
    let moved = 0;
    at = at.map((z, i) => {
      let value = { re: 1, im: 0 };
      for (let k = n - 1; k >= 0; k -= 1) {
        value = times(value, z);
        value.re -= weights[k];
      }
      let under = { re: 1, im: 0 };
      at.forEach((other, j) => {
        if (j !== i) under = times(under, { re: z.re - other.re, im: z.im - other.im });
      });
      const size = under.re ** 2 + under.im ** 2;
      const move = times(value, { re: under.re / size, im: -under.im / size });
      moved = Math.max(moved, Math.hypot(move.re, move.im));
      return { re: z.re - move.re, im: z.im - move.im };
    });
    if (moved < 1e-13) break;
  }
  return at
    .map(({ re, im }) => ({
      modulus: Math.hypot(re, im),
      angle: Math.abs(im) < 1e-7 ? (re < 0 ? Math.PI : 0) : Math.abs(Math.atan2(im, re)),
    }))
    .sort((a, b) => b.modulus - a.modulus);
}

/** The latent model: a turning arrow (two numbers) and what is not known of it (their covariance). The library's parameters. */
const filter = {
  start: () => ({ a: [0, 0], P: [4, 0, 4], read: 0 }),
  reading: ({ a }) => page.cycle.mean + page.cycle.scale * a[0],
  /** A value was seen: believe it a little. */
  update({ a, P, read }, y) {
    const spreadOf = P[0] + page.cycle.noise;
    const miss = (y - page.cycle.mean) / page.cycle.scale - a[0];
    const gain = [P[0] / spreadOf, P[1] / spreadOf];
    return {
      a: [a[0] + gain[0] * miss, a[1] + gain[1] * miss],
      P: [P[0] - gain[0] * P[0], P[1] - gain[0] * P[1], P[2] - gain[1] * P[1]],
      read: read + 1,
    };
  },
  /** Time goes on by a step, unseen: turn the arrow. */
  advance({ a, P, read }) {
    const { frequency, damping, shock, noise } = page.cycle;
    const c = damping * Math.cos(frequency);
    const s = damping * Math.sin(frequency);
    const q = shock * noise;
    return {
      a: [c * a[0] + s * a[1], c * a[1] - s * a[0]],
      P: [
        c * c * P[0] + 2 * c * s * P[1] + s * s * P[2] + q,
        -c * s * P[0] + (c * c - s * s) * P[1] + c * s * P[2],
        s * s * P[0] - 2 * c * s * P[1] + c * c * P[2] + q,
      ],
      read,
    };
  },
  /** The state that waits for value `origin`, made of x[first:origin]. */
  until(x, origin, first = 0) {
    let state = filter.start();
    for (let i = first; i < origin; i += 1) state = filter.advance(filter.update(state, x[i]));
    return state;
  },
  ahead(state, steps = H) {
    const out = new Float64Array(steps);
    let now = state;
    for (let k = 0; k < steps; k += 1) {
      out[k] = filter.reading(now);
      now = filter.advance(now);
    }
    return out;
  },
};

/** All states of a series in one pass, by origin. */
function latentForecasts(x) {
  const states = [filter.start()];
  for (let i = 0; i < x.length; i += 1) states.push(filter.advance(filter.update(states[i], x[i])));
  return (origin) => filter.ahead(states[origin]);
}
