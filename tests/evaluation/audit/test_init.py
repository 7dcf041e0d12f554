"""Every leak of the zoo is caught, no clean pipeline is accused, and bits see what `allclose` does not."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.audit import pipelines

from ... import column_zoo, zoo
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


# -- columns beside the values


def column_audit(pipeline):
    return sa.audit(pipeline, column_zoo.shelves(pipeline in column_zoo.WITH_HOLES), train=column_zoo.TRAIN)


def test_the_zoo_of_columns_is_complete():
    assert (len(column_zoo.LEAKS), len(column_zoo.LEAKY), len(column_zoo.CLEAN)) == (10, 10, 6)
    assert [check for _, check in column_zoo.LEAKY] == list(column_zoo.LEAKS.values())
    assert len({type(model) for model, _ in column_zoo.LEAKY}) == 10


@pytest.mark.parametrize("pipeline", column_zoo.LEAKS, ids=lambda pipeline: pipeline.__name__)
def test_every_leak_of_a_column_is_caught_in_a_function(pipeline):
    verdict = column_audit(pipeline)
    check = column_zoo.LEAKS[pipeline]
    assert verdict.verdict == "leaks"
    assert verdict.exhaustive
    assert verdict.first_leak.check == check
    assert column_zoo.by_hand(pipeline, column_zoo.shelves(pipeline in column_zoo.WITH_HOLES))[check] > 0
    if check == "K":
        assert {leak.check for leak in verdict.leaks} == {"K"}
        assert "the columns known ahead from" in str(verdict.first_leak)
    else:
        assert "rewritten" in str(verdict.first_leak)


@pytest.mark.parametrize(("model", "check"), column_zoo.LEAKY, ids=[model.name for model, _ in column_zoo.LEAKY])
@pytest.mark.parametrize("refits", [True, False], ids=["fits compared", "one fit"])
def test_every_leak_of_a_column_is_caught_in_a_model(model, check, refits, monkeypatch):
    if not refits:
        monkeypatch.setattr(pipelines.ModelPipeline, "refits_at", lambda self, cuts: set())
    series = column_zoo.shelves(isinstance(model, column_zoo.FilledFromBehind))
    verdict = sa.audit(model, series, column_zoo.H, column_zoo.TRAIN)
    if isinstance(model, column_zoo.PastTheTrainingPart):
        # A fit that reads on is seen where it is made again, and nowhere else: as a function it always is.
        assert verdict.causal is not refits
        assert {"B", "H"} <= {leak.check for leak in verdict.leaks} or not refits
        return
    assert verdict.verdict == "leaks"
    assert check in {leak.check for leak in verdict.leaks}
    assert bool(verdict.refits) is refits


@pytest.mark.parametrize("pipeline", column_zoo.CLEAN, ids=lambda pipeline: pipeline.__name__)
def test_no_clean_function_of_columns_is_accused(pipeline):
    verdict = column_audit(pipeline)
    assert verdict.causal, str(verdict)
    assert verdict.sensitive
    assert not verdict.idle
    moved = column_zoo.by_hand(pipeline, column_zoo.shelves(pipeline in column_zoo.WITH_HOLES))
    assert moved == {"H": 0, "K": 0}


@pytest.mark.parametrize("name", column_zoo.honest())
def test_no_honest_model_of_columns_is_accused(name):
    model = column_zoo.honest()[name]
    verdict = sa.audit(model, column_zoo.shelves(), column_zoo.H, column_zoo.TRAIN)
    assert verdict.causal, str(verdict)
    assert verdict.sensitive
    assert not verdict.idle
    assert verdict.known_cuts == verdict.cuts
    assert verdict.refits == 2 * verdict.cuts
    assert verdict.known == {"known": ("promo", "shelf"), "both": ("promo", "shelf"), "regressed": ("promo",),
                             "leads": ("promo",)}.get(name, ())  # fmt: skip


def test_leads_that_are_not_declared_are_a_leak():
    class Short(column_zoo.Plain):
        def with_known(self, steps, ahead):  # the step after the last is not there: it takes the last one
            later = np.append(ahead[:, 1:, 0], ahead[:, -1:, 0], axis=1)
            return steps + later

    verdict = sa.audit(Short((column_zoo.PROMO,)), column_zoo.shelves(), column_zoo.H, column_zoo.TRAIN)
    assert {leak.check for leak in verdict.leaks} == {"K"}
    assert "the first at step 3 at origin 77" in str(verdict.first_leak)  # its target is row 79, and it reads row 80


def test_a_model_whose_forecasts_move_with_none_of_its_columns_is_idle():
    verdict = sa.audit(column_zoo.Aside(), column_zoo.shelves(), column_zoo.H, column_zoo.TRAIN)
    assert verdict.idle
    assert verdict.causal
    assert "No forecast changed with warmth: the model is idle there." in verdict.summary()
    assert str(verdict).endswith("no forecast changed with warmth)")
    series = column_zoo.shelves().foreseen("warmth")
    upper = sa.audit(sa.Regressed(sa.AR(2), on="warmth", weights="level"), series, column_zoo.H, column_zoo.TRAIN)
    assert (upper.foreseen, upper.known, upper.idle) == (("warmth",), (), False)
    assert "warmth AS IF FORESEEN: an upper bound." in upper.summary()
    assert "warmth AS IF FORESEEN" in str(upper)


def test_columns_of_the_calendar_are_taken_on_nobodys_word():
    series = sa.datasets.shop(160)
    verdict = sa.audit(sa.AR(2, using=["promo", "weekday"]), series, 5)
    assert (verdict.columns, verdict.known) == (("promo", "weekday"), ("promo",))
    assert "promo was taken as known ahead, on your word: no audit can prove a plan." in verdict.summary()
    both = sa.audit(sa.AR(2, using=["promo", "holiday"]), series, 5)
    assert "promo, holiday were taken as known ahead, on your word" in both.summary()
    assert "The values and past columns after each of" in both.summary()


def test_a_series_without_columns_is_audited_as_ever():
    series = sa.datasets.noisy_sine(160)
    verdict = sa.audit(sa.AR(3), series, 5, 80)
    assert (verdict.columns, verdict.known_cuts, verdict.idle, verdict.rewritten) == ((), 0, False, "values")
    assert verdict.refits == verdict.cuts
    assert "column" not in verdict.summary()
