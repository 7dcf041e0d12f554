"""Training of recurrent nets in torch: segments with a warm-up, truncated backpropagation, checkpoints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FitError, ModelFileError, shown
from ..files import check_output, write_whole
from ..protocols import Array
from .net_cells import Cells, Modules, Tensors, ahead, torch_for
from .segments import EVERY, SEGMENTS, Settings, Shape, shape_of

CLIP = 1.0
CURRICULUM = 20
"""Updates at each length of the roll-out, 1, 2, 4 .., before it doubles."""
SAVED = 25


def train(net: Cells, data: Sequence[Sequence[Array]], settings: Settings, device: str) -> tuple[Cells, Array]:
    """Train a batch of nets; data[net] are the standardised contiguous segments that net learns from, each [time], or
    [time, 1 + columns] with the columns beside the values.

    Returns the nets, and losses [updates, nets]. Adam, its rate falling to 0 by a cosine; the gradient of each net is
    clipped to a length of 1.
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
    shape = shape_of(min(max(len(run) for run in runs) for runs in data), net.chunk, settings)
    for update in range(_resume(settings, weights, trainer, losses), settings.updates):
        for group in trainer.param_groups:
            group["lr"] = settings.learning_rate * 0.5 * (1.0 + math.cos(math.pi * update / settings.updates))
        loss = _loss(net, data, shape, settings, update)
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
        if update % max(settings.updates // 10, 1) == 0:
            log.info("update %d of %d, loss %.4f", update + 1, settings.updates, losses[update].mean())
        _save(settings, weights, trainer, losses, update)
    for weight in weights:
        weight.requires_grad_(False)
    return net.to(device), losses


def _loss(net: Cells, data: Sequence[Sequence[Array]], shape: Shape, settings: Settings, update: int) -> Any:
    """[nets]: the mean squared error over segments, origins and steps of one update."""
    torch = torch_for("a net")
    steps = net.chunk if net.chunk > 1 else 1
    if settings.unroll > 1:
        steps = max(steps, min(shape.ahead, 2 ** min(update // CURRICULUM, 30)))
    steps = min(steps, shape.ahead)
    # Drawn from the update alone, so that all nets of a batch share it.
    shared = np.random.default_rng([update, 0])
    # The state also has to stay good beyond the warm-up: half of the updates have a second warm-up, without a gradient.
    room = min(max(len(run) for run in runs) for runs in data) - shape.length
    before = 0 if settings.own_scale else int(shared.integers(0, 2)) * min(settings.warm_up, room)
    stride = EVERY if settings.unroll > 1 and shape.zone > EVERY else 1
    offset = int(shared.integers(0, stride))
    segments, size, noise = _segments(data, before + shape.length, settings, update)
    beside = segments[..., 1:] if segments.ndim == 4 else None
    segments = segments if beside is None else segments[..., 0]
    weight = next(iter(net.parameters()))
    x = torch.as_tensor(segments, dtype=weight.dtype, device=weight.device)
    seen = x + torch.as_tensor(noise, dtype=weight.dtype, device=weight.device) if settings.noise else x
    z = None if beside is None else torch.as_tensor(beside, dtype=weight.dtype, device=weight.device)
    state = net.start(x.shape[1])
    with torch.no_grad():
        for t in range(before):
            state = net.update(state, seen[..., t], *_at(z, t))
    kept: list[Tensors] = []
    places = range(before + shape.warm - 1 + offset, before + shape.warm + shape.zone - 1, stride)
    for t in range(before, places[-1] + 1):
        state = net.update(state, seen[..., t], *_at(z, t))
        if t in places:
            kept.append(state)
    # Rows are (origin, segment).
    joined = tuple(torch.cat([one[part] for one in kept], dim=1) for part in range(len(state)))
    wanted = torch.cat([x[..., t + 1 : t + 1 + steps] for t in places], dim=1)
    known = None
    if z is not None:
        known = torch.cat([z[:, :, t + 1 : t + 1 + steps, : settings.known] for t in places], dim=1)
    error = ahead(net, joined, steps, known=known) - wanted
    return ((error * error).mean(dim=2).reshape(net.nets, len(places), -1) / _like(size, error)[:, None]).mean(
        dim=(1, 2)
    )


def _at(beside: Any, t: int) -> tuple[Any, ...]:
    """The columns beside the values at one time, of nets that use any."""
    return () if beside is None else (beside[:, :, t],)


def _like(values: Array, tensor: Any) -> Any:
    return torch_for("a net").as_tensor(values, dtype=tensor.dtype, device=tensor.device)


def _segments(
    data: Sequence[Sequence[Array]], length: int, settings: Settings, update: int
) -> tuple[Array, Array, Array]:
    """Segments [nets, segments, length], or [nets, segments, length, 1 + columns]; what their squared errors are
    divided by [nets, segments]; and input noise.

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
        beside = rows[:, :, 1:] if rows.ndim == 3 else None
        rows = rows if beside is None else rows[:, :, 0]
        if settings.own_scale:
            known = rows[:, : settings.warm_up]
            spread = known.std(axis=1, keepdims=True)
            rows = (rows - known.mean(axis=1, keepdims=True)) / np.where(spread > 0.0, spread, 1.0)
        size = np.ones(SEGMENTS)
        if settings.augment is not None:
            factor = rng.choice([-1.0, 1.0], SEGMENTS) if settings.augment == "sign" else rng.normal(size=SEGMENTS)
            rows = rows * factor[:, None]
            size = np.ones(SEGMENTS) if settings.augment == "sign" else factor**2 + 0.25
        out.append(rows if beside is None else np.concatenate([rows[:, :, None], beside], axis=2))
        sizes.append(size)
        noises.append(settings.noise * rng.normal(size=rows.shape) if settings.noise else np.zeros((0, 0)))
    return np.stack(out), np.stack(sizes), np.stack(noises)


def _clip(net: Cells) -> None:
    """The gradient of each net cut to a length of 1."""
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


# ---------------------------------------------------------------------------------------------------------------
# Checkpoints: data, never code; the whole state of a run, written whole or not at all


def _save(settings: Settings, weights: list[Any], trainer: Any, losses: Array, update: int) -> None:
    if settings.checkpoint is None or (update % SAVED != SAVED - 1 and update != settings.updates - 1):
        return
    from safetensors.numpy import save

    arrays = {
        "losses": losses,
        "done": np.array([update + 1]),
        "digest": np.frombuffer(settings.digest, dtype=np.uint8).copy(),
    }
    for place, weight in enumerate(weights):
        moments = trainer.state[weight]
        arrays[f"weight.{place}"] = weight.detach().cpu().numpy()
        arrays[f"mean.{place}"] = moments["exp_avg"].cpu().numpy()
        arrays[f"square.{place}"] = moments["exp_avg_sq"].cpu().numpy()
    write_whole(settings.checkpoint, bytes(save(arrays)))


def _resume(settings: Settings, weights: list[Any], trainer: Any, losses: Array) -> int:
    """How many updates a checkpoint has already done; 0 where there is none. Its weights and moments are loaded."""
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
        if bytes(arrays["digest"]) != settings.digest:
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
    except ModelFileError:
        raise
    except Exception as error:
        raise ModelFileError(
            f"{shown(path)} is no checkpoint, or a damaged one: {error}", code="checkpoint", path=path
        ) from None
    return done
