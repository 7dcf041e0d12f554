"""Model files of releases: what was saved once is loaded for ever, and forecasts what it did."""

from __future__ import annotations

import json

import numpy as np
import pytest

import stepahead as sa

from ..cases import CASES
from ..golden import make

FOLDERS = sorted(path.parent for path in make.HERE.glob("*/forecasts.json"))
KNOWN = {
    (folder.name, name): facts
    for folder in FOLDERS
    for name, facts in json.loads((folder / "forecasts.json").read_text()).items()
}


def test_this_release_has_its_files_and_all_are_small():
    assert make.HERE / sa.__version__ in FOLDERS, "python -m tests.golden.make"
    here = {name for release, name in KNOWN if release == sa.__version__}
    assert here == {*filter(make.is_kept, CASES), "from_torch"}
    for folder in FOLDERS:
        assert sum(path.stat().st_size for path in folder.iterdir()) < 300_000


@pytest.mark.parametrize(("release", "name"), KNOWN, ids=lambda text: text)
def test_a_file_of_a_release_is_loaded_and_forecasts_what_it_did(release, name):
    facts, path = KNOWN[release, name], make.HERE / release / make.file_name(name)
    case = CASES.get(name, CASES["MLP"])
    model = sa.load(path, module=make.module()) if name == "from_torch" else sa.load(path)
    if name != "from_torch":  # how a net is trained was among its own arguments in 0.1.0
        # 64, where an order that was given needs no horizon, was the default that time.
        found = repr(model).replace(", horizon=64", "")
        assert found == (repr(case.make()) if "Training(" in repr(case.make()) else facts["model"])
    tolerance = 2e-5 if name == "from_torch" else max(case.tolerance, 1e-10)
    found = make.forecasts(case, model)
    if case.symbols:
        assert found == facts["forecasts"]
    else:
        np.testing.assert_allclose(found, facts["forecasts"], rtol=tolerance, atol=tolerance)
    assert sa.k_step(model, make.series(case), 3).start == (make.TRAIN,), "it knows its training part again"


def test_what_is_there_is_never_written_over(capsys):
    before = {path: path.read_bytes() for path in (make.HERE / sa.__version__).iterdir()}
    assert make.main() == 1
    assert {path: path.read_bytes() for path in (make.HERE / sa.__version__).iterdir()} == before
    assert "does not change" in capsys.readouterr().err
