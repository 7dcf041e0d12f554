"""Row S5: a model file is believed only as far as its tensors. All checksums of these files are right."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

import stepahead as sa
from stepahead import scale, storage

from ..cases import CASES, WITH_COLUMNS
from ..golden import make
from .entry_points import X, written
from .tampered import Arrays, Document, parts, put_together, taken_apart, tampered
from .tampered import tried as tried_here

FEW = 3


def golden(name: str) -> bytes:
    """The file of a model that a release wrote."""
    return (make.HERE / sa.__version__ / make.file_name(name)).read_bytes()


def changed(content: bytes, change) -> bytes:
    """The file with its models, each {class, facts, inner}, and its tensors changed in place."""
    document, arrays = taken_apart(content)
    change(list(parts(document["model"])), arrays)
    return put_together(document, arrays)


def with_facts(name: str, at: int = 0, **facts: object) -> bytes:
    return changed(golden(name), lambda models, arrays: models[at]["facts"].update(facts))


def tried(most: int, *names: str, record) -> None:
    """Let a process of its own, whose memory ends at 4 GB, load changed files and forecast from them."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.promises.tampered", str(most), *names]
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=one_thread, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    counts = json.loads(done.stdout)
    assert counts["refused"] > counts["answered"] > 0
    for kind, count in counts.items():
        for _ in range(count):
            record("case", "answered" if kind == "answered" else "refused")


def test_S5_some_changes_of_every_model(record_property):
    tried(FEW, record=record_property)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*filter(make.is_kept, CASES), "from_torch"])
def test_S5_every_change_of_every_model(name, record_property):
    tried(10**6, name, record=record_property)


@pytest.mark.parametrize("name", ["AR both", "AR known lags", "Regressed AR both", "Scaled columns", "Sampled columns"])
def test_S5_some_changes_of_models_with_columns(promise, name):
    """Every fifth change of a file of each: refused, or it forecasts numbers, or it says why it cannot."""
    case = WITH_COLUMNS[name]
    series = case.series()
    content = storage.dumps(case.make().fit(series[:60]))
    assert tried_here(put_together(*taken_apart(content)), series, None) == "answered"
    ended = []
    for place, (_, made) in enumerate(tampered(content)):
        if place % 5 == 0:
            ended.append(promise.answered(lambda made=made: tried_here(made(), series, None)))
    assert ended.count("refused") > ended.count("answered") > 0


