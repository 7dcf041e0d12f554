"""The leak zoo: 31 pipelines that look ahead, each in a way of its own, and 11 that do not.

    python tests/zoo.py

prints what the audit says of each. A pipeline is what `sa.audit` takes: a function from values to {origin: forecasts}.
All of them are written out here in a few lines of numpy; the first twelve are the ways in which published libraries and
tutorials leak, or let their users leak. Of those that keep something in a file the audit says "not decided".
"""

from __future__ import annotations

import functools
import json
import os
import pickle
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import stepahead as sa
from stepahead.evaluation.audit.perturbed import perturbed

LENGTH, TRAIN, LAGS, H, BATCH = 150, 100, 4, 6, 16

Forecasts = Mapping[int, Any]
Pipeline = Callable[[np.ndarray], Forecasts]


def waves(seed: int) -> np.ndarray:
    """A slow wave, a fast one, and noise."""
    time = np.arange(LENGTH)
    return 3.0 + np.sin(0.05 * time) + 0.5 * np.sin(time) + np.random.default_rng(seed).normal(0.0, 0.2, LENGTH)


VALUES = waves(0)
OTHER = waves(1)
"""Another series, for pipelines that see two: the audit rewrites the one that it hands in, and this one stays."""


class Line(NamedTuple):
    """x_t = intercept + weights . (the last LAGS values)."""

    weights: np.ndarray
    intercept: float


def windows(x: np.ndarray) -> np.ndarray:
    """[len(x) - LAGS + 1, LAGS]; row i ends before origin LAGS + i."""
    return np.lib.stride_tricks.sliding_window_view(x, LAGS)


def fitted(x: np.ndarray, rows: Any = slice(None), ridge: float = 0.0, ahead: int = 1) -> Line:
    """Least squares for the value `ahead` steps on, of the rows given; the intercept is free of the ridge."""
    X = windows(x)[: len(x) - LAGS - ahead + 1][rows]
    y = x[LAGS + ahead - 1 :][rows]
    A, b = X - X.mean(axis=0), y - y.mean()
    weights = np.linalg.solve(A.T @ A + ridge * np.eye(LAGS), A.T @ b)
    return Line(weights, float(y.mean() - X.mean(axis=0) @ weights))


def fed_back(line: Line, X: np.ndarray) -> np.ndarray:
    """[rows, H]: from each window H steps on, each forecast the newest value of the next window."""
    known = np.column_stack([X, np.empty((len(X), H))])
    for k in range(H):
        known[:, LAGS + k] = known[:, k : k + LAGS] @ line.weights + line.intercept
    return known[:, LAGS:]


def rolled_out(line: Line, x: np.ndarray) -> Forecasts:
    """From every origin that has a window behind it."""
    return dict(enumerate(fed_back(line, windows(x)), start=LAGS))


def one_step(line: Line, x: np.ndarray) -> Forecasts:
    """What a library calls the fitted values: one step, from windows that it was fitted on."""
    return {LAGS + i: [window @ line.weights + line.intercept] for i, window in enumerate(windows(x)[:-1])}


# -- leaks: twelve of peers and tutorials
# -------------------------------------------------------------------------------


def least_squares_scaled_by_everything(x: np.ndarray) -> Forecasts:
    z = (x - x.mean()) / x.std()
    return {o: ahead * x.std() + x.mean() for o, ahead in rolled_out(fitted(z[:TRAIN]), z).items()}


def least_squares_between_the_extremes_of_everything(x: np.ndarray) -> Forecasts:
    low, span = x.min(), np.ptp(x)
    z = (x - low) / span
    return {o: ahead * span + low for o, ahead in rolled_out(fitted(z[:TRAIN]), z).items()}


def ridge_scaled_by_everything(x: np.ndarray) -> Forecasts:
    z = (x - x.mean()) / x.std()
    return {o: ahead * x.std() + x.mean() for o, ahead in rolled_out(fitted(z[:TRAIN], ridge=5.0), z).items()}


