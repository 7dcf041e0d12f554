"""Every leak of the zoo is caught, no clean pipeline is accused, and bits see what `allclose` does not."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa

from ... import zoo
from ...zoo import CLEAN, LAGS, LEAKS, LENGTH, TRAIN, VALUES, H


def test_the_zoo_is_complete():
    assert (len(set(LEAKS)), len(set(CLEAN))) == (31, 11)


@pytest.mark.parametrize("pipeline", LEAKS, ids=lambda pipeline: pipeline.__name__)
def test_every_leak_is_caught(pipeline):
    verdict, found = zoo.judged(pipeline)
    assert not verdict.causal
    assert verdict.exhaustive
    assert verdict.verdict == ("not decided" if pipeline in zoo.IN_FILES else "leaks")
    assert {leak.check for leak in verdict.leaks} & set("ABE") or pipeline in (*zoo.IN_FILES, *zoo.WHERE_MISSING)
    assert found.changed or found.lost or found.gaps  # the loop by hand sees it too


@pytest.mark.parametrize("pipeline", CLEAN, ids=lambda pipeline: pipeline.__name__)
def test_no_clean_pipeline_is_accused(pipeline):
    if pipeline is zoo.appended_in_statsmodels:
        pytest.importorskip("statsmodels")
    verdict, found = zoo.judged(pipeline)
    assert verdict.causal, str(verdict)
    assert verdict.sensitive
    assert (found.changed, found.lost, found.worst, found.gaps) == (0, 0, 0.0, 0)
    assert found.compared > 500


def test_allclose_would_let_two_of_them_pass():
    passed = [pipeline for pipeline in LEAKS if zoo.by_rounding(zoo.judged(pipeline)[1])]
    assert passed == [zoo.least_squares_scaled_by_everything, zoo.least_squares_between_the_extremes_of_everything]
    for pipeline in passed:
        found = zoo.judged(pipeline)[1]
        assert 0.9 * found.compared < found.changed  # nearly every row
        assert 0.0 < found.worst < 1e-6
    # The same scaler, before a model that is not scale-free.
    assert zoo.judged(zoo.ridge_scaled_by_everything)[1].worst > 0.1


def test_a_leak_that_reaches_one_step_is_seen_at_its_place():
    verdict, found = zoo.judged(zoo.holes_drawn_through)
    holes = {t for t in range(TRAIN, LENGTH - H) if t % 7 == 3}
    assert {leak.cut for leak in verdict.leaks} == {hole + 1 for hole in holes}
    assert found.changed == len(holes)


def test_the_last_batch_is_missed_where_the_series_ends_sooner():
    verdict, found = zoo.judged(zoo.last_batch_dropped)
    assert {leak.check for leak in verdict.leaks} == {"E"}
    assert (found.changed, found.worst) == (0, 0.0)  # rewriting shows nothing: the length is the leak
    leak = verdict.first_leak
    base, short = (zoo.last_batch_dropped(values) for values in (VALUES, VALUES[: leak.cut]))
    assert leak.origin in base
    assert leak.origin not in short
    assert leak.origin + H <= leak.cut


@pytest.mark.parametrize("pipeline", zoo.WHERE_MISSING, ids=lambda pipeline: pipeline.__name__)
def test_a_switch_on_what_is_missing_is_seen_by_missing_values_alone(pipeline):
    verdict, found = zoo.judged(pipeline)
    assert {leak.check for leak in verdict.leaks} == {"N"}
    assert found.changed == found.lost == 0
    assert "missing, " in str(verdict.first_leak)


@pytest.mark.parametrize("pipeline", zoo.IN_FILES, ids=lambda pipeline: pipeline.__name__)
def test_a_file_that_outlives_a_run_is_named(pipeline):
    verdict, _ = zoo.judged(pipeline)
    assert not verdict.leaks
    assert verdict.files_carried
    assert set(verdict.files_carried) <= set(verdict.files_written)
    assert all(name in verdict.summary() for name in verdict.files_carried)
    assert "NOT DECIDED" in str(verdict)


def test_files_of_clean_pipelines_are_named_and_accuse_nobody():
    found = {each: zoo.judged(each)[0] for each in (zoo.logged, zoo.with_a_file_of_the_users, zoo.saved_and_read_back)}
    assert [verdict.files_written for verdict in found.values()] == [("runs.csv",), (), ("line.npy",)]
    assert [verdict.files_read for verdict in found.values()] == [(), (zoo.HOLIDAYS,), ()]
    assert [verdict.files_carried for verdict in found.values()] == [(), (), ()]
    assert "'runs.csv'" in found[zoo.logged].summary()
    assert "'holidays.txt'" in found[zoo.with_a_file_of_the_users].summary()


@pytest.mark.parametrize(
    "chosen",
    [
        lambda n: range(TRAIN, n + 1, 10),
        lambda n: range(n, LAGS, -7),
        lambda n: range(n - H, LAGS, -2),
        lambda n: range(n - 40, n - H + 1),
        lambda n: range(int(0.7 * n), n - 30),
        lambda n: np.random.default_rng(0).choice(np.arange(LAGS, n - H), 30, replace=False).tolist(),
    ],
    ids=[
        "every tenth",
        "counted from the end",
        "every second from the end",
        "the last 40",
        "far from the end",
        "at random",
    ],
)
def test_which_origins_are_scored_is_nobody_elses_business(chosen):
    def repeated(x):
        return {o: [x[o - 1]] * H for o in chosen(len(x))}

    assert sa.audit(repeated, VALUES, train=TRAIN).causal


def test_the_table_is_printed(capsys):
    zoo.main()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 31 + 11 + 3
    assert sum("LEAKS" in line for line in lines) == 25
    assert sum("not decided" in line for line in lines) == 6 + 1
    assert sum("LEAKS, by rounding" in line for line in lines) == 2
    assert lines[-2] == "31 of 31 leaks caught or not decided, 0 of 11 clean pipelines accused."
    assert lines[-1] == "np.allclose in place of bits would let 2 of the leaks pass."
