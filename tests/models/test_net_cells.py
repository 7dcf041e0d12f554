"""Nets side by side against torch's own cells one at a time; weights in and out of files."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import stepahead as sa  # noqa: E402
from stepahead.models.net_cells import (  # noqa: E402
    Modules,
    NetBatch,
    ahead,
    check_weights,
    loaded_modules,
    restarted,
    stored_weights,
)

HIDDEN, NETS, ROWS = 5, 3, 4
CELLS = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}


def batch(kind: str, chunk: int = 1) -> NetBatch:
    return NetBatch.fresh(kind, HIDDEN, chunk, [(seed, 0) for seed in range(NETS)])


def alone(net: NetBatch, place: int):
    """The same net as a cell of torch and a linear head."""
    cell, head = CELLS[net.kind](1, HIDDEN), torch.nn.Linear(HIDDEN, net.chunk)
    w = {name: value[place] for name, value in net.weights.items()}
    with torch.no_grad():
        cell.weight_ih.copy_(w["input_weights"].T)
        cell.weight_hh.copy_(w["hidden_weights"].T)
        cell.bias_ih.copy_(w["input_bias"][0])
        cell.bias_hh.copy_(w["hidden_bias"][0])
        head.weight.copy_(w["head_weights"].T)
        head.bias.copy_(w["head_bias"][0])
    return cell, head


@pytest.mark.parametrize("kind", CELLS)
def test_each_net_is_the_cell_of_torch(kind):
    net = batch(kind)
    values = torch.randn(6, NETS, ROWS, generator=torch.Generator().manual_seed(0))
    state = net.start(ROWS)
    for y in values:
        state = net.update(state, y)
    found = net.forecast(state)
    assert found.shape == (NETS, ROWS, 1)
    for place in range(NETS):
        cell, head = alone(net, place)
        own = None
        for y in values[:, place]:
            own = cell(y[:, None], own)
        hidden = own[0] if kind == "lstm" else own
        torch.testing.assert_close(state[0][place], hidden.detach(), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(found[place], head(hidden).detach(), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("chunk", "steps"), [(1, 3), (2, 5), (4, 4)])
@pytest.mark.parametrize("jointly", [False, True])
def test_a_roll_out_feeds_each_net_its_own_forecast_or_the_mean(chunk, steps, jointly):
    net = batch("gru", chunk)
    begin = net.update(net.start(ROWS), torch.randn(NETS, ROWS, generator=torch.Generator().manual_seed(1)))
    found = ahead(net, begin, steps, jointly)
    assert found.shape == (NETS, ROWS, steps)
    state, expected = begin, []
    while len(expected) < steps:
        y = net.forecast(state)
        for j in range(chunk):
            one = y[..., j].mean(dim=0, keepdim=True).expand(NETS, ROWS) if jointly else y[..., j]
            expected.append(one)
            state = net.update(state, one)
    torch.testing.assert_close(found, torch.stack(expected[:steps], dim=2))


def test_errors_of_a_sampled_path_are_given_and_fed_back():
    net = batch("rnn")
    errors = torch.tensor([[10.0, 0.0]] * ROWS)
    plain, moved = (ahead(net, net.start(ROWS), 2, errors=one) for one in (None, errors))
    torch.testing.assert_close(moved[..., 0], plain[..., 0] + 10.0)
    state = net.update(net.start(ROWS), plain[..., 0] + 10.0)
    torch.testing.assert_close(moved[..., 1], net.forecast(state)[..., 0])


def test_gates_of_a_new_net_keep_for_1_to_64_steps():
    net = NetBatch.fresh("gru", 400, 1, [(0, 0)])
    kept = torch.sigmoid(net.weights["input_bias"][0, 0, 400:800] + net.weights["hidden_bias"][0, 0, 400:800])
    memory = 1.0 / (1.0 - kept)  # so many steps, where nothing else moves the gate
    assert float(memory.min()) >= 2.0
    assert float(memory.max()) <= 65.001
    assert 25.0 < float(memory.mean()) < 41.0, "uniform on 1 to 64, and one more"


@pytest.mark.parametrize("kind", CELLS)
def test_weights_have_the_names_and_shapes_that_are_checked(kind):
    shapes = NetBatch.shapes(kind, HIDDEN, 2)
    arrays = batch(kind, 2).arrays()
    check_weights(shapes, NETS, arrays)
    for bad in (
        {name: value for name, value in arrays.items() if name != "head_bias"},
        {**arrays, "another": arrays["head_bias"]},
        {**arrays, "head_bias": arrays["head_bias"][:2]},
        {**arrays, "head_bias": arrays["head_bias"].astype(np.float64)},
    ):
        with pytest.raises(ValueError, match=r"weights than the file|numbers of 32 bits"):
            check_weights(shapes, NETS, bad)


def test_modules_come_out_of_a_file_as_they_went_in():
    modules = [torch.nn.Linear(2, 3) for _ in range(2)]
    weights = stored_weights(modules)
    assert sorted(weights) == ["0.bias", "0.weight", "1.bias", "1.weight"]
    for before, after in zip(modules, loaded_modules(torch.nn.Linear(2, 3), 2, weights), strict=True):
        assert torch.equal(before.weight, after.weight)
        assert torch.equal(before.bias, after.bias)
    for module, nets in ((torch.nn.Linear(2, 4), 2), (torch.nn.Linear(2, 3), 3), (torch.nn.Linear(2, 3), 10**12)):
        with pytest.raises(ValueError, match="other weights than the file"):
            loaded_modules(module, nets, weights)
    half = torch.nn.Linear(1, 1).to(torch.bfloat16)
    assert stored_weights([half])["0.weight"].dtype == np.float32


def test_a_module_is_restarted_as_a_copy_and_chance_stays_in_place():
    module = torch.nn.Linear(3, 1)
    before = module.weight.detach().clone()
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    same, one, again, other = (restarted(module, seed) for seed in (None, 1, 1, 2))
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(module.weight, before)
    assert torch.equal(same.weight, before)
    assert same is not module
    assert torch.equal(one.weight, again.weight)
    assert not torch.equal(one.weight, other.weight)


def test_a_cell_of_the_users_is_refused_with_its_name():
    class Bad(torch.nn.Linear):
        def start(self, rows):
            return torch.zeros(rows + 1, 1)

    from stepahead.errors import ParameterError

    with pytest.raises(ParameterError, match=r"cell Bad must give a state of tensors .* with 2 rows from start"):
        Modules([Bad(1, 1)], 1).start(2)


@pytest.mark.parametrize("device", ["nonsense", "cuda:99", "vulkan", ""])
def test_a_device_that_is_not_there_is_named_with_those_that_are(device):
    for net in (
        sa.GRU(hidden=2, training=sa.Training(updates=2).on(device)),
        sa.from_torch(torch.nn.Linear(2, 1), lags=2, training=sa.Training().on(device)),
    ):
        with pytest.raises(sa.errors.ParameterError, match=r'device=.* such as "auto", "cpu"') as caught:
            net.fit(np.arange(40.0))
        assert caught.value.code == "parameter"
