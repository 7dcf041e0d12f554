"""Many series in, of every kind and in any order."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa

from ..data import each, readings, sine
from ..fleets import waves


def test_the_order_of_a_panel_changes_no_bit_of_a_chain_or_a_baseline():
    one, two = sa.Series(list("bcb" * 9)), sa.Series(list("aba" * 9))
    first, second = sa.MarkovChain().fit([one, two]), sa.MarkovChain().fit([two, one])
    assert first.states_ == second.states_ == ("a", "b", "c")
    assert first.transition_.tobytes() == second.transition_.tobytes()
    frame = sa.k_step(first, [one, two], 2, train=0).to_frame("predictions")
    assert set(frame["y"][frame["unique_id"] == "1"]) == {"a", "b"}
    with pytest.raises(sa.errors.DtypeError, match="found both"):
        sa.evaluate(sa.baselines.Naive(), [one, sa.Series(sine(0, 40))], 2)


def test_one_series_is_a_panel_of_one():
    one, listed = (each(sa.AR(2), given, 3) for given in (sa.Series(sine(0, 80)), [sine(0, 80)]))
    assert one.scorer.by_series("rmse").tolist() == listed.scorer.by_series("rmse").tolist()


def test_numbers_among_symbols_are_named():
    scores = each(sa.MarkovChain(1), [["a", "b"] * 20, np.arange(40.0)], horizon=2)
    assert "all numbers or all text" in scores.failed["1"]


def test_every_kind_of_panel_gives_the_same_scores(tmp_path):
    x = waves(5, 90)
    mapped = np.lib.format.open_memmap(tmp_path / "x.npy", mode="w+", dtype=np.float64, shape=x.shape)
    mapped[:] = x
    kinds = {
        "array": x,
        "map": mapped,
        "fortran": np.asfortranarray(x),
        "read-only": np.broadcast_to(x, x.shape),
        "list": list(x),
        "lists": x.tolist(),
        "series": [sa.Series(row) for row in x],
        "panel": sa.Panel([sa.Series(row) for row in x]),
        "generator": (row for row in x),
    }
    expected = each(sa.AR(2), x.copy(), horizon=4)
    for kind, panel in kinds.items():
        found = each(sa.AR(2), panel, horizon=4)
        assert found.status == expected.status, kind
        for key, values in readings(expected).items():
            np.testing.assert_array_equal(found.scorer.by_series(key), values, err_msg=f"{kind} {key}")
    whole = np.rint(10 * x)
    for dtype in (np.int32, np.float32):
        found = each(sa.AR(2), whole.astype(dtype), horizon=4)
        np.testing.assert_array_equal(
            found.scorer.by_series("rmse"), each(sa.AR(2), whole, horizon=4).scorer.by_series("rmse")
        )


def test_a_panel_with_refused_series_says_so_and_names_stay_apart():
    panel = sa.Panel([sa.Series(row, name="a") for row in waves(2, 60)], refused={"b": "none was observed"})
    scores = each(sa.AR(2), panel, horizon=4)
    assert scores.status == {"a": "ok", "a #1": "ok", "b": "none was observed"}
    assert scores.failed == {"b": "none was observed"}
    assert "1 of 3 series are not scored" in str(scores)


@pytest.mark.parametrize(
    ("panel", "error"),
    [(waves(1, 60)[0], sa.errors.DtypeError), ("load.csv", sa.errors.InputError), (3, sa.errors.DtypeError),
     ([], sa.errors.InputError),
     ([[1.0, np.nan]], sa.errors.InputError), (np.zeros((2, 3, 4)), sa.errors.DtypeError)],
)  # fmt: skip
def test_what_is_no_panel_is_refused(panel, error):
    with pytest.raises(error):
        each(sa.AR(2), panel, horizon=4)
