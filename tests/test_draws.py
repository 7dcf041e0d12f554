"""The paths of a row do not depend on what is drawn beside it."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.draws import drawn_rows, uniforms
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


def test_a_path_draws_whole_rows_of_residuals_for_each_chunk():
    residuals = np.arange(12.0).reshape(4, 3)
    found = list(drawn_rows(residuals, 7, np.array([40]), 5, 2))
    drawn = uniforms(7, np.array([40]), 5, 2)
    assert len(found) == 2
    for chunk, rows in enumerate(found):
        for path in range(5):
            assert rows[path].tolist() == residuals[int(drawn[path, 0, chunk] * 4)].tolist()
