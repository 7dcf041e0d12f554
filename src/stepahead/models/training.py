"""Training of recurrent nets in torch, many side by side: segments with a warm-up, truncated backpropagation, checkpoints.

Nets are stacked along a leading axis, so that twenty train for little more than the price of one: at this size a step is all
overhead. Torch is imported when it is used.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FitError, ModelFileError, ParameterError, missing_extra, shown
from ..files import check_output, write_whole
from ..protocols import Array
from .segments import EVERY, GATES, SEGMENTS, Settings, Shape, shape_of

CLIP = 1.0
CURRICULUM = 20
"""Updates at each length of the roll-out, 1, 2, 4 .., before it doubles."""
CHECKED = 20
SAVED = 25
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
    if device != "auto":
        return device
    return "cuda" if torch_for("a net").cuda.is_available() else "cpu"


# ---------------------------------------------------------------------------------------------------------------
# Nets


class Stacked:
    """RNN, GRU or LSTM cells of one width, [nets, ...], each with a linear head: the formulas and gate order of torch."""

    def __init__(self, kind: str, weights: dict[str, Any]) -> None:
        self.kind, self.weights = kind, weights
        self.nets, self.hidden, self.chunk = weights["head_weights"].shape

    @staticmethod
    def shapes(kind: str, hidden: int, chunk: int) -> dict[str, tuple[int, int]]:
        """Of the weights of one net, by name."""
        wide = GATES[kind] * hidden
        return {
            "input_weights": (1, wide), "hidden_weights": (hidden, wide), "input_bias": (1, wide), "hidden_bias": (1, wide),
            "head_weights": (hidden, chunk), "head_bias": (1, chunk),
        }  # fmt: skip

    @classmethod
    def fresh(cls, kind: str, hidden: int, chunk: int, seeds: Sequence[Sequence[int]]) -> Stacked:
        """New nets, uniform within 1/sqrt(hidden); memories of 1 to 64 steps where there are gates.

        Source of the memories: Tallec & Ollivier, "Can recurrent neural networks warp time?" (2018), "chrono" start.
        """
        torch, gates, bound, shapes = torch_for(kind), GATES[kind], 1.0 / math.sqrt(hidden), cls.shapes(kind, hidden, chunk)
        found: dict[str, list[Array]] = {name: [] for name in shapes}
        for seed in seeds:
            rng = np.random.default_rng(list(seed))
            one = {name: rng.uniform(-bound, bound, shape) for name, shape in shapes.items()}
            memory = np.log(rng.uniform(1.0, 64.0, hidden))
            if gates > 1:
                kept = slice(hidden, 2 * hidden)  # the gate that keeps: update of a GRU, forget of an LSTM
                one["input_bias"][0, kept], one["hidden_bias"][0, kept] = memory, 0.0
            if kind == "lstm":
                one["input_bias"][0, :hidden], one["hidden_bias"][0, :hidden] = -memory, 0.0
            for name, value in one.items():
                found[name].append(value)
        return cls(kind, {name: torch.tensor(np.stack(values), dtype=torch.float32) for name, values in found.items()})

    def parameters(self) -> list[Any]:
        """All weights, each [nets, ...]."""
        return list(self.weights.values())

    def to(self, device: str) -> Stacked:
        """The same nets on a device."""
        return Stacked(self.kind, {name: value.detach().to(device) for name, value in self.weights.items()})

    def start(self, rows: int) -> Tensors:
        """The state before the first value, each [nets, rows, hidden]."""
        zero = self.weights["head_bias"].new_zeros(self.nets, rows, self.hidden)
        return (zero, zero) if self.kind == "lstm" else (zero,)

    def update(self, state: Tensors, y: Any) -> Tensors:
        """The state after values y [nets, rows]."""
        torch, w, size = torch_for(self.kind), self.weights, self.hidden
        given = torch.addcmul(w["input_bias"], y[..., None], w["input_weights"])
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

    def forecast(self, state: Tensors) -> Any:
        """[nets, rows, chunk]."""
        return torch_for(self.kind).baddbmm(self.weights["head_bias"], state[0], self.weights["head_weights"])

    def states(self, state: Tensors, values: Any) -> list[Any]:
        """The states after each of `values` [time], each [time, nets, hidden], by torch's own one-pass layers."""
        torch, found = torch_for(self.kind), []
        for net in range(self.nets):
            w = {name: value[net] for name, value in self.weights.items()}
            flat = [w["input_weights"].T, w["hidden_weights"].T, w["input_bias"][0], w["hidden_bias"][0]]
            flat = [part.contiguous() for part in flat]
            begin = tuple(part[net : net + 1].contiguous() for part in state)
            layer = {"rnn": torch.rnn_tanh, "gru": torch.gru, "lstm": torch.lstm}[self.kind]
            given = begin if self.kind == "lstm" else begin[0]
            if self.kind != "lstm":
                found.append((layer(values[:, None, None], given, flat, True, 1, 0.0, False, False, False)[0][:, 0],))
                continue
            # The layer gives the outputs of every step and the cell of the last alone: the cells come from a loop.
            found.append(self._lstm_states(net, state, values))
        return [torch.stack([one[part] for one in found], dim=1) for part in range(len(state))]

    def _lstm_states(self, net: int, state: Tensors, values: Any) -> Tensors:
        torch = torch_for(self.kind)
        alone = Stacked(self.kind, {name: value[net : net + 1] for name, value in self.weights.items()})
        now, kept = tuple(part[net : net + 1] for part in state), []
        for value in values:
            now = alone.update(now, value.reshape(1, 1))
            kept.append(now)
        return tuple(torch.stack([one[part][0, 0] for one in kept]) for part in range(2))