CLAIMS = {
    "2^53 nets": with_facts("GRU", ensemble=2**53),
    "2 nets": with_facts("GRU", ensemble=2),
    "a state of a million numbers": with_facts("GRU", hidden=10**6),
    "a state of one number fewer": with_facts("GRU", hidden=2),
    "another cell": with_facts("GRU", cell="lstm"),
    "a cell that is none": with_facts("GRU", cell=["gru"]),
    "a chunk": with_facts("GRU", chunk=2),
    "more updates than losses": with_facts("GRU", updates=10**18),
    "a window that the context denies": with_facts("GRU", window=10**12),
    "a context of 10^12": with_facts("GRU", context=10**12),
    "2^53 wide nets": with_facts("MLP", ensemble=2**53, hidden=2**53),
    "more epochs than losses": with_facts("MLP", epochs=10**18),
    "10^12 lags of an AR": with_facts("AR", lags=10**12, lags_=10**12, context=10**12),
    "a negative context": with_facts("AR", context=-4),
    "chunks of an AR": with_facts("AR", chunk=10**9),
    "no intercept, and one": with_facts("AR", intercept=False),
    "a negative variance": with_facts("AR", variance_=-1.0),
    "an order of 10^18": with_facts("MarkovChain", order=10**18, order_=10**18, context=10**18),
    "an order of 24": with_facts("MarkovChain", order=24, order_=24, context=24),
    "another smoothing": with_facts("MarkovChain 2", smoothing=1e9),
    "a symbol more": with_facts("MarkovChain", states_=["fog", "rain", "sun", "wind"]),
    "an order that its criterion denies": with_facts("MarkovChain bic", order_=0, context=0),
    "fewer bins than there are": with_facts("MarkovChain bins", bins=2),
    "256 hidden states": with_facts("HMM", states=256),
    "a symbol fewer": with_facts("HMM categorical", states_=["fog", "rain"]),
    "numbers of a model of symbols": with_facts("HMM categorical", emissions="gaussian"),
    "60 regimes": with_facts("MarkovSwitchingAR", regimes=60),
    "lags of a switching model": with_facts("MarkovSwitchingAR", lags=3, context=3),
    "a rank of 10^6": with_facts("SSA auto", rank_=10**6),
    "a window of 10^6": with_facts("SSA", window=10**6, context=10**6),
    "8 cycles": with_facts("StateSpace cycle", cycles=8),
    "a season of 60": with_facts("StateSpace season", season=60),
    "an endless horizon": with_facts("Rectified", horizon=10**9),
    "10^12 paths": with_facts("Sampled", n=10**12),
    "a pattern of another size": with_facts("Scaled", 1, lags=10**12),
    "a pattern with another penalty": with_facts("Scaled", 1, ridge=3.0),
    "a scale of 0": with_facts("Scaled", std_=0),
    "a length past every number": changed(golden("AR"), lambda m, a: a["trained_lengths_"].fill(2**62)),
    "transitions that are no distribution": changed(golden("HMM"), lambda m, a: a["transition_"].fill(0.5)),
    "a start that is no distribution": changed(golden("HMM"), lambda m, a: a["start_"].fill(0.0)),
    "a regime that nothing follows": changed(golden("MarkovSwitchingAR"), lambda m, a: a["transition_"].fill(0.0)),
    "a standard deviation below 0": changed(golden("HMM"), lambda m, a: np.negative(a["std_"], out=a["std_"])),
    "half a count": changed(golden("MarkovChain"), lambda m, a: a["counts_"].__iadd__(0.5)),
    "shares that are not those of the counts": changed(golden("MarkovChain"), lambda m,
    a: a["transition_"].fill(1 / 3)),
    "no count": changed(golden("MarkovChain"), lambda m, a: [a["counts_"].fill(0.0), a["transition_"].fill(0.0)]),
    "edges that fall": changed(golden("MarkovChain bins"), lambda m, a: np.negative(a["edges_"], out=a["edges_"])),
    "a spread below 0": changed(golden("MarkovChain bins"), lambda m, a: np.negative(a["spreads_"], out=a["spreads_"])),
    "directions that are none": changed(golden("SSA"), lambda m, a: a["directions_"].__imul__(3.0)),
    "a recurrence of other directions": changed(golden("SSA"), lambda m, a: a["recurrence_"].fill(1.0)),
    "a variance of a shock below 0": changed(golden("StateSpace walk"), lambda m, a: a["parameters_"].fill(-1.0)),
    "weights of 64 bits": changed(golden("GRU"), lambda m,
    a: a.update({k: a[k].astype("f8") for k in a if "head" in k})),
    "coefficients of 16 bits": changed(golden("AR"), lambda m,
    a: a.update(coefficients_=a["coefficients_"].astype("f2"))),
    "an axis more": changed(golden("AR"), lambda m, a: a.update(coefficients_=a["coefficients_"][None])),
    "residuals of no row": changed(golden("MLP"), lambda m, a: a.update(residuals_=a["residuals_"][:0])),
    "a huge empty shape": changed(golden("MLP"), lambda m, a: a.update(residuals_=np.zeros((1 << 50, 0)))),
    "weights of a net that was never fitted": changed(
        golden("GRU"),
        lambda m, a: [
            m.__getitem__(0).update({"facts": {"cell": "gru"}}),
            *(a.pop(k) for k in list(a) if not k.startswith("weights")),
        ],
    ),
    "a model of symbols inside": changed(
        golden("MarkovChain"),
        lambda m, a: [
            a.update({f"model_.{key}": a[key] for key in list(a)}, mean_=a["counts_"][0]),
            a.pop("counts_"), a.pop("transition_"), a.pop("mean_"),
            m[0].update({
                "class": "Scaled",
                "inner": {"model_": dict(m[0]), "model": {"class": "MarkovChain", "facts": {"order": 1}, "inner": {}}},
                "facts": {"mean_": 0.0, "std_": 1.0, "by": "train", "context": 1, "notes_": []},
            }),
        ],
    ),
    "a model that draws no paths inside": changed(
        golden("Sampled"),
        lambda m, a: [
            m[0]["inner"].update(
                model={"class": "Naive", "facts": {}, "inner": {}},
                model_={"class": "Naive", "facts": {"context": 1, "notes_": []}, "inner": {}},
            ),
            m[0]["facts"].update(context=1),
            *(a.pop(k) for k in list(a) if k.startswith("model_.") and "trained" not in k),
        ],
    ),
    "the number that is a tensor, too": with_facts("AR", coefficients_=[1.0]),
    "40 digits": with_facts("AR", lags=10**39),
}  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS)
def test_S5_claims_that_the_tensors_do_not_bear_out(promise, run, tmp_path, claim):
    (tmp_path / "m.safetensors").write_bytes(CLAIMS[claim])
    promise.refused(lambda: sa.load(tmp_path / "m.safetensors"), (), kind=sa.errors.ModelFileError)
    data = written(tmp_path, X.tolist())
    for command in (("forecast", data, "--horizon", 2, "--model"), ("audit", data, "--horizon", 2, "--model")):
        code, out, err = run(*command, tmp_path / "m.safetensors")
        assert (code, out, len(err.strip().splitlines())) == (4, "", 1), err


