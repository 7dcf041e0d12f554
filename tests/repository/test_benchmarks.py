"""The benchmark beside the peers, and what is drawn of claims: who is absent is named, who disagrees is refused."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from benchmarks import trust as proof
from benchmarks.peers import installs, tables
from benchmarks.peers.__main__ import main

from ..data import ROOT, path


def contender(name, answer=2.0, needs=()):
    return tables.Contender(
        name, needs, lambda: tables.Job(lambda: np.array([answer]), tables.equal(np.array([2.0]), 1e-8))
    )


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(tables, "SHORT", 1e-4)


def test_who_is_not_installed_is_named_and_the_rest_is_timed(quick, capsys):
    table = tables.Table("job", "ours", (contender("ours"), contender("theirs", needs=("no-such-package",))))
    rows = tables.measured(table, lambda contender: True, print)
    assert rows["theirs"] == {"absent": ["no-such-package"]}
    assert rows["ours"]["ratio"] == 1.0
    assert rows["ours"]["runs"] == tables.RUNS
    tables.show("job", rows)
    out = capsys.readouterr().out
    assert "not installed: theirs (no-such-package)" in out
    assert "differs 0e+00; 9 runs" in out


def test_who_was_not_asked_takes_no_part(quick):
    table = tables.Table("job", "ours", (contender("ours"), contender("theirs")))
    assert set(tables.measured(table, lambda contender: contender.name == "ours", print)) == {"ours"}


@pytest.mark.parametrize("answer", [2.0 + 1e-7, np.nan, [2.0, 2.0]])
def test_an_answer_that_differs_is_refused_before_anything_is_timed(quick, answer):
    table = tables.Table("job", "ours", (contender("ours"), contender("theirs", answer)))
    with pytest.raises(AssertionError, match="answer"):
        tables.measured(table, lambda contender: True, print)


def test_several_runs_make_one_table_and_a_ratio_stays_that_of_its_own_run(tmp_path, capsys):
    limit = {"seconds": 1.0, "ratio": 1.0, "agrees": "differs 0e+00", "runs": 9}
    title = "AR(4), 10,000 values"
    one = {
        "stepahead k_step": {**limit, "seconds": 0.002, "ratio": 2.0},
        "Darts historical_forecasts, recursive": {**limit, "seconds": 0.2, "ratio": 200.0},
        "skforecast": {"absent": ["skforecast"]},
    }
    other = {
        "stepahead k_step": {**limit, "seconds": 0.004, "ratio": 2.5},
        "skforecast": {**limit, "seconds": 8.0, "ratio": 5000.0},
    }
    paths = []
    for place, rows in enumerate((one, other)):
        paths.append(tmp_path / f"{place}.json")
        paths[-1].write_text(json.dumps({"versions": {"numpy": "2"}, "found": {title: rows}}))
    together = tables.merged([{title: one}, {title: other}])[title]
    assert together["stepahead k_step"] == {**limit, "seconds": 0.003, "ratio": 2.25, "runs": 18}
    assert together["skforecast"]["ratio"] == 5000.0
    main(["--merge", *map(str, paths)])
    out = capsys.readouterr().out
    assert "not installed" not in out
    assert "AR from every origin beside Darts: 88.9 times faster, wanted 1: met" in out
    assert "the note's net beside neuralforecast: not measured" in out


def test_an_unknown_peer_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--only", "prophet"])
    assert "prophet" in capsys.readouterr().err


def test_what_an_install_needs_is_followed_to_its_end():
    assert installs.needed("no-such-package") == set()
    ours = installs.needed("stepahead")
    assert {"stepahead", "numpy", "scipy", "click", "narwhals", "safetensors"} <= ours
    assert "torch" not in ours
    assert "torch" in installs.needed("stepahead[neural]")
    assert installs.size("numpy") > 1e7
    assert 1e5 < installs.size("stepahead") < 2e7


@pytest.mark.slow
def test_it_runs_where_no_peer_is_installed():
    typed = [sys.executable, "-m", "benchmarks.peers", "--only", "darts", "--tables", "panels"]
    done = subprocess.run(typed, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "stepahead evaluate, a fit each" in done.stdout
    assert "limits" in done.stdout


# -- what is drawn of claims -------------------------------------------------------------------------------------------


def test_a_claim_goes_past_the_end_as_seldom_as_is_said():
    assert np.mean(proof.claims(0.0, proof.THETA[3], 8, 333, 40) > 3) <= 0.12  # 5 % and two standard errors


@pytest.mark.slow
@pytest.mark.parametrize(("q", "lags"), [(3, 8), (8, 16)])
def test_a_moving_average_is_trusted_to_its_order(q, lags):
    few, many = (proof.claims(0.0, proof.THETA[q], lags, n, 200) for n in (333, 2000))
    assert max(np.mean(few > q), np.mean(many > q)) <= 0.08
    assert q - 1 <= np.median(many) <= q


@pytest.mark.slow
def test_a_longer_memory_is_trusted_further():
    medians = [np.median(proof.claims(phi, (), 1, 2000, 100)) for phi in (0.5, 0.8, 0.95)]
    assert medians[0] < medians[1] < medians[2]


def test_claims_on_processes_that_do_not_change_survive():
    found = [claim for series in proof.stable(2) if (claim := proof.claims_of(series, 13, (0.01,))[0])]
    assert len(found) >= 3
    assert all(claim.saved > 0.01 and claim.later > 0.0 for claim in found)


@pytest.mark.slow
def test_claims_on_weekly_series_survive_as_often_as_is_said(monkeypatch):
    monkeypatch.setattr(proof, "FOLDER", path("M4_Weekly-train.csv.gz").parent)
    both = [proof.claims_of(series, 13, proof.MARGINS) for series in proof.weekly(300)]
    shares = [np.mean([c[place].later > 0.0 for c in both if c[place]]) for place in range(2)]
    assert shares[0] >= 0.85
    assert shares[1] >= 0.90