def fed_the_true_values(x: np.ndarray) -> Forecasts:
    line, known = fitted(x[:TRAIN]), windows(x)
    return {o: known[o - LAGS : o - LAGS + H] @ line.weights + line.intercept for o in range(LAGS, LENGTH - H + 2)}


def smoothed_backwards(x: np.ndarray) -> Forecasts:
    level = x.copy()
    for t in range(len(x) - 2, -1, -1):
        level[t] = 0.7 * x[t] + 0.3 * level[t + 1]
    return rolled_out(fitted(x[:TRAIN]), level)


def split_at_random(x: np.ndarray) -> Forecasts:
    rows = np.random.default_rng(0).permutation(len(x) - LAGS)
    return rolled_out(fitted(x, rows[: int(0.8 * len(rows))]), x)


def fitted_on_everything(x: np.ndarray) -> Forecasts:
    return rolled_out(fitted(x), x)


def fitted_values(x: np.ndarray) -> Forecasts:
    return one_step(fitted(x), x)


def fitted_on_everything_one_regression_a_step(x: np.ndarray) -> Forecasts:
    lines = [fitted(x, ahead=k) for k in range(1, H + 1)]
    return {LAGS + i: [window @ line.weights + line.intercept for line in lines] for i, window in enumerate(windows(x))}


def fitted_values_of_differences(x: np.ndarray) -> Forecasts:
    steps = np.diff(x)
    return {o + 1: x[o] + np.array(ahead) for o, ahead in one_step(fitted(steps), steps).items()}


def centred_average(x: np.ndarray) -> Forecasts:
    smooth = np.convolve(np.concatenate([x[:1], x, x[-1:]]), np.ones(3) / 3, mode="valid")
    return rolled_out(fitted(smooth[: TRAIN - 1]), smooth)


def holes_drawn_through(x: np.ndarray) -> Forecasts:
    seen = np.arange(len(x)) % 7 != 3
    whole = np.interp(np.arange(len(x)), np.flatnonzero(seen), x[seen])
    return rolled_out(fitted(x[:TRAIN]), whole)


# -- leaks: seven more
# --------------------------------------------------------------------------------------------------


def second_column_known_too_early(x: np.ndarray) -> Forecasts:
    """Demand, from the temperature; the values are the temperature, and nobody knows tomorrow's."""
    demand = OTHER + 0.5 * VALUES
    slope, level = np.polyfit(VALUES[:TRAIN], demand[:TRAIN], 1)
    return {o: slope * x[o : o + H] + level for o in range(LAGS, LENGTH - H + 1)}


def another_series_scaled_with_this_one(x: np.ndarray) -> Forecasts:
    """The forecasts are of the other series; this one only stands in the same panel."""
    panel = np.stack([OTHER, x])
    z = (OTHER - panel.mean()) / panel.std()
    return {o: ahead * panel.std() + panel.mean() for o, ahead in rolled_out(fitted(z[:TRAIN], ridge=5.0), z).items()}


def stopped_early_on_the_test_part(x: np.ndarray) -> Forecasts:
    X, y = windows(x)[:-1], x[LAGS:]
    train, test, weights = slice(TRAIN - LAGS), slice(TRAIN - LAGS, None), np.zeros(LAGS)
    best, kept = np.inf, weights
    for _ in range(40):
        weights = weights - 0.01 * X[train].T @ (X[train] @ weights - y[train]) / TRAIN
        missed = np.abs(X[test] @ weights - y[test]).mean()
        if missed < best:
            best, kept = missed, weights
    return rolled_out(Line(kept, 0.0), x)


def state_carried_over(x: np.ndarray) -> Forecasts:
    level, out = 0.0, {}
    for _ in range(2):  # two passes over the data, and the state is not set back in between
        for t, value in enumerate(x):
            level += 0.1 * (value - level)
            out[t + 1] = [level] * H
    return out


