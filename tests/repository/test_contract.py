"""What every model promises, checked for every model on the one list."""

from __future__ import annotations

import inspect
from copy import deepcopy
from functools import cache

import numpy as np
import pytest

import stepahead as sa
from stepahead import testing, walk
from stepahead.evaluation.audit import parameter_bits, pipelines
from stepahead.models.model import Model

from ..cases import AS_PRINTED, CASES, OF_YEARS, Case
from ..counting import calls

TRAIN, HORIZON, YEAR = 60, 7, 366

every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
BY_NIGHT = {"StateSpace cycle": "StateSpace walk", "StateSpace season": "StateSpace walk", "LSTM ensemble": "GRU"}
"""Whose fits take long, and which model of the same family keeps every promise by day; the first one all of them do."""
every_model = pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name, marks=pytest.mark.slow if name in BY_NIGHT else []) for name, case in CASES.items()],
)


@cache
def fitted_once(case: Case):
    return case.make().fit(case.series()[:TRAIN])


def fitted(case: Case):
    """A copy of a fitted model: that copies forecast the same bits is a promise of its own, and fits take long."""
    return deepcopy(fitted_once(case))


def test_the_list_names_every_model_of_the_public_face():
    faces = (sa, sa.baselines, sa.wrappers)
    every = {name: getattr(face, name) for face in faces for name in face.__all__}
    public = {name for name, thing in every.items() if inspect.isclass(thing) and issubclass(thing, Model)}
    listed = {type(case.make()).__name__ for case in (*CASES.values(), *OF_YEARS.values())}
    assert public | {"TorchWindow"} == listed - set(AS_PRINTED), "what from_torch gives is a model, too"


@every_case
def test_fast_rollout_is_the_literal_loop_on_the_truncated_series(case):
    series = case.series()
    model = fitted(case)
    result = sa.k_step(model, series, HORIZON)
    for part in (result, result.training):
        for row in range(0, len(part.origins), 5):
            known = series.numbers[: part.origins[row]]
            expected = case.literal(model, known, HORIZON)
            np.testing.assert_allclose(part.predictions[row], expected, rtol=case.tolerance, atol=case.tolerance)


@every_model
def test_there_is_one_row_for_each_origin_from_the_context_to_the_end(case):
    series = case.series()
    model = fitted(case)
    state = model.encode(series)
    assert isinstance(state, tuple)
    assert {len(array) for array in state} == {len(series) - model.context + 1}
    result = sa.k_step(model, series, HORIZON)
    origins = np.concatenate([result.training.origins, result.origins])
    assert origins.tolist() == list(range(model.context, len(series) - HORIZON + 1))
    assert result.origins[0] == max(TRAIN, model.context)


@every_model
def test_it_keeps_the_contract_that_is_asked_of_anybody(case, monkeypatch):
    # The values that a fit sees are the same at every cut: where fits take long the first and the last are made again.
    monkeypatch.setattr(pipelines, "REFIT_SECONDS", 0.5)
    report = testing.check_forecaster(case.make(), case.series(), HORIZON, tolerance=case.tolerance)
    assert report.kept == tuple(testing.PROMISES)  # none left out: a long series goes in pieces too
    assert {"Planned", "Trained", "Noted", "Named"} <= set(report.declares)
    assert report.audit.exhaustive
    assert report.audit.cuts == 120 - TRAIN - HORIZON + 1
    assert report.audit.sensitive is not case.ignores_data
    assert (report.audit.prefixes, report.audit.gaps) == (8, 3)


@pytest.mark.parametrize("case", OF_YEARS.values(), ids=OF_YEARS.keys())
def test_what_needs_years_of_dates_keeps_the_contract_too(case, tmp_path):
    series = case.series(YEAR + 40)
    model = case.make().fit(series[:YEAR])
    result = sa.k_step(model, series, HORIZON)
    assert result.origins.tolist() == list(range(YEAR, len(series) - HORIZON + 1))
    for origin, found in zip(result.origins, result.predictions, strict=True):
        np.testing.assert_array_equal(found, case.literal(model, series.numbers[:origin], HORIZON))
    report = testing.check_forecaster(case.make(), case.series(2 * YEAR), HORIZON, tolerance=case.tolerance)
    assert report.kept == tuple(testing.PROMISES)
    assert report.audit.sensitive is not case.ignores_data
    model.save(tmp_path / "m.safetensors")
    loaded = sa.load(tmp_path / "m.safetensors")
    assert sa.k_step(loaded, series, HORIZON).predictions.tobytes() == result.predictions.tobytes()