def test_S5_a_file_put_together_again_is_what_it_was(promise):
    """The refusals above are of what was changed, and of nothing else."""
    for name in ("AR", "GRU", "MLP", "MarkovChain", "Scaled", "SSA"):
        same = changed(golden(name), lambda models, arrays: None)
        expected = storage.loads(golden(name)).forecast(make.series(CASES[name]), 3)
        assert (
            promise.answered(lambda same=same: storage.loads(same)).forecast(make.series(CASES[name]), 3).tolist()
            == expected.tolist()
        )


@pytest.mark.parametrize("deep", [1, 8, 100])
@pytest.mark.parametrize("name", ["Scaled", "Differenced", "Rectified", "Sampled"])
def test_S5_models_in_models(promise, name, deep):
    """As deep as a file may be, and deeper; each of them of another size than the tensors are."""

    def nest(models: list[Document], arrays: Arrays) -> None:
        for _ in range(deep):
            models[0]["inner"]["model"] = {
                "class": name,
                "facts": {},
                "inner": {"model": dict(models[0]["inner"]["model"])},
            }

    promise.refused(lambda: storage.loads(changed(golden(name), nest)), (), kind=sa.errors.ModelFileError)


def test_S5_what_is_too_deep_to_be_loaded_is_not_saved(promise, tmp_path):
    model = sa.baselines.Naive()
    for _ in range(8):
        model = sa.Differenced(model)
    promise.answered(lambda: model.fit(X).save(tmp_path / "m"))
    promise.answered(lambda: sa.load(tmp_path / "m"))
    for _ in range(4):
        model = sa.Differenced(model)
    promise.refused(lambda: model.fit(X).save(tmp_path / "n"), (), kind=sa.errors.ModelFileError)
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize("name", ["GRU", "LSTM ensemble", "RNN window", "from_torch"])
@pytest.mark.parametrize(
    ("fact", "value"),
    [("checkpoint", "elsewhere"), ("checkpoint", 3), ("device", "cuda"), ("device", "cpu"), ("device", None)],
)
def test_S5_no_path_and_no_device_comes_out_of_a_file(promise, tmp_path, monkeypatch, name, fact, value):
    monkeypatch.chdir(tmp_path)
    module = make.module() if name == "from_torch" else None
    error = promise.refused(
        lambda: storage.loads(with_facts(name, **{fact: value}), module), (), kind=sa.errors.ModelFileError
    )
    assert fact in str(error)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "model",
    [lambda training: sa.GRU(2, training=training), lambda training: sa.Scaled(sa.LSTM(2, training=training))],
    ids=["alone", "inside"],
)
def test_S5_no_path_and_no_device_goes_into_a_file(promise, tmp_path, model):
    fitted = model(training=sa.Training(updates=2, warm_up=4, checkpoint=tmp_path / "c").on("cpu")).fit(X)
    promise.answered(lambda: fitted.save(tmp_path / "m"))
    document, _ = taken_apart((tmp_path / "m").read_bytes())
    assert all(not {"checkpoint", "device"} & part["facts"].keys() for part in parts(document["model"]))
    loaded = promise.answered(lambda: sa.load(tmp_path / "m"))
    inner = getattr(loaded, "model", loaded)
    assert (inner.training.checkpoint, inner.training.place) == (None, "auto")
    (tmp_path / "c").unlink()
    loaded.fit(X)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m"], "a refit writes nothing"


