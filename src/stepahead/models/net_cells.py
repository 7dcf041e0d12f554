"""Recurrent nets in torch, many at once: RNN, GRU and LSTM with a leading axis of nets (`NetBatch`), and user-defined
cells.

A batch of twenty small nets takes little longer than one, as overhead dominates. Torch is imported when it is used.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParameterError, missing_extra, shown
from ..parameters import refuse
from ..protocols import Array
from .segments import GATES

Tensors = tuple[Any, ...]


def torch_for(what: str) -> Any:
    """The torch module, or the error that names the install line."""
    try:
        import torch
    except ImportError:
        raise missing_extra(what, "torch", "neural") from None
    return torch


def chosen_device(device: str) -> str:
    """``"auto"`` is the accelerator where there is one."""
    torch = torch_for("a net")
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(1, device=device)
    except Exception as error:  # torch has errors of its own for each kind of device
        here = '"auto", "cpu"' + (', "cuda"' if torch.cuda.is_available() else "")
        raise refuse("device", device, f"one that torch has on this machine, such as {here}") from error
    return device


class NetBatch:
    """RNN, GRU or LSTM cells of one width, [nets, ...], each with a linear head:
    the formulas and gate order of torch.
    """

    def __init__(self, kind: str, weights: dict[str, Any]) -> None:
        self.kind, self.weights = kind, weights
        self.nets, self.hidden, self.chunk = weights["head_weights"].shape

    @staticmethod
    def shapes(kind: str, hidden: int, chunk: int, columns: int = 0, known: int = 0) -> dict[str, tuple[int, int]]:
        """Of the weights of one net, by name; `columns` go in with each value, those `known` ahead to the head."""
        wide = GATES[kind] * hidden
        of_columns = {"input_columns": (columns, wide), "head_columns": (chunk, known)}
        return {
            "input_weights": (1, wide), "hidden_weights": (hidden, wide), "input_bias": (1, wide),
            "hidden_bias": (1, wide), "head_weights": (hidden, chunk), "head_bias": (1, chunk),
            **{name: shape for name, shape in of_columns.items() if all(shape)},
        }  # fmt: skip

    @classmethod
    def fresh(
        cls, kind: str, hidden: int, chunk: int, seeds: Sequence[Sequence[int]], columns: int = 0, known: int = 0
    ) -> NetBatch:
        """New nets, weights uniform within 1/sqrt(hidden); gate biases for memories of 1 to 64 steps.

        Source of the gate biases: Tallec & Ollivier, "Can recurrent neural networks warp time?" (2018), "chrono"
        initialisation.
        """
        torch, gates, bound, shapes = (
            torch_for(kind),
            GATES[kind],
            1.0 / math.sqrt(hidden),
            cls.shapes(kind, hidden, chunk, columns, known),
        )
        found: dict[str, list[Array]] = {name: [] for name in shapes}
        for seed in seeds:
            rng = np.random.default_rng(list(seed))
            one = {name: rng.uniform(-bound, bound, shape) for name, shape in shapes.items()}
            memory = np.log(rng.uniform(1.0, 64.0, hidden))
            if gates > 1:
                kept = slice(hidden, 2 * hidden)  # the gate that keeps the state: update of a GRU, forget of an LSTM
                one["input_bias"][0, kept], one["hidden_bias"][0, kept] = memory, 0.0
            if kind == "lstm":
                one["input_bias"][0, :hidden], one["hidden_bias"][0, :hidden] = -memory, 0.0
            for name, value in one.items():
                found[name].append(value)
        return cls(kind, {name: torch.tensor(np.stack(values), dtype=torch.float32) for name, values in found.items()})

    def parameters(self) -> list[Any]:
        """All weights, each [nets, ...]."""
        return list(self.weights.values())

    def arrays(self) -> dict[str, Array]:
        """The weights by name, for a file."""
        return {name: value.cpu().numpy() for name, value in self.weights.items()}

    def to(self, device: str) -> NetBatch:
        """The same nets on a device."""
        return NetBatch(self.kind, {name: value.detach().to(device) for name, value in self.weights.items()})

    def start(self, rows: int) -> Tensors:
        """The state before the first value, each [nets, rows, hidden]."""
        zero = self.weights["head_bias"].new_zeros(self.nets, rows, self.hidden)
        return (zero, zero) if self.kind == "lstm" else (zero,)

    def update(self, state: Tensors, y: Any, beside: Any = None) -> Tensors:
        """The state after values y [nets, rows], and the columns beside them [nets, rows, columns]."""
        torch, w, size = torch_for(self.kind), self.weights, self.hidden
        given = torch.addcmul(w["input_bias"], y[..., None], w["input_weights"])
        if beside is not None:
            given = torch.baddbmm(given, beside, w["input_columns"])
        kept = torch.baddbmm(w["hidden_bias"], state[0], w["hidden_weights"])
        if self.kind == "rnn":
            return (torch.tanh(given + kept),)
        if self.kind == "gru":
            both = torch.sigmoid(given[..., : 2 * size] + kept[..., : 2 * size])
            fresh = torch.tanh(torch.addcmul(given[..., 2 * size :], both[..., :size], kept[..., 2 * size :]))
            return (torch.lerp(fresh, state[0], both[..., size:]),)
        total = given + kept
        gates = torch.sigmoid(total)
        cell = gates[..., size : 2 * size] * state[1] + gates[..., :size] * torch.tanh(total[..., 2 * size : 3 * size])
        return gates[..., 3 * size :] * torch.tanh(cell), cell

    def forecast(self, state: Tensors, known: Any = None) -> Any:
        """[nets, rows, chunk]; with the columns known ahead [nets, rows, steps, columns], of those steps, each with its
        own.
        """
        y = torch_for(self.kind).baddbmm(self.weights["head_bias"], state[0], self.weights["head_weights"])
        if known is None:
            return y
        steps = known.shape[2]
        if "head_columns" not in self.weights:
            return y[..., :steps]
        return y[..., :steps] + (known * self.weights["head_columns"][:, None, :steps]).sum(dim=3)

    def states(self, state: Tensors, values: Any, beside: Any = None) -> list[Any]:
        """The states after each of `values` [time] and the columns beside them [time, columns], each [time, nets,
        hidden], by torch's own one-pass layers.
        """
        torch = torch_for(self.kind)
        one = self._lstm_states if self.kind == "lstm" else self._layer_states
        found = [one(net, state, values, beside) for net in range(self.nets)]
        return [torch.stack([parts[place] for parts in found], dim=1) for place in range(len(state))]

    def _layer_states(self, net: int, state: Tensors, values: Any, beside: Any) -> Tensors:
        torch, w = torch_for(self.kind), {name: value[net] for name, value in self.weights.items()}
        inputs, given = w["input_weights"], values[:, None, None]
        if beside is not None:
            inputs = torch.cat([inputs, w["input_columns"]])
            given = torch.cat([given, beside[:, None]], dim=2)
        flat = [inputs.T, w["hidden_weights"].T, w["input_bias"][0], w["hidden_bias"][0]]
        flat = [part.contiguous() for part in flat]
        layer = torch.gru if self.kind == "gru" else torch.rnn_tanh
        begin = state[0][net : net + 1].contiguous()
        return (layer(given, begin, flat, True, 1, 0.0, False, False, False)[0][:, 0],)

    def _lstm_states(self, net: int, state: Tensors, values: Any, beside: Any) -> Tensors:
        # The layer gives the outputs of every step and the cell of the last alone: the cells come from a loop.
        torch = torch_for(self.kind)
        alone = NetBatch(self.kind, {name: value[net : net + 1] for name, value in self.weights.items()})
        now, kept = tuple(part[net : net + 1] for part in state), []
        for t, value in enumerate(values):
            now = alone.update(now, value.reshape(1, 1), None if beside is None else beside[t].reshape(1, 1, -1))
            kept.append(now)
        return tuple(torch.stack([one[part][0, 0] for one in kept]) for part in range(2))


class Modules:
    """The user's own cells, one a net: `start(rows)`, `update(state, y)`, `forecast(state)`; where they use columns
    `update(state, y, beside)`, `forecast(state, ahead)`.
    """

    def __init__(self, modules: Sequence[Any], chunk: int) -> None:
        self.modules, self.nets, self.chunk = list(modules), len(modules), chunk
        self.name = type(modules[0]).__name__

    def parameters(self) -> list[Any]:
        """All weights of all cells."""
        return [weight for module in self.modules for weight in module.parameters()]

    def arrays(self) -> dict[str, Array]:
        """The weights of each net, by ``"net.name"``, for a file."""
        return stored_weights(self.modules)

    def to(self, device: str) -> Modules:
        """The same cells on a device."""
        return Modules([copy.deepcopy(module).to(device).eval() for module in self.modules], self.chunk)

    def start(self, rows: int) -> Tensors:
        """The state before the first value, each [nets, rows, ...]."""
        weight = next(iter(self.modules[0].parameters()))
        return self._joined([self._parts(m.start(rows), rows, "start") for m in self.modules], weight)

    def update(self, state: Tensors, y: Any, beside: Any = None) -> Tensors:
        """The state after values y [nets, rows], and the columns beside them [nets, rows, columns]."""
        rows = y.shape[1]
        more = [() if beside is None else (beside[net],) for net in range(self.nets)]
        found = [
            self._parts(self._call(m.update, self._given(state, net), y[net], *more[net]), rows, "update")
            for net, m in enumerate(self.modules)
        ]
        return self._joined(found, y)

    def forecast(self, state: Tensors, known: Any = None) -> Any:
        """[nets, rows, chunk]; with the columns known ahead [nets, rows, 1, columns], of a chunk of one step."""
        rows, found = state[0].shape[1], []
        for net, module in enumerate(self.modules):
            y = self._call(module.forecast, self._given(state, net), *(() if known is None else (known[net, :, 0],)))
            if tuple(y.shape) not in ((rows, self.chunk), (rows,) if self.chunk == 1 else (rows, self.chunk)):
                raise self._bad(f"must give {(rows, self.chunk)} from forecast (see chunk=); it gave {tuple(y.shape)}")
            found.append(y.reshape(rows, self.chunk))
        return torch_for("a cell").stack(found)

    def states(self, state: Tensors, values: Any, beside: Any = None) -> list[Any]:
        """The states after each of `values` [time] and the columns beside them [time, columns], each [time, nets,
        ...].
        """
        torch, kept = torch_for("a cell"), []
        for t, value in enumerate(values):
            more = () if beside is None else (beside[t].expand(self.nets, 1, -1),)
            state = self.update(state, value.reshape(1, 1).expand(self.nets, 1), *more)
            kept.append(state)
        return [torch.stack([one[part][:, 0] for one in kept]) for part in range(len(state))]

    def _given(self, state: Tensors, net: int) -> Any:
        parts = tuple(part[net] for part in state)
        return parts[0] if len(parts) == 1 else parts

    def _call(self, verb: Callable[..., Any], *given: Any) -> Any:
        try:
            return verb(*given)
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            raise self._bad(f"fails: {shown(str(error))}") from error

    def _parts(self, found: Any, rows: int, verb: str) -> Tensors:
        parts = found if isinstance(found, tuple) else (found,)
        for part in parts:
            if not hasattr(part, "shape") or part.ndim < 1 or part.shape[0] != rows:
                raise self._bad(f"must give a state of tensors [rows, ...] with {rows} rows from {verb}")
        return parts

    def _joined(self, found: list[Tensors], like: Any) -> Tensors:
        torch = torch_for("a cell")
        return tuple(torch.stack([one[part] for one in found]).to(like.device) for part in range(len(found[0])))

    def _bad(self, what: str) -> ParameterError:
        return ParameterError(f"cell {self.name} {what}", code="parameter", name="cell")


Cells = NetBatch | Modules


def check_weights(wanted: Mapping[str, tuple[int, ...]], nets: int, found: Mapping[str, Array]) -> None:
    """Refuse weights of other names, shapes or kinds than so many stacked nets have."""
    if set(wanted) != set(found):
        raise ValueError(f"the net has other weights than the file: {sorted(set(wanted) ^ set(found))[0]}")
    for name, shape in wanted.items():
        if found[name].shape != (nets, *shape) or found[name].dtype != np.float32:
            raise ValueError(f"{name} should be {(nets, *shape)} numbers of 32 bits")


def restarted(module: Any, seed: int | None) -> Any:
    """A copy of a module: as it is (None), or the weights of its layers drawn anew;
    torch's random state is left unchanged.
    """
    torch, module = torch_for("a module"), copy.deepcopy(module)
    if seed is None:
        return module
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        for layer in module.modules():
            if callable(getattr(layer, "reset_parameters", None)):
                layer.reset_parameters()
    return module


def stored_weights(modules: Sequence[Any]) -> dict[str, Array]:
    """The weights of modules by ``"net.name"``, for a file: numpy has no numbers of 16 bits of torch's own kind."""
    found = {}
    for net, module in enumerate(modules):
        for key, tensor in module.state_dict().items():
            plain = tensor.detach().cpu()
            found[f"{net}.{key}"] = (plain.float() if str(plain.dtype) == "torch.bfloat16" else plain).numpy()
    return found