@every_model
def test_poison_after_the_split_changes_no_parameter(case):
    series = case.series()
    poisoned = series.values.copy()
    poisoned[TRAIN:] = 0 if case.symbols else 1e9
    clean = fitted_once(case)
    other = case.make().fit(series.with_values(poisoned)[:TRAIN])
    assert parameter_bits(clean) == parameter_bits(other)
    poisoned_result = sa.evaluate(case.make(), series.with_values(poisoned), HORIZON, train=TRAIN)
    name = next(iter(poisoned_result))
    assert parameter_bits(poisoned_result[name].model) == parameter_bits(clean)


@every_model
def test_same_seed_same_bits_whatever_the_memory_layout(case):
    series = case.series()
    first, second = case.make().fit(series[:TRAIN]), fitted_once(case)
    assert parameter_bits(first) == parameter_bits(second)
    again = first.fit(series[:TRAIN])
    assert parameter_bits(again) == parameter_bits(second)
    predictions = sa.k_step(second, series, HORIZON).predictions
    assert sa.k_step(second, series, HORIZON).predictions.tobytes() == predictions.tobytes()
    if not case.symbols:
        # A column of big-endian numbers, backwards and with gaps in memory; each by itself: row P6 of the promises.
        values = np.repeat(series.values[::-1].astype(">f8"), 3)[::-3].reshape(-1, 1)
        assert parameter_bits(case.make().fit(values[:TRAIN])) == parameter_bits(second)
        assert second.forecast(values, HORIZON).tobytes() == second.forecast(series, HORIZON).tobytes()


@every_model
def test_a_clone_has_the_arguments_and_nothing_learned(case):
    from sklearn.base import clone

    model = fitted(case)
    for copy in (model.clone(), clone(model)):
        assert repr(copy) == repr(case.make())
        if not case.needs_fit:
            assert copy.forecast(case.series(), 3).tobytes() == model.forecast(case.series(), 3).tobytes()
            continue
        with pytest.raises(sa.errors.NotFittedError) as caught:
            copy.forecast(case.series(), 3)
        assert type(model).__name__ in str(caught.value)
        assert caught.value.code == "not-fitted"
    assert case.make().set_params(**model.get_params()).get_params().keys() == model.get_params().keys()
    with pytest.raises(sa.errors.ParameterError, match="no_such"):
        model.set_params(no_such=1)


@every_model
def test_nothing_is_done_to_the_users_data_or_model(case):
    series = case.series()
    before = series.values.tobytes()
    model = case.make()
    text = repr(model)
    sa.evaluate(model, series, HORIZON, train=TRAIN)
    assert series.values.tobytes() == before
    assert repr(model) == text
    assert "context" not in vars(model)


@every_model
def test_a_list_is_one_pooled_fit(case):
    one, two = case.series(seed=1), case.series(length=100, seed=2)
    heads = [one[:TRAIN], two[:70]]
    pooled = case.make().fit(heads)
    assert pooled.trained_lengths_.tolist() == [TRAIN, 70]
    result = sa.k_step(pooled, [one, two], HORIZON)
    assert result.start == (TRAIN, 70)
    for part, series in enumerate((one, two)):
        rows = result.part == part
        alone = sa.k_step(pooled, series, HORIZON, train=result.start[part])
        assert result.predictions[rows].tobytes() == alone.predictions.tobytes()
        assert result.origins[rows].tolist() == alone.origins.tolist()


@every_model
def test_the_order_of_a_panel_changes_no_bit(case):
    parts = [case.series(length=n, seed=s)[: n - 20] for n, s in ((90, 1), (80, 2), (100, 3))]
    series = case.series()
    first = case.make().fit(parts)
    second = case.make().fit([parts[2], parts[0], parts[1]])
    predictions = [sa.k_step(model, series, HORIZON, train=0).predictions.tobytes() for model in (first, second)]
    assert predictions[0] == predictions[1]


@every_model
def test_block_sizes_change_at_most_the_last_digits(case, monkeypatch):
    series = case.series()
    model = fitted(case)
    whole = sa.k_step(model, series, HORIZON).predictions
    monkeypatch.setattr(walk, "BLOCK_ROWS", (1, 7))
    np.testing.assert_allclose(
        sa.k_step(model, series, HORIZON).predictions, whole, rtol=case.tolerance, atol=case.tolerance
    )