class Modules:
    """The user's own cells, one a net: `start(rows)`, `update(state, y)`, `forecast(state)`."""

    def __init__(self, modules: Sequence[Any], chunk: int) -> None:
        self.modules, self.nets, self.chunk = list(modules), len(modules), chunk
        self.name = type(modules[0]).__name__

    def parameters(self) -> list[Any]:
        """All weights of all cells."""
        return [weight for module in self.modules for weight in module.parameters()]

    def to(self, device: str) -> Modules:
        """The same cells on a device."""
        return Modules([copy.deepcopy(module).to(device).eval() for module in self.modules], self.chunk)

    def start(self, rows: int) -> Tensors:
        """The state before the first value, each [nets, rows, ...]."""
        weight = next(iter(self.modules[0].parameters()))
        return self._joined([self._parts(m.start(rows), rows, "start") for m in self.modules], weight)

    def update(self, state: Tensors, y: Any) -> Tensors:
        """The state after values y [nets, rows]."""
        rows = y.shape[1]
        found = [
            self._parts(self._call(m.update, self._given(state, net), y[net]), rows, "update")
            for net, m in enumerate(self.modules)
        ]
        return self._joined(found, y)

    def forecast(self, state: Tensors) -> Any:
        """[nets, rows, chunk]."""
        rows, found = state[0].shape[1], []
        for net, module in enumerate(self.modules):
            y = self._call(module.forecast, self._given(state, net))
            if tuple(y.shape) not in ((rows, self.chunk), (rows,) if self.chunk == 1 else (rows, self.chunk)):
                raise self._bad(f"must give {(rows, self.chunk)} from forecast (see chunk=); it gave {tuple(y.shape)}")
            found.append(y.reshape(rows, self.chunk))
        return torch_for("a cell").stack(found)

    def states(self, state: Tensors, values: Any) -> list[Any]:
        """The states after each of `values` [time], each [time, nets, ...]."""
        torch, kept = torch_for("a cell"), []
        for value in values:
            state = self.update(state, value.reshape(1, 1).expand(self.nets, 1))
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


Net = Stacked | Modules


def check_weights(wanted: Mapping[str, tuple[int, ...]], nets: int, found: Mapping[str, Array]) -> None:
    """Refuse weights of other names, shapes or kinds than so many stacked nets have."""
    if set(wanted) != set(found):
        raise ValueError(f"the net has other weights than the file: {sorted(set(wanted) ^ set(found))[0]}")
    for name, shape in wanted.items():
        if found[name].shape != (nets, *shape) or found[name].dtype != np.float32:
            raise ValueError(f"{name} should be {(nets, *shape)} numbers of 32 bits")


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