@pytest.mark.parametrize(
    "described",
    [
        {"class": "GRU", "training": {"checkpoint": "elsewhere"}},
        {"class": "GRU", "training": {"checkpoint": None}},
        {"class": "GRU", "training": {"device": "cuda"}},
        {"class": "Scaled", "model": {"class": "GRU", "training": {"checkpoint": "elsewhere"}}},
        {"class": "TorchWindow", "module": "m", "lags": 3, "training": {"device": "cuda"}},
    ],
    ids=str,
)
def test_S5_no_path_and_no_device_in_a_spec(promise, run, tmp_path, monkeypatch, described):
    monkeypatch.chdir(tmp_path)
    given = {"models": [described], "horizon": 2}
    error = promise.refused(
        lambda: scale.Spec.read(given), "parameter", "not allowed in a spec", kind=sa.errors.ParameterError
    )
    assert error.name in ("checkpoint", "device")
    (tmp_path / "spec.json").write_text(json.dumps(given))
    (tmp_path / "shards").mkdir()
    code, _, err = run("run", tmp_path / "spec.json", tmp_path / "shards", "--out", tmp_path / "done")
    assert code != 0
    assert "Traceback" not in err
    assert not (tmp_path / "elsewhere").exists()


def test_S5_a_model_with_a_path_or_a_device_is_no_spec(promise):
    for model in (
        sa.GRU(2, training=sa.Training(checkpoint="elsewhere")),
        sa.GRU(2, training=sa.Training().on("cpu")),
        sa.Scaled(sa.GRU(2, training=sa.Training().on("cpu"))),
    ):
        promise.refused(lambda model=model: scale.Spec.of([model], 2), "parameter", "not allowed in a spec")
    promise.answered(lambda: scale.Spec.of([sa.GRU(2)], 2))


