"""What every model promises, checked for every model on the one list."""

from __future__ import annotations

import inspect
from copy import deepcopy
from functools import cache

import numpy as np
import pytest

import stepahead as sa
from stepahead import testing, walk
from stepahead.covariates import group_of
from stepahead.evaluation.audit import parameter_bits, pipelines
from stepahead.evaluation.audit.perturbed import known_rewritten, rewritten
from stepahead.models.model import Model
from stepahead.protocols import columns_of
from stepahead.testing.contract import COLUMN_PROMISES

from ..cases import AS_PRINTED, CASES, OF_YEARS, WITH_COLUMNS, Case, ColumnCase
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
    listed = {type(case.make()).__name__ for case in (*CASES.values(), *OF_YEARS.values(), *WITH_COLUMNS.values())}
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


# -- models that use columns

with_columns = pytest.mark.parametrize("case", WITH_COLUMNS.values(), ids=WITH_COLUMNS.keys())


def turned(series: sa.Series, others: bool) -> sa.Series:
    """The same series with its columns the other way round, and others among them."""
    known = {name: series.known.values[:, place] for place, name in enumerate(series.known.names[:2])}
    past = {"warmth": series.past.values[:, 0]}
    if others:
        known = {"another": np.arange(len(known["promo"])) % 5, **known}
        past = {**past, "other": np.cos(np.arange(len(series)))}
    return sa.Series(
        series.values,
        times=series.times,
        known=dict(reversed(known.items())),
        past=dict(reversed(past.items())),
        calendar=["trend", "weekday"] if others else ["weekday"],
    )


@cache
def column_fit(case: ColumnCase):
    return case.make().fit(case.series()[:TRAIN])


@with_columns
def test_with_columns_the_fast_rollout_is_the_literal_loop_on_the_truncated_series(case):
    series = case.series()
    model = deepcopy(column_fit(case))
    assert columns_of(model)
    result = sa.k_step(model, series, HORIZON)
    assert result.origins.tolist() == list(range(TRAIN, len(series) - HORIZON + 1))
    for part in (result, result.training):
        for row in range(0, len(part.origins), 5):
            expected = case.literal(model, series[: part.origins[row]], HORIZON)
            size = np.abs(expected).max()
            np.testing.assert_allclose(part.predictions[row], expected, rtol=case.tolerance, atol=case.tolerance * size)
    beyond = model.forecast(series, 20)  # where the values are not yet there, from the known rows
    np.testing.assert_allclose(beyond, case.literal(model, series, 20), rtol=10 * case.tolerance)


@with_columns
def test_with_columns_it_keeps_the_contract_and_what_columns_ask_for(case, monkeypatch):
    monkeypatch.setattr(pipelines, "REFIT_SECONDS", 0.5)
    report = testing.check_forecaster(case.make(), case.series(), HORIZON, tolerance=case.tolerance)
    left_out = {"columns far enough"} & set(report.left_out)
    assert report.kept == (*testing.PROMISES, *(name for name in COLUMN_PROMISES if name not in left_out))
    kinds = {column.kind for column in columns_of(column_fit(case))}
    assert bool(left_out) is ("calendar" in kinds or kinds == {"past"})
    assert report.audit.causal
    assert report.audit.sensitive
    assert not report.audit.idle
    assert report.audit.known_cuts == report.audit.cuts
    assert ("promo" in report.audit.known) is any(c.name == "promo" for c in columns_of(column_fit(case)))


@with_columns
def test_columns_that_are_not_used_and_their_order_change_no_bit_of_fit_and_forecast(case):
    series, model = case.series(), column_fit(case)
    for others in (False, True) if case.by_name else (False,):
        changed = turned(series, others)
        other = case.make().fit(changed[:TRAIN])
        if case.by_name:
            assert parameter_bits(other) == parameter_bits(model)
            found = sa.k_step(other, changed, HORIZON).predictions
            assert found.tobytes() == sa.k_step(model, series, HORIZON).predictions.tobytes()
        # A fitted model asks for them by name, wherever they stand.
        found = sa.k_step(model, changed, HORIZON).predictions
        assert found.tobytes() == sa.k_step(model, series, HORIZON).predictions.tobytes()
        assert model.forecast(changed, 5, origin=70).tobytes() == model.forecast(series, 5, origin=70).tobytes()