def ahead(net: Net, state: Tensors, steps: int, together: bool = False, errors: Any = None) -> Any:
    """[nets, rows, steps]: chunk by chunk, each net fed its own forecast, or all of them the mean (`together`).

    `errors` [rows, steps] are added to what is fed back and to what is given: a sampled path.
    """
    torch, found, done = torch_for("a net"), [], 0
    while done < steps:
        y = net.forecast(state)
        if together and net.nets > 1:
            y = y.mean(dim=0, keepdim=True).expand_as(y)
        if errors is not None:
            y = y + errors[None, :, done : done + net.chunk]
        found.append(y)
        done += net.chunk
        if done < steps:
            for j in range(net.chunk):
                state = net.update(state, y[..., j])
    return torch.cat(found, dim=2)[..., :steps]


# ---------------------------------------------------------------------------------------------------------------
# Training


@dataclass
class Best:
    """The weights with the lowest error so far, where early stopping asks for them."""

    score: float = math.inf
    weights: list[Any] = field(default_factory=list)

    def offer(self, score: float, weights: list[Any]) -> None:
        """Keep a copy of these if they are better, or the first."""
        if not self.weights or score < self.score:
            self.score, self.weights = score, [weight.detach().clone() for weight in weights]


def train(net: Net, data: Sequence[Sequence[Array]], settings: Settings, device: str) -> tuple[Net, Array]:
    """Train nets side by side; data[net] are the standardised stretches that net learns from.

    Returns the nets, and losses [updates, nets]. Adam, its rate falling to 0 by a cosine; the gradient of each net is clipped
    to a length of 1.
    """
    import logging

    torch = torch_for("a net")
    log = logging.getLogger("stepahead")
    net = net.to(device)
    weights = net.parameters()
    for weight in weights:
        weight.requires_grad_(True)
    if isinstance(net, Modules):
        for module in net.modules:
            module.train()
    trainer = torch.optim.Adam(weights, lr=settings.learning_rate)
    losses = np.zeros((settings.updates, net.nets))
    fitted, tails = (data, None) if not settings.stop else _split(data)
    shape = shape_of(min(max(len(run) for run in runs) for runs in fitted), net.chunk, settings)
    best = Best()
    for update in range(_resume(settings, weights, trainer, losses, best), settings.updates):
        for group in trainer.param_groups:
            group["lr"] = settings.learning_rate * 0.5 * (1.0 + math.cos(math.pi * update / settings.updates))
        loss = _loss(net, fitted, shape, settings, update)
        trainer.zero_grad()
        loss.sum().backward()
        losses[update] = loss.detach().cpu().numpy()
        if not np.isfinite(losses[update]).all():
            raise FitError(
                f"training diverged at update {update + 1}: lower learning_rate={settings.learning_rate}",
                code="diverged",
                epoch=update,
            )
        _clip(net)
        trainer.step()
        if tails is not None and (update % CHECKED == CHECKED - 1 or update == settings.updates - 1):
            best.offer(_score(net, tails, shape), weights)
        if update % max(settings.updates // 10, 1) == 0:
            log.info("update %d of %d, loss %.4f", update + 1, settings.updates, losses[update].mean())
        _save(settings, weights, trainer, losses, best, update)
    if best.weights:
        with torch.no_grad():
            for weight, kept in zip(weights, best.weights, strict=True):
                weight.copy_(kept)
    for weight in weights:
        weight.requires_grad_(False)
    return net.to(device), losses


def _loss(net: Net, data: Sequence[Sequence[Array]], shape: Shape, settings: Settings, update: int) -> Any:
    """[nets]: the mean squared error over segments, origins and steps of one update."""
    torch = torch_for("a net")
    steps = net.chunk if net.chunk > 1 else 1
    if settings.unroll > 1:
        steps = max(steps, min(shape.ahead, 2 ** min(update // CURRICULUM, 30)))
    steps = min(steps, shape.ahead)
    # Drawn from the update alone, so that nets side by side share it.
    shared = np.random.default_rng([update, 0])
    # A state also has to hold up beyond the warm-up: at half of the updates it has seen as much again, without a gradient.
    room = min(max(len(run) for run in runs) for runs in data) - shape.length
    before = 0 if settings.own_scale else int(shared.integers(0, 2)) * min(settings.warm_up, room)
    stride = EVERY if settings.unroll > 1 and shape.zone > EVERY else 1
    offset = int(shared.integers(0, stride))
    segments, size, noise = _segments(data, before + shape.length, settings, update)
    weight = next(iter(net.parameters()))
    x = torch.as_tensor(segments, dtype=weight.dtype, device=weight.device)
    seen = x + torch.as_tensor(noise, dtype=weight.dtype, device=weight.device) if settings.noise else x
    state = net.start(x.shape[1])
    with torch.no_grad():
        for t in range(before):
            state = net.update(state, seen[..., t])
    kept: list[Tensors] = []
    places = range(before + shape.warm - 1 + offset, before + shape.warm + shape.zone - 1, stride)
    for t in range(before, places[-1] + 1):
        state = net.update(state, seen[..., t])
        if t in places:
            kept.append(state)
    # Rows are (origin, segment).
    joined = tuple(torch.cat([one[part] for one in kept], dim=1) for part in range(len(state)))
    wanted = torch.cat([x[..., t + 1 : t + 1 + steps] for t in places], dim=1)
    error = ahead(net, joined, steps) - wanted
    return ((error * error).mean(dim=2).reshape(net.nets, len(places), -1) / _like(size, error)[:, None]).mean(dim=(1, 2))


def _like(values: Array, tensor: Any) -> Any:
    return torch_for("a net").as_tensor(values, dtype=tensor.dtype, device=tensor.device)


def _segments(data: Sequence[Sequence[Array]], length: int, settings: Settings, update: int) -> tuple[Array, Array, Array]:
    """Segments [nets, segments, length], what their squared errors are divided by [nets, segments], and input noise.

    The draws of a net come from its own seed and the update: a run that is resumed draws what it would have drawn.
    """
    out, sizes, noises = [], [], []
    for runs, seed in zip(data, settings.seeds, strict=True):
        rng = np.random.default_rng([*seed, update, 1])
        room = np.array([max(len(run) - length + 1, 0) for run in runs])
        picks = rng.integers(0, room.sum(), SEGMENTS)
        which = np.searchsorted(np.cumsum(room), picks, side="right")
        firsts = picks - (np.cumsum(room) - room)[which]
        rows = np.stack([runs[run][first : first + length] for run, first in zip(which, firsts, strict=True)])
        if settings.own_scale:
            known = rows[:, : settings.warm_up]
            spread = known.std(axis=1, keepdims=True)
            rows = (rows - known.mean(axis=1, keepdims=True)) / np.where(spread > 0.0, spread, 1.0)
        size = np.ones(SEGMENTS)
        if settings.augment is not None:
            factor = rng.choice([-1.0, 1.0], SEGMENTS) if settings.augment == "sign" else rng.normal(size=SEGMENTS)
            rows = rows * factor[:, None]
            size = np.ones(SEGMENTS) if settings.augment == "sign" else factor**2 + 0.25
        out.append(rows)
        sizes.append(size)
        noises.append(settings.noise * rng.normal(size=rows.shape) if settings.noise else np.zeros((0, 0)))
    return np.stack(out), np.stack(sizes), np.stack(noises)


def _clip(net: Net) -> None:
    """The gradient of each net brought down to a length of 1."""
    torch = torch_for("a net")
    if isinstance(net, Modules):
        for module in net.modules:
            torch.nn.utils.clip_grad_norm_(module.parameters(), CLIP)
        return
    with torch.no_grad():
        gradients = [weight.grad for weight in net.parameters()]
        norm = torch.sqrt(sum((gradient * gradient).sum(dim=(1, 2)) for gradient in gradients))
        factor = torch.clamp(CLIP / (norm + 1e-6), max=1.0)[:, None, None]
        for gradient in gradients:
            gradient.mul_(factor)


def _split(data: Sequence[Sequence[Array]]) -> tuple[list[list[Array]], list[list[Array]]]:
    """The first 80 % of each stretch to learn from, and the whole of it to stop by."""
    heads = [[run[: max(int(0.8 * len(run)), 2)] for run in runs] for runs in data]
    return heads, [list(runs) for runs in data]


def _score(net: Net, tails: Sequence[Sequence[Array]], shape: Shape) -> float:
    """The mean squared k-step error of all nets over the last fifth of each stretch."""
    torch, total, count = torch_for("a net"), 0.0, 0
    weight = next(iter(net.parameters()))
    with torch.no_grad():
        for place, runs in enumerate(tails):
            for run in runs:
                first, last = max(int(0.8 * len(run)), 1), len(run) - shape.ahead
                if last < first:
                    continue
                values = torch.as_tensor(run, dtype=weight.dtype, device=weight.device)
                parts = net.states(net.start(1), values[:last])
                state = tuple(part[first - 1 :].transpose(0, 1) for part in parts)
                wanted = values.unfold(0, shape.ahead, 1)[first : last + 1]
                error = ahead(net, state, shape.ahead)[place] - wanted
                total, count = total + float((error * error).sum()), count + error.numel()
    return total / max(count, 1)


# ---------------------------------------------------------------------------------------------------------------
# Checkpoints: data, never code; the whole state of a run, written whole or not at all


def _save(settings: Settings, weights: list[Any], trainer: Any, losses: Array, best: Best, update: int) -> None:
    if settings.checkpoint is None or (update % SAVED != SAVED - 1 and update != settings.updates - 1):
        return
    from safetensors.numpy import save

    arrays = {"losses": losses, "done": np.array([update + 1]), "mark": np.frombuffer(settings.mark, dtype=np.uint8).copy()}
    for place, weight in enumerate(weights):
        moments = trainer.state[weight]
        arrays[f"weight.{place}"] = weight.detach().cpu().numpy()
        arrays[f"mean.{place}"] = moments["exp_avg"].cpu().numpy()
        arrays[f"square.{place}"] = moments["exp_avg_sq"].cpu().numpy()
    if best.weights:
        arrays["best"] = np.array([best.score])
        arrays |= {f"best.{place}": weight.cpu().numpy() for place, weight in enumerate(best.weights)}
    write_whole(settings.checkpoint, bytes(save(arrays)))


def _resume(settings: Settings, weights: list[Any], trainer: Any, losses: Array, best: Best) -> int:
    """How many updates a checkpoint has already done; 0 where there is none. Its weights and moments are taken up, and the
    best weights so far.
    """
    if settings.checkpoint is None:
        return 0
    check_output(settings.checkpoint)
    if not Path(settings.checkpoint).exists():
        return 0
    from safetensors.numpy import load

    torch, path = torch_for("a net"), settings.checkpoint
    try:
        with open(path, "rb") as file:
            arrays = load(file.read())
        if bytes(arrays["mark"]) != settings.mark:
            raise ModelFileError(
                f"the checkpoint {shown(path)} is of another model or of other data: name another file, or remove it",
                code="checkpoint",
                path=path,
            )
        done = int(arrays["done"][0])
        losses[:done] = arrays["losses"][:done]
        with torch.no_grad():
            for place, weight in enumerate(weights):
                weight.copy_(torch.as_tensor(arrays[f"weight.{place}"]))
                trainer.state[weight] = {
                    "step": torch.tensor(float(done)),
                    "exp_avg": torch.as_tensor(arrays[f"mean.{place}"]).to(weight.device),
                    "exp_avg_sq": torch.as_tensor(arrays[f"square.{place}"]).to(weight.device),
                }
        if "best" in arrays:
            best.score = float(arrays["best"][0])
            kept = [torch.as_tensor(arrays[f"best.{place}"]) for place in range(len(weights))]
            best.weights = [one.to(weight.device).reshape(weight.shape) for one, weight in zip(kept, weights, strict=True)]
    except ModelFileError:
        raise
    except Exception as error:
        raise ModelFileError(
            f"{shown(path)} is no checkpoint, or a damaged one: {error}", code="checkpoint", path=path
        ) from None
    return done
