"""The paths of a row do not depend on what is drawn beside it."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.walk import take

from .cases import CASES
from .sampling import fitted

TRAIN = 60


def draws(name: str) -> bool:
    return callable(getattr(fitted(name)[0], "paths", None))


SAMPLING = [name for name in CASES if draws(name)]

every_sampling = pytest.mark.parametrize("name", SAMPLING)


@every_sampling
def test_the_paths_of_a_row_do_not_depend_on_what_is_beside_it(name):
    model, series = fitted(name)
    state = model.encode(series)
    together = model.paths(state, 9, 13, seed=4)
    for row in (0, 17, len(state[0]) - 1):
        alone = model.paths(take(state, slice(row, row + 1)), 9, 13, 4, np.array([model.context + row]))
        assert alone[:, 0].tobytes() == np.ascontiguousarray(together[:, row]).tobytes()
    odd = model.paths(take(state, slice(3, 10, 3)), 9, 13, 4, model.context + np.arange(3, 10, 3))
    assert odd.tobytes() == np.ascontiguousarray(together[:, 3:10:3]).tobytes()
