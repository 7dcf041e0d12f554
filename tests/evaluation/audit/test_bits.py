"""Bits tell fitted objects apart."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.audit.bits import parameter_bits


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.array([1.0]), np.array([1])),
        (np.array([1.0, 2.0]), np.array([[1.0, 2.0]])),
        (np.array([0.0]), np.array([-0.0])),
        (0.1, 0.1 + 2**-56),
        (np.float64(1.0), np.float32(1.0)),
        ("a", b"a"),
        ({"a": 1}, {"a": 2}),
        ([1, 2], [2, 1]),
        ({1, 2}, {1, 3}),
        (np.array(["a", None], dtype=object), np.array(["a", "b"], dtype=object)),
        (sa.AR(2), sa.AR(3)),
        (sa.AR(2), sa.SSA(2)),
        (None, False),
        (np.float64("nan"), np.float64(0.0)),
    ],
)
def test_bits_tell_apart(one, other):
    assert parameter_bits(one) != parameter_bits(other)
    assert parameter_bits(one) == parameter_bits(one)


def test_bits_of_what_holds_itself():
    loop_: list = [1.0]
    loop_.append(loop_)
    assert parameter_bits(loop_) == ((1.0).hex(), "seen")
    assert parameter_bits(loop_) != parameter_bits([1.0, None])
    assert parameter_bits((1, [2, {3}])) == parameter_bits([1, (2, frozenset({3}))])


def test_bits_of_a_tensor_are_those_of_its_numbers():
    import torch

    assert parameter_bits(torch.tensor([1.0])) == parameter_bits(np.array([1.0], dtype=np.float32))
    assert parameter_bits(torch.tensor([1.0])) != parameter_bits(torch.tensor([2.0]))


def test_bits_of_what_is_half_a_tensor_are_those_of_what_it_holds():
    class Half:
        def __init__(self, number: float) -> None:
            self.number = number

        def numpy(self) -> None:
            raise RuntimeError("there is nothing to detach")

    assert parameter_bits(Half(1.0)) == parameter_bits(Half(1.0))
    assert parameter_bits(Half(1.0)) != parameter_bits(Half(2.0))


X = np.cumsum(np.random.default_rng(0).normal(size=300))


def test_a_parameter_called_time_is_compared_like_any_other():
    class Clocked(sa.AR):
        pass

    one, two = Clocked(2).fit(X[:100]), Clocked(2).fit(X[:100])
    one.lifetime_, two.lifetime_ = 1.0, 2.0
    assert parameter_bits(one) != parameter_bits(two)
