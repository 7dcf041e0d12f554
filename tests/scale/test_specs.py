"""A spec means the same however it is written."""

from __future__ import annotations

import json

import pytest

import stepahead as sa
from stepahead.scale import Spec, specs
from stepahead.scale.specs import describe, made

from ..cases import CASES


def test_arguments_that_are_lists_or_models_are_data():
    assert specs._plain((1, [2, "a"], sa.AR(2))) == [1, [2, "a"], {"class": "AR", "lags": 2}]


def test_a_spec_means_the_same_however_it_is_written(tmp_path):
    plain = Spec.read({"models": ["ar"], "lags": 3, "horizon": 6})
    path = tmp_path / "spec.json"
    path.write_text('{"horizon": 6, "train": 0.6, "models": [{"lags": 3, "class": "AR"}]}')
    others = [
        Spec.read(path),
        Spec.read(str(path)),
        Spec.read(plain),
        Spec.read(plain.document()),
        Spec.of([sa.AR(3)], 6),
    ]
    assert {spec.hash for spec in others} == {plain.hash}
    assert Spec.read(json.loads(plain.text)) == plain
    changed = [
        {"horizon": 7},
        {"train": 0.5},
        {"steps": [1]},
        {"season": 2},
        {"missing": "skip"},
        {"every": 1},
        {"lags": 4},
    ]
    hashes = {Spec.read({"models": ["ar"], "lags": 3, "horizon": 6} | one).hash for one in changed}
    assert len(hashes | {plain.hash}) == len(changed) + 1
    assert list(Spec.read({"models": {"mine": {"class": "AR", "lags": 3}, "last": "naive"}, "horizon": 6}).models) == [
        "mine",
        "last",
    ]
    assert list(Spec.read({"models": "ar,ssa", "horizon": 6}).models) == ["AR(auto)", "SSA(auto)"]


@pytest.mark.parametrize(
    "given",
    [
        {}, {"models": ["ar"]}, {"horizon": 3}, {"models": [], "horizon": 3}, {"models": ["arr"], "horizon": 3},
        {"models": ["ar", "ar"], "horizon": 3}, {"models": ["mlp"], "horizon": 3}, {"models": ["ar"], "horizon": 0},
        {"models": [{"class": "System"}], "horizon": 3}, {"models": [{"class": "MLP"}], "horizon": 3},
        {"models": [{"class": "AR", "lags": 0}], "horizon": 3}, {"models": [{"class": "AR", "lags": 1, "x": 2}],
        "horizon": 3},
        {"models": ["ar"], "horizon": 3, "train": 2.0}, {"models": ["ar"], "horizon": 3, "steps": [4]},
        {"models": ["ar"], "horizon": 3, "missing": "fill"}, {"models": ["ar"], "horizon": 3, "colour": "red"}, 3,
        {"models": [3], "horizon": 3}, {"models": ["ar"], "horizon": 3, "lags": "many"},
        {"models": ["ar"], "horizon": 3, "every": []},
        {"models": ["ar"], "horizon": 3, "period": 0}, {"models": [{"class": "Scaled", "model": {"class": 3}}],
        "horizon": 3},
    ],
)  # fmt: skip
def test_specs_that_cannot_be_meant_are_refused(given):
    with pytest.raises(sa.errors.ParameterError):
        Spec.read(given)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.savable and case.module is None])
def test_our_models_go_into_a_spec_and_come_out_again(name):
    model = CASES[name].make()
    if isinstance(model, sa.Windowed):
        pytest.skip("a regressor is code of somebody else")
    assert repr(made(json.loads(json.dumps(describe(model))))) == repr(model)


def test_models_that_are_code_are_refused():
    from sklearn.linear_model import Ridge

    with pytest.raises(sa.errors.ParameterError, match='fit="each"'):
        Spec.of([sa.Windowed(Ridge(), lags=3)], 4)


@pytest.mark.parametrize("model", [
    "regressed",
    {"class": "AR", "lags": 2, "using": ["promo"]},
    {"class": "Scaled", "model": {"class": "AR", "lags": 2, "using": "past", "chunk": 4}},
])  # fmt: skip
def test_a_model_that_uses_other_columns_is_refused_before_any_work(model):
    with pytest.raises(sa.errors.InputError, match=r"uses other columns, and a shard.* holds values alone") as caught:
        Spec.read({"models": [model], "horizon": 4})
    assert caught.value.code == "column-place"
