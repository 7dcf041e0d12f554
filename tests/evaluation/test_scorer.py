"""How the errors behind a table show themselves."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa

from ..data import ALWAYS, sine, streamed
from ..strangers import Silent

Y = sine(0, 200)


SINE = sa.datasets.noisy_sine(seed=0)
PANEL = [sine(seed, 300) * 10.0**seed + seed for seed in range(4)]


def by_hand(result, name: str, power: int) -> np.ndarray:
    """The mean loss of a panel, [steps], each error in units of its series' own scale: row by row, number by number."""
    found = result[name]
    total, count = np.zeros(len(found.steps)), 0
    for row, (index, origin) in enumerate(zip(found.part, found.origins, strict=True)):
        values = found._panel[index].values
        head = values[: found.start[index]]
        step = np.diff(head)
        scale = min(np.mean((head - head.mean()) ** 2), np.mean(step * step))
        if scale == 0.0:
            continue
        count += 1
        for place, k in enumerate(found.steps):
            total[place] += abs(found.predictions[row, place] - values[origin + k - 1]) ** power / scale ** (power / 2)
    return total / count


def test_it_shows_the_error_of_every_model_over_all_series():
    rng = np.random.default_rng(0)
    panel = [sa.Series(rng.normal(size=60), name=f"s{i}") for i in range(5)]
    scorer = sa.evaluate([sa.AR(2)], panel, 4, fit="each", keep="scores").scorer
    caption, head, *rows = repr(scorer).splitlines()
    assert caption == "rmse by number of steps ahead, 105 origins of 5 series"  # 60 - 36 - 4 + 1 from each
    assert head.split() == ["k=1", "k=4"]
    assert [row.split()[0] for row in rows] == ["AR(2)", *ALWAYS]
    assert float(rows[0].split()[1]) == round(float(scorer.pooled("rmse")[0, 0]), len(rows[0].split()[1].split(".")[1]))
    assert scorer._repr_html_().count("<tr>") == 2 + len(ALWAYS)


def test_of_symbols_it_shows_the_share_of_wrong_ones():
    scorer = sa.evaluate(sa.MarkovChain(), list("ssrsr" * 12), 3, keep="scores").scorer
    assert repr(scorer).startswith("zero_one by number of steps ahead, ")


def test_a_name_cannot_write_on_the_terminal_or_into_the_page():
    result = sa.evaluate({"<b>\x1b[31m": sa.AR(2)}, sa.datasets.nile(), 3, keep="scores")
    assert "\x1b" not in repr(result.scorer)
    assert "<b>" not in result.scorer._repr_html_()


@pytest.mark.parametrize("factor", [1e-200, 1e-170, 1e-5, 1.0, 1e200])
def test_readings_hold_their_digits_at_every_size(factor):
    plain = sa.evaluate(sa.AR(2), Y, 2)["AR(2)"]
    scaled = sa.evaluate(sa.AR(2), Y * factor, 2)["AR(2)"]
    np.testing.assert_allclose(scaled.rmse() / factor, plain.rmse(), rtol=1e-9)
    np.testing.assert_allclose(scaled.skill(), plain.skill(), rtol=1e-8)
    assert "0.000" not in repr(scaled).replace("-0.000", "").split("bias")[0]


def test_squares_past_the_largest_number_are_an_error():
    with pytest.raises(sa.errors.InputError, match="the squared errors leave the range of numbers") as caught:
        streamed(sa.baselines.Naive(), 1e200 * sine(0, 100), 2, train=50)
    assert caught.value.code == "overflow"