def loaded_modules(module: Any, nets: int, weights: Mapping[str, Array]) -> list[Any]:
    """Copies of a module with the weights ``"net.name"`` of a file, which are checked before there is a copy."""
    torch, own = torch_for("a module"), {key: tuple(value.shape) for key, value in module.state_dict().items()}
    # As many as there are, first: a file may claim any number of nets.
    differ = len(weights) != nets * len(own) or not own
    wanted = {} if differ else {f"{net}.{key}": shape for net in range(nets) for key, shape in own.items()}
    if differ or wanted != {key: array.shape for key, array in weights.items()}:
        raise ValueError("the module given has other weights than the file")
    made = [copy.deepcopy(module) for _ in range(nets)]
    for net, part in enumerate(made):
        part.load_state_dict({key: torch.tensor(weights[f"{net}.{key}"]) for key in own})
    return made


def ahead(net: Cells, state: Tensors, steps: int, jointly: bool = False, errors: Any = None, known: Any = None) -> Any:
    """[nets, rows, steps]: chunk by chunk, each net fed its own forecast, or all of them the mean (`jointly`).

    `errors` [rows, steps] are added to what is fed back and to what is given: a sampled path. `known` [nets, rows,
    steps, columns] are the columns known ahead, of nets that use any.
    """
    torch, found, done = torch_for("a net"), [], 0
    while done < steps:
        here = () if known is None else (known[:, :, done : min(done + net.chunk, steps)],)
        y = net.forecast(state, *here)
        if jointly and net.nets > 1:
            y = y.mean(dim=0, keepdim=True).expand_as(y)
        if errors is not None:
            y = y + errors[None, :, done : done + y.shape[2]]
        found.append(y)
        done += net.chunk
        if done < steps:
            for j in range(net.chunk):
                state = net.update(state, y[..., j], *(part[:, :, j] for part in here))
    return torch.cat(found, dim=2)[..., :steps]