class Own(torch.nn.Module):
    """A cell of somebody's own."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.head = torch.nn.GRUCell(1, 3), torch.nn.Linear(3, 1)

    def start(self, rows):
        return torch.zeros(rows, 3)

    def update(self, state, y):
        return self.cell(y[:, None], state)

    def forecast(self, state):
        return self.head(state)[:, 0]


class Bare(Own):
    """The same, and none of its weights."""

    def state_dict(self, *args, **kwargs):
        return {}


@pytest.mark.parametrize("nets", [2**53, 10**6, 3, 1])
def test_S5_as_many_modules_as_there_are_weights(promise, monkeypatch, nets):
    own = storage.dumps(sa.RecurrentNet(Own(), ensemble=2, training=sa.Training(updates=2, warm_up=4)).fit(X))
    copies = []
    monkeypatch.setattr("copy.deepcopy", lambda module: copies.append(module))
    for content, module in ((own, Own()), (golden("from_torch"), make.module()), (own, Bare())):
        claimed = 2 if nets == 1 and content is not own else nets
        bad = changed(content, lambda models, arrays, claimed=claimed: models[0]["facts"].update(ensemble=claimed))
        promise.refused(
            lambda bad=bad, module=module: storage.loads(bad, module), "inconsistent", kind=sa.errors.ModelFileError
        )
    assert copies == []


def test_S5_a_file_larger_than_memory_is_not_read(promise, tmp_path):
    """Its header and its length agree; on the disk it is a hole."""
    size = 1 << 43
    header = {"__metadata__": {"stepahead": ""}, "x": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}
    text = json.dumps(header).encode()
    (tmp_path / "m").write_bytes(len(text).to_bytes(8, "little") + text)
    os.truncate(tmp_path / "m", 8 + len(text) + size)
    error = promise.refused(lambda: sa.load(tmp_path / "m"), "too-large", kind=sa.errors.ModelFileError)
    assert error.asked > size > error.budget


HEADERS = {
    "no tensors": lambda h: [h.pop(key) for key in list(h) if key != "__metadata__"],
    "metadata in metadata": lambda h: h["__metadata__"].update(more={"a": 1}),
    "a number as metadata": lambda h: h["__metadata__"].update(more=3),
    "no metadata": lambda h: h.pop("__metadata__"),
    "a tensor that is a number": lambda h: h.update(coefficients_=3),
    "a tensor without a shape": lambda h: h["coefficients_"].pop("shape"),
    "a shape below 0": lambda h: h["coefficients_"].update(shape=[-4]),
    "a shape past every number": lambda h: h["coefficients_"].update(shape=[1 << 62, 1 << 62]),
    "a shape of text": lambda h: h["coefficients_"].update(shape=["4"]),
    "a dtype that is none": lambda h: h["coefficients_"].update(dtype="OBJECT"),
    "a dtype that numpy lacks": lambda h: h["coefficients_"].update(dtype="BF16", shape=[16]),
    "truths": lambda h: h["coefficients_"].update(dtype="BOOL", shape=[32]),
    "offsets turned over": lambda h: h["coefficients_"]["data_offsets"].reverse(),
    "offsets below 0": lambda h: h["coefficients_"].update(data_offsets=[-32, 0]),
    "offsets past every number": lambda h: h["coefficients_"].update(data_offsets=[0, 10**30]),
    "offsets that are truths": lambda h: h["coefficients_"].update(data_offsets=[True, False]),
    "two tensors in one place": lambda h: h["coefficients_"].update(
        data_offsets=h["trained_fingerprints_"]["data_offsets"]
    ),
    "ten thousand tensors": lambda h: h.update(
        {f"t{n}": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for n in range(10**4)}
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", HEADERS)
def test_S5_headers_that_claim_too_much(promise, tmp_path, kind):
    content = golden("AR")
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    HEADERS[kind](header)
    text = json.dumps(header).encode()
    bad = len(text).to_bytes(8, "little") + text + content[8 + length :]
    promise.refused(lambda: storage.loads(bad), (), kind=sa.errors.ModelFileError)
    (tmp_path / "m").write_bytes(bad)
    promise.refused(lambda: sa.load(tmp_path / "m"), (), kind=sa.errors.ModelFileError)


def test_S5_ten_thousand_models_inside(promise):
    """As many as a header has room for: each is looked at once, and none of them is wanted."""

    def fill(models: list[Document], arrays: Arrays) -> None:
        models[0]["inner"].update({f"m{n}": {"class": "Naive", "facts": {}, "inner": {}} for n in range(9000)})

    promise.refused(lambda: storage.loads(changed(golden("Scaled"), fill)), (), kind=sa.errors.ModelFileError)


def test_S5_whole_numbers_of_any_size_are_floats(promise):
    """JSON knows numbers of 40 digits, and arrays do not."""
    for name, fact in (
        ("Mean", "mean_"),
        ("Scaled", "mean_"),
        ("AR", "variance_"),
        ("SSA", "mean_"),
        ("GRU", "mean_"),
        ("HMM", "log_likelihood_"),
    ):
        bad = with_facts(name, **{fact: 10**38})
        model = promise.answered(lambda bad=bad: storage.loads(bad))
        assert type(getattr(model, fact)) is float
        promise.ended(lambda model=model, name=name: model.forecast(make.series(CASES[name]), 3))


def test_S5_notes_are_shown_as_text(promise):
    model = promise.answered(lambda: storage.loads(with_facts("AR", notes_=["\x1b[2J\u202e"])))
    assert model.notes_ == ("\\u001b[2J\\u202e",)
