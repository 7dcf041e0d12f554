"""Series fitted side by side have the scores that each has alone."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation import batches, panels
from stepahead.numerics import remedies

from ..counting import calls
from ..data import each, of_series, readings, sine
from ..fleets import KINDS, alone, waves
from ..remedies import split


class Fragile(sa.MLP):
    """Nets that cannot be trained beside a series with a 9 in it."""

    def fit_each(self, series):
        if any((one.values == 9.0).any() for one in series):
            raise sa.errors.FitError("diverged", code="diverged")
        return [one.values[0] for one in series]


@pytest.mark.parametrize("bad", [[], [0], [3, 4], [0, 1, 2, 3, 4]])
def test_a_net_that_diverges_costs_no_other_series(bad):
    heads = np.arange(10.0).reshape(5, 2) / 100.0
    heads[bad, 1] = 9.0
    rows, trained = Fragile(1)._trained(heads, np.arange(10, 15))
    good = [row for row in range(5) if row not in bad]
    assert rows.tolist() == [10 + row for row in good]
    assert trained == heads[good, 0].tolist()


MODELS = {
    "chain of bins": lambda: sa.MarkovChain(bins=3),
    "chain of order 2": lambda: sa.MarkovChain(order=2, bins=3),
    "autoregression": lambda: sa.AR("auto"),
    "spectrum": lambda: sa.SSA(),
    "wide spectrum": lambda: sa.SSA("auto", window=20),
}


@pytest.mark.parametrize("length", [12, 30, 48])
@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS.keys())
def test_short_and_flat_series_are_scored_as_one_by_one(make, length):
    panel = [sine(0, length), np.full(length, 2.0), np.where(np.arange(length) % 2, 1.0, 0.0), sine(1, length)]
    panel.append(sine(2, 120))
    scores = each({"m": make()}, panel, 2)
    assert list(scores.scorer.series) == [name for name, said in scores.status.items() if said == "ok"]
    for (name, said), series in zip(scores.status.items(), panel, strict=True):
        if said != "ok":
            with pytest.raises(sa.errors.StepaheadError) as caught:
                sa.evaluate({"m": make()}, series, 2)
            assert said == str(caught.value)
            continue
        found = scores.scorer.by_series("rmse")[scores.scorer.series.index(name), scores.scorer.models.index("m")]
        np.testing.assert_allclose(found, sa.evaluate({"m": make()}, series, 2)["m"].rmse(), rtol=1e-9, atol=1e-12)


def test_symbols_are_scored_at_the_steps_that_are_kept():
    panel = [sa.Series(np.random.default_rng(seed).choice(["a", "b"], 80).tolist()) for seed in range(4)]
    scores = each(sa.MarkovChain(), panel, 5, steps=[2, 5])
    for place, series in enumerate(panel):
        alone = sa.evaluate(sa.MarkovChain(), series, 5, steps=[2, 5])["MarkovChain(1)"]
        np.testing.assert_allclose(scores.scorer.by_series("zero_one")[place, 0], alone.zero_one(), atol=1e-12)
        np.testing.assert_allclose(scores.scorer.by_series("log_loss")[place, 0], alone.log_loss(), atol=1e-12)


def test_fit_each_trains_the_same_nets_with_remedies():
    panel = [sine(seed, length) for seed, length in ((0, 150), (1, 150), (2, 130), (3, 150))]
    for options in (
        {"unroll": 5, "ensemble": 2, "noise": 0.1},
        {"augment": "amplitude", "chunk": 2, "unroll": 3},
        {"augment": "auto", "epochs": 4},
    ):
        model = sa.MLP(4, hidden=5, **split(**{"epochs": 2, **options}))
        for net, series in zip(model.fit_each(panel), panel, strict=True):
            alone = model.clone().fit(series)
            np.testing.assert_allclose(net.weights1_, alone.weights1_, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(net.residuals_, alone.residuals_, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(net.losses_, alone.losses_, rtol=1e-9)
            assert net.augment_ == alone.augment_


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("burg", "scaled", "no stacked way")])
def test_plain_series_are_stacked_and_not_looped_over(kind, loops):
    each(KINDS[kind](), waves(4, 300, noise=0.1), horizon=8)
    assert not loops


@pytest.mark.parametrize("models", [[sa.MarkovChain(1)], [sa.MarkovChain(2, smoothing=0.5), sa.MarkovChain(0)]])
def test_symbols_are_stacked_too(models, loops):
    rng = np.random.default_rng(0)
    letters = np.array(["a", "b", "c"])
    panel = [letters[rng.integers(0, 3, 90)].tolist() for _ in range(4)]
    panel += [
        letters[rng.integers(0, 2, 90)].tolist(),
        ["a"] * 60 + ["b", "c"] * 15,
        ["a", "b"] * 45,
        ["a"] * 90,
        ["a", "b"],
    ]
    scores = each(models, panel, horizon=3, train=60)
    assert list(scores.scorer.readings) == ["zero_one", "log_loss"]
    for (name, status), item in zip(scores.status.items(), panel, strict=True):
        result, why = alone(models, item, 3, 60)
        assert status == why
        if result is None:
            continue
        for model, expected in result.items():
            for key, values in expected._readings().items():
                np.testing.assert_allclose(of_series(scores, name)[model][key], values, rtol=1e-10, atol=1e-14)
    assert len(loops) <= 5


def test_blocks_of_any_size_give_the_same_scores(monkeypatch):
    x = waves(5, 200)
    models = [
        sa.AR(3),
        sa.SSA(2, window=12),
        sa.MLP(2, hidden=2, training=sa.Training(epochs=1)),
        sa.MarkovChain(1, bins=3),
    ]
    whole = each(models, x, horizon=8)
    monkeypatch.setattr(batches, "CELLS", 256)
    monkeypatch.setattr(panels, "BATCH_VALUES", 400)
    few = each(models, x, horizon=8)
    for key, values in readings(whole).items():
        np.testing.assert_allclose(few.scorer.by_series(key), values, rtol=1e-11, atol=1e-12, err_msg=key)


def test_a_net_that_diverges_does_not_take_the_others_along(monkeypatch):
    monkeypatch.setattr(remedies, "unit_of", lambda X, Y: remedies.Unit(0.0, 1.0))  # in its own unit none diverges
    panel = waves(5, 80)
    panel[2] *= 1e85
    scores = each(sa.MLP(2, hidden=2, training=sa.Training(epochs=1)), panel, horizon=4)
    assert list(scores.failed) == ["2"]
    assert "diverged" in scores.failed["2"]


def test_a_net_learns_huge_values_in_their_own_unit_and_the_others_as_ever():
    plain, panel = waves(5, 80), waves(5, 80)
    panel[2] *= 2.0**500
    net = sa.MLP(2, hidden=2, training=sa.Training(epochs=1))
    one, other = (each(net, values, horizon=4).by_series("rmse")["MLP(2)"] for values in (plain, panel))
    np.testing.assert_allclose(other / np.array([1.0, 1.0, 2.0**500, 1.0, 1.0])[:, None], one, rtol=1e-9)


def test_many_series_are_a_fraction_of_the_calls_of_a_loop():
    x, models = waves(150, 200), [sa.AR(4)]

    def counted(job) -> int:
        job()
        return calls(job)

    together = counted(lambda: each(models, x, horizon=32)) / 150
    loop = counted(lambda: [found._readings() for row in x[:8] for found in sa.evaluate(models, row, 32).values()]) / 8
    assert loop > 20.0 * together


@pytest.mark.parametrize("kind", KINDS)
def test_the_company_a_series_keeps_does_not_change_its_bits(kind):
    x = waves(6, 120, noise=0.3)
    together = each(KINDS[kind](), x, horizon=8)
    shuffled = each(KINDS[kind](), x[::-1].copy(), horizon=8)
    apart = [each(KINDS[kind](), x[i : i + 1], horizon=8, season=None) for i in range(6)]
    by_one = sa.results.Comparison._joined(apart)
    for key, values in readings(together).items():
        np.testing.assert_array_equal(values, shuffled.scorer.by_series(key)[::-1], err_msg=key)
        np.testing.assert_array_equal(values, by_one.scorer.by_series(key), err_msg=key)
