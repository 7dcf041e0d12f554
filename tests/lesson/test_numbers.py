"""Every number of the lesson is computed, and lies where theory puts it."""

from __future__ import annotations

import json
import re
import sys

import numpy as np
import pytest

import stepahead as sa
from stepahead.lesson import lesson, numbers

from ..data import ROOT
from ..lessons import leaves

ROOM = ROOT


LANGUAGES = ("en", "zh")


def test_prose_takes_its_numbers_from_the_library():
    """A decimal typed into a sentence is one that defines the experiment, or one that the note or a book prints."""
    given = {
        "0.2", "0.01", "0.04", "0.054", "0.005", "0.014", "6.28", "6.04", "1.6", "0.6", "0.23", "3.9", "1.3",
        "0.15", "0.5", "0.48", "0.35", "1.1", "1.2", "2.2", "2.4", "0.1", "0.001", "0.995", "0.7",
    }  # fmt: skip
    for language in LANGUAGES:
        for path, text in leaves(lesson.read_words(language)).items():
            plain = re.sub(r"`[^`]*`|\{[^}]*\}", "", text)
            for found in re.findall(r"(?<![\d.])\d+\.\d+", plain):
                assert found in given, (language, path, found)


def test_the_typed_numbers_hold():
    facts = numbers.facts()
    assert facts["split.noise"] == pytest.approx(0.04)
    assert 0.001 < 0.054 - facts["wall4"] < 0.0065, "about 0.005 is left to gain"
    assert 2 * np.pi == pytest.approx(6.28, abs=0.01)
    assert facts["direction.64"] == pytest.approx(np.sqrt(0.2**2 + np.sin(0.64) ** 2 / 2))
    assert [round(facts[f"direction.{k}"], 3) for k in (1, 4, 16, 64)] == [0.200, 0.202, 0.230, 0.467]
    assert numbers.slope_spread(27) < 0.005 < numbers.slope_spread(26)
    assert facts["slope.4"] / 0.01 == pytest.approx(9, abs=0.3)
    assert [round(100 * numbers.right_direction(lags)) for lags in (4, 8, 64)] == [54, 61, 100]
    assert (facts["pretend"], facts["honest"]) == (pytest.approx(1.37, abs=0.005), pytest.approx(6.27, abs=0.005))
    assert facts["honest"] - facts["pretend"] == pytest.approx(49 * 0.1), "49 steps of variance 0.1"
    assert (0.2 - 0.15) / facts["chance"] == pytest.approx(6.5, abs=0.1), "six times too low"
    assert (
        1.7 < (0.2 - facts["zero.truth.64"]) / facts["chance"] < (0.2 - facts["zero.truth.1"]) / facts["chance"] < 2.2
    )
    assert facts["chain.week"] == pytest.approx(0.428, abs=0.001)
    limit = sa.datasets.noisy_sine(seed=0).limit
    assert limit.window(4, 64)[-1] == pytest.approx(0.48, abs=0.005), "the wall in the leaving test"


def test_the_first_state_of_the_page_is_what_its_sentences_say():
    facts = numbers.facts()
    assert facts["zero.net.64"] > facts["zero.naive.64"]
    assert facts["mean.ar16.1"] == min(facts[f"mean.{name}.1"] for name in ("net", "naive", "ar16", "ar128"))
    assert facts["mean.ar128.64"] == min(facts[f"mean.{name}.64"] for name in ("net", "naive", "ar16", "ar128"))
    assert facts["mean.net.64"] == max(facts[f"mean.{name}.64"] for name in ("net", "naive", "ar16", "ar128"))
    third = sorted(facts[f"mean.{name}.1"] for name in ("net", "naive", "ar16", "ar128"))
    assert third.index(facts["mean.ar128.1"]) in (1, 2)
    change = {name: facts[f"mean.{name}.64"] for name in ("gentle", "net64", "oneshot", "ar128")}
    assert min(change, key=change.get) == "ar128"
    assert facts["leak.centred3"] < facts["leak.centred9"] < facts["mean.truth.1"] < facts["leak.trailing9"]
    assert facts["leak.random_split"] < facts["leak.time_split"] - 0.05
    assert abs(facts["arrow.sine_forward"] - facts["arrow.sine_backward"]) < 0.02
    assert facts["arrow.logistic_backward"] > 3 * facts["arrow.logistic_forward"]
    assert facts["order.unshuffled.median"] > 1.5 * facts["order.pairs.median"]
    assert facts["mean.latent.64"] < facts["mean.latent.1"] + 0.005
    assert facts["mean.ar64.64"] < facts["gru.mean"], "the GRU as it comes loses to a linear window"