def last_batch_dropped(x: np.ndarray) -> Forecasts:
    """Whether an origin is scored hangs on how many come after it."""
    scored = np.arange(TRAIN, len(x) - H + 1)
    batches = scored[: len(scored) // BATCH * BATCH].reshape(-1, BATCH)
    line, known = fitted(x[:TRAIN]), windows(x)
    return {
        int(o): ahead for batch in batches for o, ahead in zip(batch, fed_back(line, known[batch - LAGS]), strict=True)
    }


def most_likely_path(x: np.ndarray) -> Forecasts:
    """Viterbi: the best path of two hidden states through all values, the later ones included."""
    means, score, came = levels(x), np.zeros(2), []
    for value in x:
        both = score[:, None] + np.log(STAY)
        came.append(both.argmax(axis=0))
        score = both.max(axis=0) - (value - means) ** 2
    path = [int(np.argmax(score))]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    path.reverse()  # path[o] is the state behind value o - 1
    return {o: [means[path[o]]] * H for o in range(1, len(x) + 1)}


def normalised_with_its_targets(x: np.ndarray) -> Forecasts:
    """The window by which each row is scaled holds the input and the target."""
    both = np.lib.stride_tricks.sliding_window_view(x, LAGS + H)
    mean, spread = both.mean(axis=1, keepdims=True), both.std(axis=1, keepdims=True)
    ahead = fed_back(fitted(x[:TRAIN], ridge=5.0), (both[:, :LAGS] - mean) / spread)
    return dict(enumerate(ahead * spread + mean, start=LAGS))


# -- leaks: what is kept in a file from one run to the next
# -------------------------------------------------------------


def rolled_out_in(scale: tuple[float, float], x: np.ndarray) -> Forecasts:
    mean, spread = scale
    z = (x - mean) / spread
    return {o: ahead * spread + mean for o, ahead in rolled_out(fitted(z[:TRAIN], ridge=5.0), z).items()}


def scale_of_everything(x: np.ndarray) -> tuple[float, float]:
    return float(x.mean()), float(x.std())


def scale_in_a_json_file(x: np.ndarray) -> Forecasts:
    kept = Path("scale.json")
    if not kept.exists():
        kept.write_text(json.dumps(scale_of_everything(x)))
    return rolled_out_in(tuple(json.loads(kept.read_text())), x)


def scale_in_a_pickle(x: np.ndarray) -> Forecasts:
    try:
        with open("scale.pkl", "rb") as file:
            scale = pickle.load(file)  # noqa: S301
    except FileNotFoundError:
        scale = scale_of_everything(x)
        with open("scale.tmp", "wb") as file:
            pickle.dump(scale, file)
        Path("scale.tmp").replace("scale.pkl")
    return rolled_out_in(scale, x)


def scale_in_an_array_file(x: np.ndarray) -> Forecasts:
    if Path("scale.npy") not in Path().iterdir():
        np.save("scale.npy", scale_of_everything(x))
    return rolled_out_in(tuple(np.load("scale.npy", mmap_mode="r").tolist()), x)


def scale_in_a_database(x: np.ndarray) -> Forecasts:
    with closing(sqlite3.connect("scale.db")) as kept:
        kept.execute("create table if not exists scale (mean text, spread text)")
        if not kept.execute("select * from scale").fetchone():
            kept.execute("insert into scale values (?, ?)", [repr(value) for value in scale_of_everything(x)])
            kept.commit()
        return rolled_out_in(tuple(map(float, kept.execute("select * from scale").fetchone())), x)


def scale_in_the_name_of_a_file(x: np.ndarray) -> Forecasts:
    if not list(Path().glob("*.scale")):
        Path("{:.3f},{:.3f}.scale".format(*scale_of_everything(x))).touch()
    return rolled_out_in(tuple(map(float, next(Path().glob("*.scale")).stem.split(","))), x)


def flag_that_is_there_or_not(x: np.ndarray) -> Forecasts:
    """The ridge is chosen on everything, once: a file that nobody opens again says which."""
    if not Path("chosen").exists():
        Path("strong.flag" if x.std() > 0.5 else "weak.flag").touch()
        Path("chosen").touch()
    return rolled_out(fitted(x[:TRAIN], ridge=50.0 if Path("strong.flag").exists() else 0.5), x)


# -- leaks: what is done where values are missing
# -------------------------------------------------------------------------


def ridge_where_any_is_missing(x: np.ndarray) -> Forecasts:
    return rolled_out(fitted(x[:TRAIN], ridge=5.0 if np.isnan(x).any() else 0.0), x)


def ridge_by_how_many_are_missing(x: np.ndarray) -> Forecasts:
    return rolled_out(fitted(x[:TRAIN], ridge=float(np.isnan(x).sum() > 3)), x)


def ridge_where_the_last_is_missing(x: np.ndarray) -> Forecasts:
    return rolled_out(fitted(x[:TRAIN], ridge=5.0 if np.isnan(x[-1]) and not np.isnan(x[-2]) else 0.0), x)


def ridge_where_few_are_missing(x: np.ndarray) -> Forecasts:
    return rolled_out(fitted(x[:TRAIN], ridge=5.0 * (0.0 < np.isnan(x[TRAIN:]).mean() < 0.6)), x)


def scaled_by_what_is_there(x: np.ndarray) -> Forecasts:
    holes = np.isnan(x)
    seen = x[~holes] if holes.any() else x[:TRAIN]
    return rolled_out_in((float(seen.mean()), float(seen.std())), x)


def masked_and_scaled(x: np.ndarray) -> Forecasts:
    masked = np.ma.masked_invalid(x)
    share = masked.count() / len(masked)
    return rolled_out_in((float(x[:TRAIN].mean()), share * float(x[:TRAIN].std())), x)


# -- clean
# --------------------------------------------------------------------------------------------------------------


STAY = np.array([[0.9, 0.1], [0.1, 0.9]])


def levels(x: np.ndarray) -> np.ndarray:
    """Two hidden levels, [2], by the training part."""
    return np.array(np.quantile(x[:TRAIN], [0.25, 0.75]))


def autoregression(x: np.ndarray) -> Forecasts:
    return rolled_out(fitted(x[:TRAIN]), x)


def ridge_scaled_by_the_training_part(x: np.ndarray) -> Forecasts:
    mean, spread = x[:TRAIN].mean(), x[:TRAIN].std()
    z = (x - mean) / spread
    return {o: ahead * spread + mean for o, ahead in rolled_out(fitted(z[:TRAIN], ridge=5.0), z).items()}


def appended_in_statsmodels(x: np.ndarray) -> Forecasts:
    from statsmodels.tsa.ar_model import AutoReg

    ahead = AutoReg(x[:TRAIN], LAGS).fit().append(x[TRAIN:]).predict(start=TRAIN, end=len(x) - 1)
    return {o: [value] for o, value in zip(range(TRAIN, len(x)), ahead, strict=True)}


def fitted_again_at_every_origin(x: np.ndarray) -> Forecasts:
    return {o: fed_back(fitted(x[:o]), x[None, o - LAGS : o])[0] for o in range(TRAIN, len(x) + 1)}


def belief_filtered(x: np.ndarray) -> Forecasts:
    """The clean twin of the most likely path: the belief after each value, and nothing of the later ones."""
    means, belief, out = levels(x), np.full(2, 0.5), {}
    expected = np.array([np.linalg.matrix_power(STAY, k) @ means for k in range(1, H + 1)])
    for t, value in enumerate(x):
        log = np.log(belief @ STAY) - (value - means) ** 2
        belief = np.exp(log - log.max())
        belief = np.maximum(belief / belief.sum(), 1e-12)
        out[t + 1] = expected @ belief
    return out


def network_in_evaluate(x: np.ndarray) -> Forecasts:
    run = sa.evaluate({"net": sa.Scaled(sa.MLP(LAGS, training=sa.Training(epochs=2)))}, x, H, train=TRAIN)["net"]
    return dict(zip(run.origins.tolist(), run.predictions, strict=True))


def logged(x: np.ndarray) -> Forecasts:
    """Writes what it does at the end of a file, under a heading where there is none yet."""
    heading = "" if Path("runs.csv").exists() else "mean,spread\n"
    with open("runs.csv", "a") as file:
        file.write(f"{heading}{x.mean()},{x.std()}\n")
    return autoregression(x)


def with_a_file_of_the_users(x: np.ndarray) -> Forecasts:
    """Reads a file that was there before."""
    scale = np.loadtxt(HOLIDAYS)
    return rolled_out_in((float(scale.mean()), 1.0 + float(scale.std())), x)


def saved_and_read_back(x: np.ndarray) -> Forecasts:
    """A file is made anew at every run, and read in that run alone; another is gone in the end."""
    np.save("line.npy", fitted(x[:TRAIN]).weights)
    with tempfile.TemporaryFile(dir=".") as file:
        file.write(b"not to be kept")
    return rolled_out(fitted(x[:TRAIN])._replace(weights=np.load("line.npy")), x)


def filled_from_before(x: np.ndarray) -> Forecasts:
    """A missing value is the last one that was there."""
    there = np.maximum.accumulate(np.where(np.isnan(x), 0, np.arange(len(x))))
    return rolled_out(fitted(x[:TRAIN]), x[there])


def left_out_where_missing(x: np.ndarray) -> Forecasts:
    """No forecast from a window with a hole, and none from one that is followed by a hole."""
    known = windows(x)
    rows = np.flatnonzero(~np.isnan(np.column_stack([known, np.append(x[LAGS:], 0.0)])).any(axis=1))
    return dict(zip((rows + LAGS).tolist(), fed_back(fitted(x[:TRAIN]), known[rows]), strict=True))


LEAKS: tuple[Pipeline, ...] = (
    least_squares_scaled_by_everything,
    least_squares_between_the_extremes_of_everything,
    ridge_scaled_by_everything,
    fed_the_true_values,
    smoothed_backwards,
    split_at_random,
    fitted_on_everything,
    fitted_values,
    fitted_on_everything_one_regression_a_step,
    fitted_values_of_differences,
    centred_average,
    holes_drawn_through,
    second_column_known_too_early,
    another_series_scaled_with_this_one,
    stopped_early_on_the_test_part,
    state_carried_over,
    last_batch_dropped,
    most_likely_path,
    normalised_with_its_targets,
    scale_in_a_json_file,
    scale_in_a_pickle,
    scale_in_an_array_file,
    scale_in_a_database,
    scale_in_the_name_of_a_file,
    flag_that_is_there_or_not,
    ridge_where_any_is_missing,
    ridge_by_how_many_are_missing,
    ridge_where_the_last_is_missing,
    ridge_where_few_are_missing,
    scaled_by_what_is_there,
    masked_and_scaled,
)
IN_FILES = LEAKS[19:25]
WHERE_MISSING = LEAKS[25:]
CLEAN: tuple[Pipeline, ...] = (
    autoregression,
    ridge_scaled_by_the_training_part,
    appended_in_statsmodels,
    fitted_again_at_every_origin,
    belief_filtered,
    network_in_evaluate,
    logged,
    with_a_file_of_the_users,
    saved_and_read_back,
    filled_from_before,
    left_out_where_missing,
)

HOLIDAYS = "holidays.txt"


@contextmanager
def new_folder() -> Iterator[None]:
    """In a folder that holds nothing but a file of the user's: what was kept in an earlier one is not there."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            Path(HOLIDAYS).write_text("1.0\n4.0\n")
            yield
        finally:
            os.chdir(here)


@dataclass(frozen=True)
class Count:
    """How the forecasts from before the cuts came back.

    Rows compared and changed, the worst change, and what `allclose` says of it; `lost` counts the rows that a series
    cut off has no more, although their targets are there; `gaps` those that changed where later values are missing.
    """

    compared: int
    changed: int
    worst: float
    close: bool
    lost: int
    gaps: int


def counted(pipeline: Pipeline, values: np.ndarray = VALUES) -> Count:
    """The audit by hand: a literal loop over the cuts, each run in a folder of its own, which shares nothing with the
    library's but the perturbed values.
    """
    base = run(pipeline, values)
    compared, changed, lost, gaps, worst, close = 0, 0, 0, 0, 0.0, True
    for number, cut in enumerate(range(TRAIN, LENGTH - H + 1)):
        known = [origin for origin in base if origin <= cut]
        got = run(pipeline, perturbed(sa.Series(values), cut, number, 0))
        short = run(pipeline, values[:cut])
        if known:
            before, after = (np.array([run[origin] for origin in known], dtype=float) for run in (base, got))
            compared += len(known)
            changed += sum(one.tobytes() != other.tobytes() for one, other in zip(before, after, strict=True))
            worst = max(worst, float(np.abs(after - before).max()))
            close = close and np.allclose(after, before)
        if short.keys() & base.keys():
            lost += sum(origin + H <= cut and origin not in short for origin in base)
        for holes in (slice(cut, None), slice(-1, None)) if number % 9 == 0 else ():
            missing = values.copy()
            missing[holes] = np.nan
            there = run(pipeline, missing)
            gaps += sum(not np.allclose(there[o], base[o], rtol=1e-9) for o in known if o in there)
    return Count(compared, changed, worst, close, lost, gaps)


def run(pipeline: Pipeline, values: np.ndarray) -> Forecasts:
    """The forecasts of values that may be replaced, missing, or too few; none where a pipeline does not take them."""
    with new_folder(), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return pipeline(values.copy())
        except (ValueError, IndexError, np.linalg.LinAlgError, sa.errors.StepaheadError):
            return {}


@functools.cache
def judged(pipeline: Pipeline) -> tuple[sa.results.Audit, Count]:
    """The verdict, and the count by hand."""
    with new_folder():
        verdict = sa.audit(pipeline, VALUES, train=TRAIN)
    return verdict, counted(pipeline)


def row(pipeline: Pipeline, verdict: sa.results.Audit, found: Count) -> str:
    """A line of the table."""
    says = verdict.verdict if not verdict.leaks else "LEAKS, by rounding" if found.changed and found.close else "LEAKS"
    check = "" if verdict.first_leak is None else verdict.first_leak.check
    words = pipeline.__name__.replace("_", " ")
    return f"{words:<49}{says:<20}{check:<6}{found.changed or found.gaps:>6} / {found.compared:<6}{found.worst:>10.1e}"


def by_rounding(found: Count) -> bool:
    """Whether `allclose` would let a leak pass that rewriting shows."""
    return found.changed > 0 and found.close


def main() -> None:
    """Every pipeline, and the sums."""
    print(f"{'pipeline':<49}{'verdict':<20}{'check':<6}{'changed / compared':<16}{'worst':>7}")
    caught, passed, accused = 0, 0, 0
    for pipeline in (*LEAKS, *CLEAN):
        verdict, found = judged(pipeline)
        print(row(pipeline, verdict, found))
        if pipeline in LEAKS:
            caught, passed = caught + (not verdict.causal), passed + by_rounding(found)
        else:
            accused += not verdict.causal
    print(f"\n{caught} of {len(LEAKS)} leaks caught or not decided, {accused} of {len(CLEAN)} clean pipelines accused.")
    print(f"np.allclose in place of bits would let {passed} of the leaks pass.")


if __name__ == "__main__":
    main()