@with_columns
def test_poison_in_values_and_columns_after_the_split_changes_no_parameter(case):
    series = case.series()
    poisoned = rewritten(known_rewritten(series, TRAIN, 0, 0), TRAIN, 0, 0)
    assert parameter_bits(case.make().fit(poisoned[:TRAIN])) == parameter_bits(column_fit(case))
    assert parameter_bits(case.make().fit(poisoned[:TRAIN].closed())) == parameter_bits(column_fit(case))


@with_columns
def test_saved_and_loaded_it_asks_for_its_columns_by_name_and_kind(case, tmp_path):
    series, model, path = case.series(), deepcopy(column_fit(case)), tmp_path / "model.safetensors"
    model.save(path)
    loaded = sa.load(path)
    assert repr(loaded) == repr(model)
    assert (loaded.columns_, loaded.leads, loaded.name) == (model.columns_, model.leads, model.name)
    assert loaded.forecast(turned(series, True), 20).tobytes() == model.forecast(series, 20).tobytes()
    assert (
        sa.k_step(loaded, series, HORIZON).predictions.tobytes()
        == sa.k_step(model, series, HORIZON).predictions.tobytes()
    )
    model.fit(series[:TRAIN]).save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()
    name = group_of(loaded.columns_[0].name)
    bare = sa.Series(series.values, times=series.times)
    with pytest.raises(sa.errors.InputError, match=f"uses '{name}', which the series does not have") as caught:
        loaded.forecast(bare, 3)
    assert caught.value.code == "column-unknown"
    known = [column.name for column in loaded.columns_ if column.kind == "known"]
    if known:
        measured = {column: series.known.values[: len(series), series.known.names.index(column)] for column in known}
        warmth = {"warmth": series.past.values[:, 0]}
        other = sa.Series(
            series.values, times=series.times, past=measured | warmth, known={"other": warmth["warmth"]},
            calendar=["weekday"],
        )  # fmt: skip
        with pytest.raises(sa.errors.InputError) as caught:
            loaded.forecast(other, 3)
        assert caught.value.code == "column-kind"
        if loaded.columns_on(series)[1] is None:
            with pytest.raises(sa.errors.InputError, match="add 1 row with") as caught:
                loaded.forecast(series, 41)
            assert (caught.value.code, caught.value.found, caught.value.needed) == ("known-short", 160, 161)


@with_columns
def test_with_columns_a_clone_has_the_arguments_and_nothing_learned(case):
    model = deepcopy(column_fit(case))
    copy = model.clone()
    assert repr(copy) == repr(case.make())
    assert columns_of(copy) == ()
    with pytest.raises(sa.errors.NotFittedError):
        copy.forecast(case.series(), 3)
    with pytest.raises(sa.errors.StepaheadError):
        model.fit([])
    assert columns_of(model) == ()  # a fit that fails leaves nothing
    assert not {*model._learned, *model._learned_of_columns} & set(vars(model))


@with_columns
def test_with_columns_a_list_is_one_pooled_fit_in_whatever_order(case):
    parts = [case.series(n, s)[: n - 20] for n, s in ((110, 1), (100, 2), (120, 3))]
    one, other = case.make().fit(parts), case.make().fit([parts[2], parts[0], parts[1]])
    series = case.series()
    first, second = (sa.k_step(model, series, HORIZON, train=0).predictions for model in (one, other))
    assert first.tobytes() == second.tobytes()
    panel = [case.series(110, 1), case.series(100, 2)]
    result = sa.k_step(one, panel, HORIZON, train=60)
    for part, series in enumerate(panel):
        alone = sa.k_step(one, series, HORIZON, train=60)
        assert result.predictions[result.part == part].tobytes() == alone.predictions.tobytes()


@with_columns
def test_with_columns_block_sizes_change_at_most_the_last_digits(case, monkeypatch):
    series, model = case.series(), deepcopy(column_fit(case))
    whole = sa.k_step(model, series, HORIZON).predictions
    monkeypatch.setattr(walk, "BLOCK_ROWS", (1, 7))
    found = sa.k_step(model, series, HORIZON).predictions
    np.testing.assert_allclose(found, whole, rtol=case.tolerance, atol=case.tolerance)