def test_the_title_is_answered_by_the_library():
    draw, facts = numbers.first_draw(), numbers.facts()
    spoken = {name: (facts[f"trust.{name}.first"], facts[f"trust.{name}.last"]) for name in ("latent", "ar128")}
    assert spoken == {"latent": (1, 64), "ar128": (13, 64)}
    saving, shown = draw.answer.saving, draw.answer.shown
    assert not any(shown[name].any() for name in ("net", "ar4", "ar64"))
    assert all((saving[name] >= 0.01).any() for name in ("ar4", "ar64")), "too close to call somewhere"
    assert (saving["net"] < 0.01).all(), "nowhere better, as measured"
    assert draw.baselines == ["Mean", "Naive", "SES", "Line", "Drift"], "the simple baselines that the sentence names"
    named = {f"trust.{name}.{end}" for name in spoken for end in ("first", "last")}
    for language in LANGUAGES:
        assert named == set(re.findall(r"\{(trust[\w.]+)\}", lesson.read_words(language)["last"]["trusted"]))


def test_the_range_to_be_found_is_the_librarys():
    draw, trust = numbers.first_draw(), numbers.for_script()["trust"]
    for name, line in trust["lines"].items():
        np.testing.assert_allclose(line, draw[name].rmse(), atol=5.1e-5)
    everyone = np.array([draw[name].rmse() for name in ("Mean", "Naive", "SES", "Line", "Drift")])
    np.testing.assert_allclose(trust["best"], everyone.min(axis=0), atol=5.1e-5)
    for name in ("net", "ar128", "latent"):
        first, last = trust["clear"].get(name, (1, 0))
        assert np.flatnonzero(draw.answer.shown[name]).tolist() == list(range(first - 1, last)), name


def test_the_counted_rows_and_origins_are_the_librarys():
    inputs, labels = sa.pairs(np.arange(1000.0), 4)
    assert [*inputs[599], labels[599]] == [599, 600, 601, 602, 603], "the 600th pair"
    origins = numbers.first_draw()["net"].origins
    assert (origins[0], origins[-1], len(origins)) == (604, 936, 333)
    small = sa.k_step(sa.AR(2).fit(np.sin(np.arange(50.0))), np.sin(np.arange(6.0)), 3, train=0)
    assert small.origins.tolist() == [2, 3], "T = 6, tau = 2, three steps"


def test_the_roots_of_the_text_are_those_of_the_figures():
    facts, script = numbers.facts(), lesson.script_text()
    assert f'new Figure("c11b", {{ modulus: {facts["root4.modulus"]:.4f}, angle: 0 }})' in script
    assert round(np.log(0.5) / np.log(0.9925)) == round(facts["root4.half"])
    assert facts["root4.endless"] == pytest.approx(abs(bench().dominant(4, 0.2)), abs=1e-4)
    weights = numbers.first_draw()["ar4"].model.coefficients_
    assert np.abs(weights - 0.25).max() < 0.035, "four weights near a quarter"
    assert np.sum(weights) == pytest.approx(facts["weights4"])


def test_the_error_by_window_is_that_of_the_staircase_and_of_a_fit_by_lstsq():
    found = numbers.measured()
    by_lags = found["lags"]
    assert len(by_lags["first"]) == len(by_lags["last"]) == 128
    for name, lags in (("ar4", 4), ("bic8", 8), ("ar16", 16), ("ar64", 64), ("ar128", 128)):
        rows = found["rmse"][name]["mean"]
        assert (by_lags["first"][lags - 1], by_lags["last"][lags - 1]) == (rows[0], rows[3]), name

    def by_hand(x: np.ndarray, lags: int) -> tuple[float, float]:
        def design(until):
            return np.column_stack([x[i : until - lags + i] for i in range(lags)] + [np.ones(until - lags)])

        *weights, constant = np.linalg.lstsq(design(604), x[lags:604], rcond=None)[0]
        errors = []
        for origin in range(604, 937):
            known = list(x[origin - lags : origin])
            for _ in range(64):
                known.append(float(np.dot(weights, known[-lags:])) + constant)
            errors.append((known[lags] - x[origin], known[-1] - x[origin + 63]))
        return tuple(np.sqrt(np.mean(np.square(errors), axis=0)))

    once = bench().by_lags(range(1), most=33)
    x = sa.datasets.noisy_sine(seed=0).numbers
    for lags in (1, 2, 5, 11, 33):
        assert (once["first"][lags - 1], once["last"][lags - 1]) == pytest.approx(by_hand(x, lags), abs=6e-5), lags
    # What the caption says of the two curves.
    first, last = by_lags["first"], by_lags["last"]
    assert first.index(min(first)) + 1 in range(9, 16)
    assert min(last[:20]) > 0.49
    assert last[127] < 0.24


def test_the_note_s_net_has_one_number_at_64_steps_over_the_draws():
    """Means and medians are those measured with the library; no figure of other draws stands beside them."""
    for language in LANGUAGES:
        text = "\n".join(leaves(lesson.read_words(language)).values())
        assert not re.search(r"0\.85|0\.67|0\.847|0\.668", text)
        assert "{mean.net.64:.2f}" in lesson.read_words(language)["last"]["title"]