@every_model
def test_a_fit_that_fails_leaves_a_model_that_is_not_fitted(case):
    model = fitted(case)
    with pytest.raises(sa.errors.StepaheadError):
        model.fit([])
    with pytest.raises(sa.errors.StepaheadError):
        model.set_params(no_such=1)
    model.set_params(**case.make().get_params())
    if not case.needs_fit:
        assert "trained_lengths_" not in vars(model)
        return
    with pytest.raises(sa.errors.NotFittedError):
        model.forecast(case.series(), 2)


@every_model
def test_gaps_cost_only_what_touches_them(case):
    series = case.series()
    values = series.symbols.astype(object).copy() if case.symbols else series.values.copy()
    values[[30, 80]] = None if case.symbols else np.nan
    gappy = sa.Series(values.tolist(), missing="skip")
    model = case.make().fit(gappy[:TRAIN])
    result = sa.k_step(model, gappy, HORIZON, train=TRAIN)
    assert not np.isnan(result.predictions).any()
    memory = model.context
    touched = set(range(81, 81 + memory)) if case.drops_gaps else set()
    assert set(result.origins) == set(range(max(TRAIN, memory), 120 - HORIZON + 1)) - touched
    if not case.symbols:
        assert result.n().tolist() == [int(sum(o + k - 1 != 80 for o in result.origins)) for k in range(1, HORIZON + 1)]
        assert np.isfinite(result.rmse()).all()
    if touched:
        with pytest.raises(sa.errors.InputError) as caught:
            model.forecast(gappy, 3, origin=81)
        assert caught.value.code == "missing-values"


@every_case
def test_saved_and_loaded_it_forecasts_the_same_bits(case, tmp_path):
    series = case.series()
    model = fitted(case)
    path = tmp_path / "model.safetensors"
    if not case.savable:
        with pytest.raises(sa.errors.ModelFileError, match="not a stepahead model"):
            model.save(path)
        assert not path.exists()
        return
    model.save(path)
    loaded = sa.load(path, **({} if case.module is None else {"module": case.module()}))
    assert type(loaded) is type(model)
    assert repr(loaded) == repr(model)
    assert loaded.forecast(series, 20).tolist() == model.forecast(series, 20).tolist()
    result = sa.k_step(loaded, series, HORIZON)
    assert result.start == (TRAIN,)
    assert result.predictions.tobytes() == sa.k_step(model, series, HORIZON).predictions.tobytes()
    assert model.fit(series[:TRAIN]).save(tmp_path / "again.safetensors") is None
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


@every_model
def test_too_short_is_said_with_both_numbers(case):
    series = case.series()
    model = fitted(case)
    with pytest.raises(sa.errors.InputError) as caught:
        sa.k_step(model, series[: model.context + 2], 3)
    assert caught.value.code == "too-short"
    assert caught.value.needed == model.context + 3
    assert caught.value.found == model.context + 2
    with pytest.raises(sa.errors.InputError) as caught:
        case.make().fit([])
    assert caught.value.code == "too-short"


@every_model
def test_bad_horizons_are_refused_by_name(case):
    series = case.series()
    model = fitted(case)
    for bad in (0, -1, 2.5, True, "3", float("nan"), None):
        for call in (lambda bad=bad: model.forecast(series, bad), lambda bad=bad: sa.k_step(model, series, bad)):
            with pytest.raises(sa.errors.ParameterError) as caught:
                call()
            assert caught.value.name == "horizon"
    with pytest.raises(sa.errors.ParameterError) as caught:
        model.forecast(series, 3, origin=len(series) + 1)
    assert caught.value.name == "origin"


@pytest.mark.parametrize("name", ["AR", "AR ridge", "MLP"])
def test_the_audit_costs_what_its_evaluations_cost(name):
    case = CASES[name]
    series = case.series(400)
    sa.evaluate(case.make(), series, 12, train=200)
    found = []
    audited = calls(lambda: found.append(sa.audit(case.make(), series, horizon=12, train=200)))
    evaluated = calls(lambda: sa.evaluate(case.make(), series, 12, train=200))
    assert found[0].exhaustive
    assert audited <= (found[0].cuts + 1) * evaluated