def test_skill_is_one_minus_a_ratio_of_mean_squared_errors():
    result = sa.evaluate([sa.AR(4)], SINE, 16, 604, season=100)
    actual = np.lib.stride_tricks.sliding_window_view(SINE.values[604:], 16)
    mean = SINE.values[:604].mean()
    last = SINE.values[603 : 603 + len(actual), None]
    season = np.stack([SINE.values[504 + i : 520 + i] for i in range(len(actual))])
    losses = [((forecast - actual) ** 2).mean(axis=0) for forecast in (mean, last, season)]
    own = ((result["AR(4)"].predictions - actual) ** 2).mean(axis=0)
    others = [((found.predictions - actual) ** 2).mean(axis=0) for name, found in result.items() if name != "AR(4)"]
    np.testing.assert_allclose(result["AR(4)"].skill(), 1 - own / np.min(others, axis=0), rtol=1e-9)
    for name, loss in zip(("Mean", "Naive", "SeasonalNaive(100)"), losses, strict=True):
        np.testing.assert_allclose(result["AR(4)"].skill(name), 1 - own / loss, rtol=1e-9)
    with pytest.raises(sa.errors.ParameterError):
        result["AR(4)"].skill("Harmonic(50)")


@pytest.mark.parametrize("fit", ["pooled", "each"])
def test_a_panel_is_pooled_in_units_of_each_scale(fit):
    panel = [*PANEL, sine(9, 220)[::-1].copy()]
    result = sa.evaluate([sa.AR(4)], panel, 5, 0.6, fit=fit, steps=[1, 3, 5])
    for name in result:
        np.testing.assert_allclose((result[name].rmse() ** 2), by_hand(result, name, 2), rtol=1e-9)
        np.testing.assert_allclose(result[name].mae(), by_hand(result, name, 1), rtol=1e-9)
    saved = 1 - by_hand(result, "AR(4)", 2) / np.min([by_hand(result, name, 2) for name in ALWAYS], axis=0)
    np.testing.assert_allclose(result["AR(4)"].skill(), saved, rtol=1e-9)
    found = result["AR(4)"]
    errors = found.predictions - found.actuals
    np.testing.assert_allclose(found.rmse(scaled=False), np.sqrt((errors**2).mean(axis=0)), rtol=1e-12)
    np.testing.assert_allclose(found.mae(scaled=False), np.abs(errors).mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.bias(scaled=False), errors.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(result.by_step("rmse", scaled=False)["AR(4)"], found.rmse(scaled=False), rtol=1e-12)


@pytest.mark.parametrize(
    ("factor", "shift"), [(1000.0, 0.0), (1000.0, 1e6), (-3.0, 0.0), (-3.0, 1e6), (2.0**-40, 0.0), (2.0**40, 1.0)]
)
def test_the_unit_and_level_of_a_series_give_it_no_weight(factor, shift):
    """A model that is indifferent to both, so that forecasts move with the series."""
    panel = [sine(seed, 200) for seed in range(3)]
    other = [panel[0], panel[1] * factor + shift, panel[2]]
    for fit in ("pooled", "each"):
        one, two = (sa.evaluate([sa.baselines.Drift(), Silent()], given, 6, fit=fit) for given in (panel, other))
        for name in one:
            for reading in ("rmse", "mae", "skill"):
                np.testing.assert_allclose(
                    getattr(two[name], reading)(),
                    getattr(one[name], reading)(),
                    rtol=1e-6,
                    atol=1e-8,
                    err_msg=f"{name} {reading}",
                )
        answers = [found.answer for found in (one, two)]
        assert answers[0].headline == answers[1].headline
        np.testing.assert_array_equal(*(answer.shown["Silent"] for answer in answers))


def test_a_constant_series_is_left_out_of_what_is_pooled_and_said():
    panel = [sine(0, 200), np.full(200, 7.0), sine(1, 200)]
    for given in ({}, {"keep": "scores"}):
        without = sa.evaluate([sa.baselines.Drift()], [panel[0], panel[2]], 4, **given).by_step("rmse")
        with pytest.warns(sa.errors.StepaheadWarning, match="1 of 3 series are constant in training"):
            found = sa.evaluate([sa.baselines.Drift()], panel, 4, **given).by_step("rmse")
        for name, values in without.items():
            np.testing.assert_allclose(found[name], values, rtol=1e-12)
    every = sa.evaluate([sa.baselines.Drift()], panel, 4)["Drift"]
    np.testing.assert_allclose(
        every.rmse(scaled=False), np.sqrt(((every.predictions - every.actuals) ** 2).mean(axis=0))
    )