def test_the_blocks_under_the_staircase_add_up_as_they_are_printed():
    parts = numbers.split()
    total = sum(parts.values())
    assert sum(round(part, 4) for part in parts.values()) == pytest.approx(round(total, 4), abs=1e-9)
    assert round(round(total**0.5, 4) ** 2, 4) == round(total, 4)


def test_measured_numbers_lie_where_theory_puts_them():
    found = numbers.measured()
    assert found["seeds"] == 20
    rows = {name: np.array(rows["mean"]) for name, rows in found["rmse"].items()}
    bands = {
        "truth": (0.198, 0.004), "latent": (0.200, 0.005), "ssa": (0.206, 0.008), "ar128": (0.226, 0.010),
        "ar64": (0.246, 0.020), "ar4": (0.506, 0.010), "ar16": (0.509, 0.010), "direct4": (0.503, 0.010),
        "direct128": (0.240, 0.010), "naive": (0.534, 0.010), "mean": (0.717, 0.010), "oneshot": (0.529, 0.010),
        "gentle": (0.645, 0.060), "bic8": (0.495, 0.010), "levels": (0.715, 0.010),
    }  # fmt: skip
    for name, (at, within) in bands.items():
        assert rows[name][3] == pytest.approx(at, abs=within), name
    assert 0.55 <= np.median(found["rmse"]["net"]["all"]) <= 0.80
    assert rows["net"][:3] == pytest.approx([0.231, 0.248, 0.369], abs=0.03)
    assert found["worse_than_last"] == 20
    for name in rows:
        assert (rows[name] >= rows["truth"] - 0.005).all(), f"{name} is under the noise: a leak"
    assert found["bayes"]["4"] == pytest.approx([0.221, 0.223, 0.252, 0.488], abs=0.003)
    assert found["bayes"]["64"] == pytest.approx([0.202, 0.202, 0.203, 0.205], abs=0.003)
    for width, at in ((3, 0.115), (9, 0.187), (21, 0.195)):
        assert found["leak"][f"centred{width}"] == pytest.approx(at, abs=0.003)
    assert found["leak"]["random_split"] == pytest.approx(0.505, abs=0.01)
    assert found["leak"]["time_split"] == pytest.approx(0.622, abs=0.01)
    assert (found["phase"]["first_complex"], found["phase"]["first_right"]) == (39, 47)
    for lags, at in ((2, 0.0006), (4, 0.0022), (8, 0.0084), (16, 0.032), (32, 0.131), (64, 0.571)):
        assert found["phase"]["threshold"][str(lags)] == pytest.approx(at, rel=0.05)


def test_the_bayes_wall_is_the_one_of_the_simulator():
    limit = sa.datasets.noisy_sine(seed=0).limit
    if not hasattr(limit, "bayes"):
        pytest.skip("the simulator does not know it")
    wall = limit.bayes(4, 64, origins=range(604, 937))
    assert numbers.measured()["bayes"]["4"] == pytest.approx(np.asarray(wall)[[0, 3, 15, 63]], abs=0.004)


def bench():
    sys.path.insert(0, str(ROOM / "benchmarks"))
    try:
        import lesson as measuring
    finally:
        sys.path.pop(0)
    return measuring


def test_the_file_of_measured_numbers_is_what_the_script_measures():
    measuring, found = bench(), numbers.measured()
    assert measuring.rain() == found["rain"]
    roots = [
        [measuring.dominant(lags, noise) for noise in (measuring.NOISES[0], measuring.NOISES[33])]
        for lags in (2, 16, 64)
    ]
    for row, lags in zip(roots, (2, 16, 64), strict=True):
        place = found["phase"]["taus"].index(lags)
        for root, noise in zip(row, (0, 33), strict=True):
            assert abs(root) == pytest.approx(found["phase"]["modulus"][place][noise], abs=1e-5)
            assert abs(np.angle(root)) == pytest.approx(found["phase"]["angle"][place][noise], abs=1e-5)
    assert measuring.trained(3, "pairs")[1] == pytest.approx(found["rmse"]["net"]["all"][3], abs=1e-4)
    assert measuring.bayes(4)[3] == pytest.approx(found["bayes"]["4"][3], abs=1e-4)


@pytest.mark.slow
def test_all_measured_numbers_again():
    measuring, found = bench(), numbers.measured()
    again = measuring.measure(range(found["seeds"]))
    for key, value in again.items():
        if key not in ("rmse", "order", "rest"):
            assert json.loads(json.dumps(value)) == found[key], key
    for name, rows in again["rmse"].items():
        assert rows["all"] == pytest.approx(found["rmse"][name]["all"], abs=2e-3), name
    for name in ("pairs", "unshuffled", "time"):
        assert again["order"][name]["median"] == pytest.approx(found["order"][name]["median"], abs=2e-3)
