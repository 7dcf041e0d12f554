"""Markov chains: bins, the order by BIC, the long run, and the check of P(1)^k against the counted P(k)."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest

import stepahead as sa
from stepahead import storage

from ..data import path, sine
from ..model_files import edited, put


def test_an_order_whose_table_fits_nowhere_is_refused():
    with pytest.raises(
        sa.errors.ParameterError, match=r"order=9 is not allowed: order must be smaller: 20 states \*\* 10"
    ) as caught:
        sa.MarkovChain(order=9, bins=20).fit(sine(0, 400))
    assert caught.value.name == "order"


def test_a_chain_of_whole_numbers_has_distances():
    x = np.array([0, 1, 3] * 40)
    result = sa.k_step(sa.MarkovChain().fit(x[:60]), x, 4)
    assert result.rmse().tolist() == [0.0] * 4
    assert result.crps().tolist() == [0.0] * 4


def test_a_symbol_that_training_never_saw_costs_its_rows_alone():
    series = sa.Series(["a", "b"] * 50 + ["c"] + ["a", "b"] * 20)
    result = sa.evaluate(sa.MarkovChain(), series, 2)
    run = result["MarkovChain(1)"]
    assert 101 not in run.origins
    assert 102 in run.origins
    assert np.isinf(run.losses("log")[run.origins.tolist().index(100), 0])
    assert any("1 of" in text for text in result.notes)


def test_a_state_seen_only_before_a_gap_has_no_way_out():
    series = sa.Series(["a", "b", "a", "c", None] + ["a", "b", "b", "a"] * 5, missing="skip")
    with pytest.raises(sa.errors.InputError) as caught:
        sa.MarkovChain().fit(series)
    assert caught.value.code == "no-way-out"
    with pytest.warns(sa.errors.StepaheadWarning, match="absorbing"):
        sa.MarkovChain().fit(["a", "b", "b"])


STEPS = [1, 4, 16, 64]
# RMSE of the research note, 20 seeds, by (bins, order): a pseudo-count of 0.5 a row comes closest to it in every cell.
NOTE = {
    (5, 1): (0.295, 0.341, 0.575, 0.721),
    (10, 1): (0.276, 0.307, 0.510, 0.715),
    (20, 1): (0.272, 0.305, 0.505, 0.715),
    (5, 2): (0.258, 0.276, 0.398, 0.676),
    (10, 2): (0.256, 0.275, 0.431, 0.697),
}


def chains(transition, length: int, draws: int, seed: int) -> np.ndarray:
    """[draws, length] places of simulated chains; the last symbols number the row of `transition`, the newest least."""
    rng, distribution = np.random.default_rng(seed), np.cumsum(transition, axis=1)
    rows, size = distribution.shape
    here, out = rng.integers(0, rows, draws), np.empty((draws, length))
    for t in range(length):
        out[:, t] = (rng.random(draws)[:, None] >= distribution[here]).sum(axis=1).clip(0, size - 1)
        here = ((here * size + out[:, t]) % rows).astype(int)
    return out


FIRST = np.array([[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.1, 0.3, 0.6]])
SECOND = np.array([[0.9, 0.1], [0.3, 0.7], [0.6, 0.4], [0.2, 0.8]])


def weather() -> list[str]:
    return np.genfromtxt(path("seattle_weather_daily.csv"), delimiter=",", skip_header=1, usecols=5, dtype=str).tolist()


def test_quantile_states_forget_as_the_note_says():
    found: dict[tuple[int, int], list] = {key: [] for key in NOTE}
    for seed in range(20):
        x = sine(seed)
        for bins, order in NOTE:
            model = sa.MarkovChain(order, smoothing=0.5, bins=bins).fit(x[:604])
            result = sa.k_step(model, x, 64, steps=STEPS)
            assert (result.origins[0], result.origins[-1], len(result.origins)) == (604, 936, 333)
            found[bins, order].append(result.rmse())
    for key, rows in found.items():
        np.testing.assert_allclose(np.mean(rows, axis=0), NOTE[key], atol=0.014, err_msg=str(key))


def test_bins_hold_equal_counts_of_the_training_values_and_their_moments():
    x = sine(0)
    model = sa.MarkovChain(1, bins=7).fit(x[:604])
    counts = [
        ((x[:604] >= low) & (x[:604] < high)).sum()
        for low, high in itertools.pairwise([-np.inf, *model.edges_, np.inf])
    ]
    assert sum(counts) == 604
    assert max(counts) - min(counts) <= 1
    for j, (low, high) in enumerate(itertools.pairwise([-np.inf, *model.edges_, np.inf])):
        inside = x[:604][(x[:604] >= low) & (x[:604] < high)]
        assert model.centers_[j] == pytest.approx(inside.mean(), rel=1e-12)
        assert model.spreads_[j] == pytest.approx(inside.std(), rel=1e-12)
    assert getattr(model, "states_", None) is None
    assert model.name == "MarkovChain(1, bins=7)"


def test_rows_of_zeros_are_of_contexts_never_seen_and_of_no_others():
    chain = sa.MarkovChain(2).fit(["a", "b", "b"] * 9)
    assert (chain.transition_.sum(axis=1) == 0.0).any()
    assert storage.loads(storage.dumps(chain)).forecast(["a", "b"], 2).tolist() == ["b", "a"]
    for rows in (slice(1, 2), slice(None)):
        broken = sa.MarkovChain(2).fit(["a", "b", "b"] * 9)
        broken.transition_ = broken.transition_.copy()
        broken.transition_[rows] = 0.0
        with pytest.raises(sa.errors.ModelFileError):
            storage.loads(storage.dumps(broken))


def test_whole_numbers_without_a_way_out_are_told_of_bins():
    with pytest.raises(sa.errors.InputError, match="bins=10"):
        sa.MarkovChain().fit(np.arange(100))
    with pytest.raises(sa.errors.InputError) as caught:
        sa.MarkovChain().fit(["a", "b", "c"])
    assert "bins" not in str(caught.value)


def test_spreads_of_huge_and_tiny_symbols():
    for unit in (1e300, 1.0, 1e-300):
        distribution = sa.distributions.Discrete(np.array([[[0.5, 0.5]]]), (unit, -unit))
        assert distribution.std()[0, 0] == pytest.approx(unit, rel=1e-12)
        mixed = sa.distributions.Mixture(np.array([[[0.5, 0.5]]]), np.array([-unit, unit]), np.array([0.0, 0.0]))
        assert mixed.std()[0, 0] == pytest.approx(unit, rel=1e-12)


def test_a_chain_of_order_0_over_bins_has_mean_and_spread_of_the_training_part():
    x = sine(0)
    model = sa.MarkovChain(0, bins=5).fit(x[:604])
    distribution = model.predictive(model.encode(x[:3]), 2)
    np.testing.assert_allclose(distribution.mean(), x[:604].mean(), atol=1e-15)
    np.testing.assert_allclose(distribution.std(), x[:604].std(), rtol=1e-12)


def test_the_distribution_over_bins_is_a_mixture_by_powers_of_the_matrix():
    x = sine(1)
    model = sa.MarkovChain(1, bins=4).fit(x[:604])
    state = model.encode(x)
    distribution = model.predictive(state, 9)
    assert isinstance(distribution, sa.distributions.Mixture)
    for k in (1, 2, 9):
        power = np.linalg.matrix_power(model.transition_, k)[state[0][:, 0].astype(int)]
        np.testing.assert_allclose(distribution.weights[:, k - 1], power, atol=1e-13)
        np.testing.assert_allclose(model.rollout(state, 9)[:, k - 1], power @ model.centers_, atol=1e-13)
    result = sa.k_step(model, x, 8)
    assert (result.crps() < result.mae()).all(), "a distribution is better than its mean alone"
    np.testing.assert_allclose(result.coverage(0.9), 0.9, atol=0.08)


def test_equal_values_stay_in_one_bin_and_that_is_noted():
    x = np.array([0.0] * 60 + [1.5, 2.5, 3.5, 4.5] * 10)
    with pytest.warns(sa.errors.StepaheadWarning, match="of 5 bins"):
        model = sa.MarkovChain(0, bins=5).fit(x)
    assert model.edges_[0] == 0.75
    assert len(model.centers_) < 5
    assert model.centers_[0] == 0.0
    assert model.spreads_[0] == 0.0
    assert "equal values" in model.notes_[0]
    two = sa.MarkovChain(1, bins=4).fit([0.5, 7.5] * 10)
    assert two.edges_.tolist() == [4.0]
    assert two.forecast([0.5], 2).tolist() == [7.5, 0.5]
    with pytest.warns(sa.errors.StepaheadWarning, match="1 of 3 bins"):
        flat = sa.MarkovChain(2, bins=3).fit([0.1] * 10)
    assert flat.forecast([0.1, 0.1], 3).tolist() == [0.1] * 3
    assert np.isfinite(flat.predictive(flat.encode([0.1, 0.1]), 2).crps(np.zeros((1, 2)))).all()


def test_bins_follow_the_scale_of_the_series_even_at_its_ends():
    x = sine(0, 300)
    plain = sa.MarkovChain(1, bins=5).fit(x[:200]).forecast(x, 4)
    for factor in (2.0**1000, 2.0**-1000):
        assert (sa.MarkovChain(1, bins=5).fit(x[:200] * factor).forecast(x * factor, 4) == plain * factor).all()


def test_bins_and_orders_that_are_none_are_refused_by_name():
    for given in (
        {"bins": 1},
        {"bins": 2.5},
        {"bins": True},
        {"order": "aic"},
        {"order": -1},
        {"order": True},
        {"order": 1.0},
    ):
        with pytest.raises(sa.errors.ParameterError) as caught:
            sa.MarkovChain(**given).fit([0, 1, 0])
        assert caught.value.name == next(iter(given))
    with pytest.raises(sa.errors.DtypeError):
        sa.MarkovChain(bins=3).fit(["a", "b"])
    with pytest.raises(sa.errors.DtypeError, match="bins="):
        sa.MarkovChain().fit([0.5, 1.0])
    with pytest.raises(sa.errors.InputError) as caught:
        sa.MarkovChain(2, bins=20).fit(sine(0, 50))
    assert caught.value.code == "no-way-out"
    assert "bin " in str(caught.value)


def test_a_context_of_bins_that_training_never_saw_is_named():
    model = sa.MarkovChain(2, bins=3).fit([0.1, 1.1, 2.1] * 9 + [0.1, 1.1])
    with pytest.raises(sa.errors.InputError, match="bin 3 bin 1") as caught:
        sa.MarkovChain(2, bins=3).fit([0.1, 1.1, 2.1, 0.1]).forecast([2.0, 0.1], 1)
    assert caught.value.code == "no-way-out"
    with pytest.raises(sa.errors.InputError, match="bin 3 bin 3"):
        model.forecast([2.1, 2.1], 1)


def test_whole_numbers_and_booleans_are_symbols():
    flags = np.array([True, False, False, True, False, True, True, False] * 5)
    chain = sa.MarkovChain().fit(flags)
    counted = Counter(itertools.pairwise(flags.tolist()))
    assert chain.states_ == (0, 1)
    assert chain.counts_.tolist() == [[counted[a, b] for b in (False, True)] for a in (False, True)]
    assert set(chain.forecast(flags, 4)) <= {0.0, 1.0}
    assert sa.MarkovChain().fit([-3, 7, 7, -3, 7]).states_ == (-3, 7)
    assert set(sa.paths(chain, flags, 5, n=20).ravel()) == {0.0, 1.0}


def literal_bic(symbols: list, orders: int) -> list[float]:
    """All orders 0 .. orders - 1 on the same targets, by counting in dicts."""
    size, found = len(set(symbols)), []
    for order in range(orders):
        pairs = Counter()
        for t in range(orders - 1, len(symbols)):
            pairs[tuple(symbols[t - order : t]), symbols[t]] += 1
        totals = Counter()
        for (context, _), count in pairs.items():
            totals[context] += count
        likelihood = sum(count * math.log(count / totals[context]) for (context, _), count in pairs.items())
        found.append(-2 * likelihood + size**order * (size - 1) * math.log(len(symbols) - orders + 1))
    return found


def test_the_criterion_is_a_literal_count():
    x = chains(SECOND, 300, 1, 0)[0].astype(int).tolist()
    chain = sa.MarkovChain("bic").fit(x)
    assert len(chain.bics_) >= 6
    np.testing.assert_allclose(chain.bics_, literal_bic(x, len(chain.bics_)), rtol=1e-12)
    # As many parameters as targets, and no more.
    assert 2 ** (len(chain.bics_) - 1) <= len(x) < 2 ** len(chain.bics_) + len(chain.bics_)


@pytest.mark.parametrize(("distribution", "order"), [(np.array([[0.3, 0.3, 0.4]]), 0), (FIRST, 1), (SECOND, 2)])
def test_bic_finds_the_order_of_simulated_chains(distribution, order):
    found = [sa.MarkovChain("bic").fit(x).order_ for x in chains(distribution, 2000, 20, 3)]
    assert found == [order] * 20


def test_a_chain_whose_order_was_chosen_is_the_chain_of_that_order(tmp_path):
    x = chains(SECOND, 2000, 1, 5)[0]
    chosen, given = sa.MarkovChain("bic").fit(x), sa.MarkovChain(2).fit(x)
    assert (chosen.order_, chosen.context, chosen.name) == (2, 2, "MarkovChain(bic)")
    assert given.bics_ is None
    assert chosen.transition_.tobytes() == given.transition_.tobytes()
    assert chosen.forecast(x, 5).tolist() == given.forecast(x, 5).tolist()
    chosen.save(tmp_path / "chain.safetensors")
    assert sa.load(tmp_path / "chain.safetensors").bics_.tolist() == chosen.bics_.tolist()
    one_symbol = sa.MarkovChain("bic").fit(["a"] * 9)
    assert (one_symbol.order_, len(one_symbol.bics_)) == (0, 1)


def test_orders_are_scored_across_gaps_and_series_without_joining_them():
    x = chains(SECOND, 900, 1, 6)[0]
    holes = x.copy()
    holes[[300, 301, 600]] = np.nan
    parts = [sa.Series(x[:300]), sa.Series(x[302:600]), sa.Series(x[601:])]
    one = sa.MarkovChain("bic").fit(sa.Series(holes, missing="skip"))
    many = sa.MarkovChain("bic").fit(parts)
    assert one.bics_.tolist() == many.bics_.tolist()
    assert one.counts_.tolist() == many.counts_.tolist()


def test_seattle_weather_is_a_chain_of_five_states_with_zero_cells():
    symbols = weather()
    chain = sa.MarkovChain("bic").fit(symbols)
    assert chain.states_ == ("drizzle", "fog", "rain", "snow", "sun")
    assert chain.order_ == 1
    np.testing.assert_allclose(chain.bics_, literal_bic(symbols, len(chain.bics_)), rtol=1e-12)
    counted = Counter(itertools.pairwise(symbols))
    table = [[counted[a, b] for b in chain.states_] for a in chain.states_]
    assert chain.counts_.tolist() == table
    empty = {(a, b) for a in chain.states_ for b in chain.states_ if not counted[a, b]}
    assert empty == {("drizzle", "snow"), ("fog", "snow"), ("snow", "fog")}
    assert (chain.transition_ == 0.0).sum() == len(empty)
    series = sa.Series(symbols)
    distribution = chain.predictive(chain.encode(series), 64).probabilities
    assert np.abs(distribution.sum(axis=-1) - 1.0).max() < 1e-12
    np.testing.assert_allclose(distribution[0, -1], chain.stationary_, atol=1e-6)
    checks = chain.agreement(series, steps=(1, 2, 8))
    assert checks[1].p_value < 1e-3, "days are not quite a chain of order 1, whatever BIC takes"


def test_the_stationary_distribution_stays_and_is_where_powers_go():
    chain = sa.MarkovChain().fit(chains(FIRST, 500, 1, 0)[0])
    distribution = chain.stationary_
    assert abs(distribution.sum() - 1.0) < 1e-14
    assert np.abs(distribution @ chain.transition_ - distribution).max() < 1e-12
    np.testing.assert_allclose(np.linalg.matrix_power(chain.transition_, 200)[0], distribution, atol=1e-12)
    cycle = sa.MarkovChain().fit(["a", "b", "c"] * 9 + ["a"])
    np.testing.assert_allclose(cycle.stationary_, [1 / 3] * 3, atol=1e-15)  # powers go round, the distribution is there


def test_the_long_run_of_a_higher_order_is_the_distribution_of_one_symbol():
    x = chains(SECOND, 3000, 1, 1)[0]
    for order in (0, 2, 3):
        chain = sa.MarkovChain(order).fit(x)
        distribution = chain.stationary_
        assert distribution.shape == (2,)
        np.testing.assert_allclose(distribution, [np.mean(x == 0), np.mean(x == 1)], atol=0.002)
        far = chain.predictive(chain.encode(x[:10]), 300).probabilities[-1, -1]
        np.testing.assert_allclose(distribution, far, atol=1e-12)
    binned = sa.MarkovChain(1, bins=4).fit(sine(0))
    assert np.abs(binned.stationary_ @ binned.transition_ - binned.stationary_).max() < 1e-12


def test_states_left_for_good_have_no_share_and_two_ends_have_no_one_distribution():
    with pytest.warns(sa.errors.StepaheadWarning, match="absorbing"):
        ends = sa.MarkovChain().fit(["a", "b", "a", "b", "c", "c"])
    assert ends.stationary_.tolist() == [0.0, 0.0, 1.0]
    two = sa.MarkovChain().fit([["start", "a", "b", "a", "b"], ["start", "c", "d", "c", "d"]])
    with pytest.raises(sa.errors.InputError, match="2 closed classes, such as 'a, b' and 'c, d'") as caught:
        _ = two.stationary_
    assert (caught.value.code, caught.value.found) == ("several-classes", 2)
    joined = sa.MarkovChain(smoothing=1.0).fit([["start", "a", "b", "a", "b"], ["start", "c", "d", "c", "d"]])
    assert abs(joined.stationary_.sum() - 1.0) < 1e-14
    with pytest.raises(sa.errors.NotFittedError):
        _ = sa.MarkovChain().stationary_


def test_agreement_counts_every_pair():
    x = chains(FIRST, 200, 1, 2)[0].astype(int).tolist()
    chain = sa.MarkovChain().fit(x)
    for check in chain.agreement(x, steps=(1, 2, 5)):
        pairs = Counter((x[t], x[t + check.k]) for t in range(len(x) - check.k))
        n = [sum(pairs[a, b] for b in range(3)) for a in range(3)]
        assert check.n.tolist() == n
        np.testing.assert_allclose(
            check.counted, [[pairs[a, b] / n[a] for b in range(3)] for a in range(3)], rtol=1e-15
        )
        np.testing.assert_allclose(check.predicted, np.linalg.matrix_power(chain.transition_, check.k), atol=1e-14)
        assert str(check).startswith(f"k={check.k}: ")
    first = chain.agreement(x, steps=[1])[0]
    assert (first.statistic, first.degrees, first.p_value) == (0.0, 0.0, 1.0)


def rejected(draws: np.ndarray, steps=(2, 4, 8)) -> np.ndarray:
    """The share of series whose chain of order 1 is rejected at 5 %, [steps]."""
    found = [[check.p_value < 0.05 for check in sa.MarkovChain().fit(x).agreement(x, steps)] for x in draws]
    return np.mean(found, axis=0)


HIDDEN = np.array([[0.95, 0.05], [0.05, 0.95]])


def hidden(length: int, draws: int, seed: int) -> np.ndarray:
    state = chains(HIDDEN, length, draws, seed)
    return (np.random.default_rng(seed + 1).random(state.shape) < np.where(state > 0, 0.8, 0.2)).astype(float)


def test_the_test_has_its_size_and_sees_what_is_no_chain():
    sizes = rejected(chains(FIRST, 1000, 300, 7))
    assert (sizes >= 0.02).all(), sizes
    assert (sizes <= 0.09).all(), sizes
    assert rejected(chains(SECOND, 1500, 40, 8))[0] > 0.9
    assert (rejected(hidden(1500, 40, 9))[:2] > 0.8).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "distribution",
    [
        [[0.9, 0.1], [0.2, 0.8]],
        [[0.1, 0.9], [0.7, 0.3]],
        [[0.97, 0.03], [0.05, 0.95]],
        [
            [0.6, 0.1, 0.1, 0.1, 0.1],
            [0.1, 0.5, 0.3, 0.05, 0.05],
            [0.2, 0.2, 0.4, 0.1, 0.1],
            [0, 0.3, 0.1, 0.5, 0.1],
            [0.2] * 5,
        ],
    ],
)
def test_the_size_holds_for_other_chains_and_for_data_the_fit_had_no_part_in(distribution):
    training, other = chains(np.array(distribution), 1000, 600, 11), chains(np.array(distribution), 1000, 600, 12)
    own = rejected(training)
    models = [sa.MarkovChain().fit(x) for x in training]
    fresh = np.mean(
        [[c.p_value < 0.05 for c in m.agreement(y, (2, 4, 8))] for m, y in zip(models, other, strict=True)], axis=0
    )
    for sizes in (own, fresh):
        assert (sizes >= 0.02).all(), (own, fresh)
        assert (sizes <= 0.09).all(), (own, fresh)


def test_agreement_asks_for_order_1_known_symbols_and_enough_of_them():
    x = chains(SECOND, 300, 1, 2)[0]
    with pytest.raises(sa.errors.ParameterError) as caught:
        sa.MarkovChain(2).fit(x).agreement(x)
    assert caught.value.name == "order"
    chain = sa.MarkovChain().fit(x)
    with pytest.raises(sa.errors.ParameterError):
        chain.agreement(x, steps=[0])
    with pytest.raises(sa.errors.InputError) as caught:
        chain.agreement(x[:8])
    assert (caught.value.code, caught.value.needed, caught.value.found) == ("too-short", 9, 8)
    with pytest.raises(sa.errors.InputError) as caught:
        chain.agreement([0, 1, 2] * 5)
    assert caught.value.code == "unseen-state"
    tiny = chain.agreement(x[:12], steps=[8])[0]
    assert (tiny.degrees, tiny.p_value) == (0.0, 1.0), "nothing is tested where no cell expects 5"
    bins = sa.MarkovChain(1, bins=4).fit(sine(0))
    assert bins.agreement(sine(0), steps=[4])[0].p_value < 1e-6, "a level without a direction is no state"


def test_a_chain_of_many_symbols_needs_no_cube_of_them():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 900, 20_000).astype(float)
    chain = sa.MarkovChain(smoothing=1.0).fit(x)
    distribution = chain.predictive(chain.encode(x[:5]), 3).probabilities
    np.testing.assert_allclose(
        distribution[:, 2], np.linalg.matrix_power(chain.transition_, 3)[x[:5].astype(int)], atol=1e-14
    )


FILES = {
    "order 0 of a chain of order 1": put("model", "facts", "order", value=0),
    "an order in text": put("model", "facts", "order", value="aic"),
    "an order chosen without its criterion": put("model", "facts", "order", value="bic"),
    "another order learned": put("model", "facts", "order_", value=2),
    "bins of a chain of symbols": put("model", "facts", "bins", value=3),
    "edges of a chain of symbols": put("model", "facts", "edges_", value=[1.0]),
    "no states": put("model", "facts", "states_", value=None),
}
BINNED = {
    "symbols of a chain of bins": put("model", "facts", "states_", value=["a", "b", "c"]),
    "fewer bins than edges": put("model", "facts", "bins", value=2),
    "no bins": put("model", "facts", "bins", value=None),
    "a criterion where the order was given": put("model", "facts", "bics_", value=[1.0, 2.0]),
}


@pytest.mark.parametrize("change", FILES.values(), ids=FILES.keys())
def test_a_file_whose_chain_does_not_fit_together_is_refused(change):
    content = storage.dumps(sa.MarkovChain().fit(["a", "b", "a", "a", "b", "a"]))
    assert storage.loads(content).states_ == ("a", "b")
    with pytest.raises(sa.errors.ModelFileError):
        storage.loads(edited(content, change))


@pytest.mark.parametrize("change", BINNED.values(), ids=BINNED.keys())
def test_a_file_whose_bins_do_not_fit_together_is_refused(change):
    content = storage.dumps(sa.MarkovChain(1, bins=3).fit(sine(0)))
    assert storage.loads(content).states_ is None
    with pytest.raises(sa.errors.ModelFileError):
        storage.loads(edited(content, change))


def test_paths_follow_the_distribution_and_nothing_that_cannot_follow():
    symbols = weather()
    chain = sa.MarkovChain(2, smoothing=0.0).fit(symbols[:1400])
    state = chain.encode(symbols[:60])
    drawn = chain.paths(state, 6, 400, seed=3)
    distribution = chain.predictive(state, 6).probabilities
    assert drawn.shape == (400, len(state[0]), 6)
    shares = np.stack([(drawn == j).mean(axis=(0, 1)) for j in range(5)], axis=-1)
    np.testing.assert_allclose(shares, distribution.mean(axis=0), atol=0.02)
    seen = {tuple(three) for three in zip(symbols[:1400], symbols[1:1400], symbols[2:1400], strict=False)}
    for path_of_one in drawn[:50, 7]:
        names = [chain.states_[int(j)] for j in (*state[0][7], *path_of_one)]
        assert {tuple(names[i : i + 3]) for i in range(6)} <= seen


def test_within_a_bin_draws_are_normal_and_not_tied_to_the_bin():
    x = sine(0)
    model = sa.MarkovChain(0, bins=3).fit(x)
    drawn = model.paths(model.encode(x[:1]), 50, 2000, seed=1)
    assert drawn.mean() == pytest.approx(x.mean(), abs=0.01)
    assert drawn.std() == pytest.approx(x.std(), abs=0.01)
    within = drawn[drawn < model.edges_[0] - 3 * model.spreads_[0]]
    assert len(within) > 0, "a normal tail goes past the edge of its bin"


def loop_distribution(chain: sa.MarkovChain, context: tuple[int, ...], k: int) -> np.ndarray:
    """k steps after a context, the sum over every path: no matrix is multiplied."""
    size = chain.transition_.shape[1]
    row = sum(place * size ** (len(context) - 1 - i) for i, place in enumerate(context))
    if k == 1:
        return chain.transition_[row]
    total = np.zeros(size)
    for place, share in enumerate(chain.transition_[row]):
        if share:
            total += share * loop_distribution(chain, (*context, place)[1:] if context else (), k - 1)
    return total


@pytest.mark.parametrize("k", [1, 2, 3, 7, 64, 1000])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_power_is_the_power_of_the_transition_matrix(size, k):
    symbols = np.random.default_rng(size).integers(0, size, 400).tolist()
    chain = sa.MarkovChain(order=1).fit(symbols)
    found = chain.power(k)
    product = np.eye(size)
    for _ in range(k):
        product = product @ chain.transition_
    np.testing.assert_allclose(found, product, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found, np.linalg.matrix_power(chain.transition_, k), rtol=0, atol=1e-15)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-12)
    if k <= 64:  # what it forecasts: the rows of the distribution
        states = [symbols.index(i) for i in range(size)]
        distribution = chain.predictive((np.array([[float(symbols[i])] for i in states]),), k).probabilities[:, -1]
        np.testing.assert_allclose(found, distribution, atol=1e-13)
    found[:] = 7.0
    assert not (chain.transition_ == 7.0).any(), "it is a copy"


@pytest.mark.parametrize("k", [1, 2, 3, 5])
@pytest.mark.parametrize(("order", "bins"), [(0, None), (2, None), (3, None), (1, 4), (2, 3)])
def test_power_of_other_orders_and_of_bins_is_the_sum_over_paths(order, bins, k):
    rng = np.random.default_rng(order)
    series = rng.normal(size=500).cumsum() if bins else rng.integers(0, 3, 500).tolist()
    chain = sa.MarkovChain(order=order, bins=bins, smoothing=0.5 if bins else 0.0).fit(series)
    size = chain.transition_.shape[1]
    found = chain.power(k)
    assert found.shape == chain.transition_.shape == (size**order, size)
    for row, context in enumerate(itertools.product(range(size), repeat=order)):
        np.testing.assert_allclose(found[row], loop_distribution(chain, context, k), atol=1e-14)


def test_power_of_what_was_never_seen_of_ends_and_of_no_number():
    # "c" is only ever followed by itself; "a b" and its like follow what training saw.
    chain = sa.MarkovChain(order=1).fit(list("abcccc"))
    assert chain.power(5)[:, 2].tolist() == [1.0, 1.0, 1.0]
    assert chain.power(1).tolist() == [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]
    turn = sa.MarkovChain(order=1).fit(list("abababa"))
    assert turn.power(10**6).tolist() == [[1.0, 0.0], [0.0, 1.0]], "it never forgets"
    second = sa.MarkovChain(order=2).fit(list("aabbaabba"))
    for k in (1, 2, 9):
        assert set(second.power(k).sum(axis=1)) == {1.0}
    holes = sa.MarkovChain(order=2).fit(list("abababab"))
    for k in (1, 2, 9):
        assert holes.power(k).sum(axis=1).tolist() == [0.0, 1.0, 1.0, 0.0], "a a and b b were never seen"
    for bad in (0, -1, 2.0, True, None, "2"):
        with pytest.raises(sa.errors.ParameterError) as caught:
            chain.power(bad)
        assert caught.value.name == "k"
    with pytest.raises(sa.errors.NotFittedError):
        sa.MarkovChain().power(2)


def test_bins_of_a_constant_and_of_huge_values():
    assert sa.MarkovChain(1, bins=3).fit([2.0] * 9).centers_.tolist() == [2.0]
    x = np.tile([-1.7e308, 1.7e308, 1.5e308], 20)
    chain = sa.MarkovChain(1, bins=2).fit(x)
    np.testing.assert_allclose(chain.centers_, [-1.7e308, 1.6e308], rtol=1e-12)
    np.testing.assert_allclose(chain.spreads_, [0.0, 1e307], rtol=1e-12)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_k_step_matrix_is_the_readers_own(order):
    chain = sa.MarkovChain(order).fit(list("abbabaabbbabab"))
    before = chain.transition_.copy()
    chain.power(1)[:] = 0.0
    assert chain.transition_.tolist() == before.tolist()


def test_a_chain_of_whole_numbers_and_of_booleans():
    chain = sa.MarkovChain().fit([10, 20, 10, 20, 20, 10])
    assert chain.states_ == (10, 20)
    assert chain.forecast([10.0, 20.0, 10.0], 1).tolist() == [20.0]
    assert sa.MarkovChain().fit(np.array([True, False, True])).states_ == (0, 1)
    with pytest.raises(sa.errors.DtypeError):
        sa.MarkovChain().fit([0.5, 1.0])


def test_symbols_seen_only_after_the_split_are_not_known_to_the_fit():
    series = sa.Series(["a", "b"] * 20 + ["c"] * 3)
    chain = sa.MarkovChain(smoothing=1.0).fit(series[:30])
    assert chain.states_ == ("a", "b")


def test_seattle_rain_is_a_chain_of_two_states():
    rain = np.genfromtxt(path("seattle_weather_daily.csv"), delimiter=",", skip_header=1, usecols=1) > 0
    series = sa.Series(np.where(rain, "wet", "dry").tolist(), name="rain")
    chain = sa.MarkovChain(order=1).fit(series)
    assert chain.states_ == ("dry", "wet")
    assert chain.counts_.tolist() == [[633, 204], [204, 419]]
    distributions = chain.predictive(chain.encode(series), 200).probabilities
    assert np.abs(distributions.sum(axis=-1) - 1.0).max() < 1e-12
    P = chain.transition_
    for k in (1, 2, 7, 64, 200):
        np.testing.assert_allclose(distributions[[0], k - 1], np.linalg.matrix_power(P, k)[[0]], atol=1e-13)
    result = sa.k_step(chain, series, 8, train=0)
    with pytest.raises(sa.errors.InputError, match="no distance") as caught:
        result.rmse()
    assert caught.value.code == "symbols"
    with pytest.raises(sa.errors.InputError):
        result.losses("squared")
    log, wrong = result.losses("log"), result.losses("zero-one")
    row, k = 100, 3
    origin = int(result.origins[row])
    place = int(series.values[origin + k - 1])
    distribution = np.linalg.matrix_power(P, k)[int(series.values[origin - 1])]
    assert log[row, k - 1] == pytest.approx(-np.log(distribution[place]))
    assert wrong[row, k - 1] == float(np.argmax(distribution) != place)
