"""What several test files use."""

from __future__ import annotations

import gc
import os

# One thread a worker: two of them on two cores would otherwise wait for each other, and ratios of times would say
# nothing.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

from stepahead import AR, SSA, StateSpace, demo  # noqa: E402
from stepahead.cli import main  # noqa: E402
from stepahead.evaluation import each as apart  # noqa: E402
from stepahead.evaluation import reference  # noqa: E402

from .browser import browser, tab  # noqa: E402, F401  (fixtures)
from .long import is_long  # noqa: E402

settings.register_profile("steady", deadline=None)  # how long an example takes is no property of it
settings.load_profile("steady")


def pytest_addoption(parser):
    parser.addoption("--whole", action="store_true", help="the tests of tests/long.py too, as `make test` runs them")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """A plain `pytest` takes no more than two minutes: what takes long is left out where nothing is named."""
    if config.getoption("whole") or config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    long = [item for item in items if is_long(item.nodeid)]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not is_long(item.nodeid)]


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    """Thousands of tests are made, and none of them is garbage: nobody looks for it until all are there."""
    gc.disable()
    found = yield
    gc.freeze()
    gc.enable()
    return found


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file goes to one worker as a whole: what its tests share is made once."""
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)


@pytest.fixture
def run(capsys):
    def typed(*arguments: object) -> tuple[int, str, str]:
        code = main([str(a) for a in arguments], leave=int)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return typed


@pytest.fixture
def told(monkeypatch):
    """The demo, whose models are told what they choose elsewhere: quicker, and with other numbers."""
    models = demo.models
    chosen = {"AR(auto)": AR(30), "SSA(auto)": SSA(2, 128), "StateSpace(auto)": StateSpace(cycles=1)}
    monkeypatch.setattr(demo, "models", lambda seed, language="en": models(seed, language) | chosen)
    monkeypatch.setattr(demo, "OTHER_SEEDS", 2)


@pytest.fixture
def csv(tmp_path):
    def write(content, name="f.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def loops(monkeypatch):
    """How many series went through the loop."""
    calls = []

    def counted(*arguments, **options):
        calls.append(arguments[1])
        return reference.fits(*arguments, **options)

    monkeypatch.setattr(apart, "fits", counted)
    return calls
