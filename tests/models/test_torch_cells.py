"""GRU, LSTM and RNN: forecasts by torch's own layers from the weights that were learned; many nets in one fit."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import stepahead as sa  # noqa: E402

from ..data import sine  # noqa: E402

FEW = sa.Training(updates=3)
LAYERS = {sa.GRU: torch.nn.GRU, sa.LSTM: torch.nn.LSTM, sa.RNN: torch.nn.RNN}
every_cell = pytest.mark.parametrize("cell", LAYERS)


def by_torch(model, known: np.ndarray, horizon: int) -> list[float]:
    """The whole past through torch's layer, then step by step on its own forecasts."""
    w = {name: value[0] for name, value in model.net_.weights.items()}
    layer, head = LAYERS[type(model)](1, model.hidden), torch.nn.Linear(model.hidden, 1)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(w["input_weights"].T)
        layer.weight_hh_l0.copy_(w["hidden_weights"].T)
        layer.bias_ih_l0.copy_(w["input_bias"][0])
        layer.bias_hh_l0.copy_(w["hidden_bias"][0])
        head.weight.copy_(w["head_weights"].T)
        head.bias.copy_(w["head_bias"][0])
        given = torch.tensor((known - model.mean_) / model.scale_, dtype=torch.float32)[:, None]
        out, state = layer(given)
        found = []
        for _ in range(horizon):
            y = head(out[-1])
            found.append(float(y) * model.scale_ + model.mean_)
            out, state = layer(y[None], state)
    return found


@every_cell
def test_a_forecast_is_that_of_torchs_layer(cell):
    x = sine(0, 200)
    model = cell(6, training=FEW).fit(x[:150])
    np.testing.assert_allclose(model.forecast(x, 5), by_torch(model, x, 5), rtol=1e-4, atol=1e-5)


@every_cell
def test_its_name_has_its_width_and_its_repr_what_was_given(cell):
    kind = cell.__name__
    assert cell().name == f"{kind}(32)"
    assert repr(cell()) == f"{kind}()"
    assert repr(cell(8, training=FEW)) == f"{kind}(hidden=8, training=Training(updates=3))"
    with pytest.raises(sa.errors.ParameterError, match="hidden"):
        cell(0).fit(sine(0, 50))


def test_many_nets_in_one_fit_are_those_of_a_loop():
    panel = [sine(seed, 120) for seed in range(3)]
    model = sa.GRU(4, training=sa.Training(updates=2))
    found = model.fit_each(panel, seeds=[5, 6, 7])
    assert [one.seed for one in found] == [5, 6, 7]
    for one, series, seed in zip(found, panel, (5, 6, 7), strict=True):
        alone = model.clone().set_params(seed=seed).fit(series)
        np.testing.assert_allclose(one.forecast(series, 4), alone.forecast(series, 4), rtol=1e-3, atol=1e-3)
    assert not hasattr(model, "net_"), "the model itself stays as it is"


@pytest.mark.parametrize("given", [{"ensemble": 2}, {"training": sa.Training(augment="auto")}])
def test_what_cannot_be_trained_side_by_side_is_refused(given):
    with pytest.raises(sa.errors.ParameterError, match="fit_each trains a batch of plain nets") as caught:
        sa.GRU(4, **given).fit_each([sine(0, 60)])
    assert caught.value.code == "parameter"


def test_weights_of_another_width_are_refused(tmp_path):
    from stepahead.models.torch_cells import GRU

    arrays = sa.GRU(4, training=FEW).fit(sine(0, 60)).net_.arrays()
    with pytest.raises(ValueError, match="32 bits"):
        GRU(5)._weighted(arrays)
