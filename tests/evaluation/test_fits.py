"""Nobody says fitted of a fit that was not made here."""

from __future__ import annotations

import html
import json

import numpy as np
import pytest
import torch

import stepahead as sa
from stepahead.report import export

from ..data import ALWAYS, sine
from ..elsewhere import guess


def test_a_fit_on_other_data_is_said_to_be_one():
    result = sa.k_step(sa.AR(2).fit(sine(0)), sine(1), 3, train=0)
    assert result._caption().endswith("said to be fitted on other data")


T, TRAIN, H = 60, 30, 4
DAYS = np.arange("2024-01-01", T, dtype="datetime64[D]")
X = sine(0, T)
SERIES = sa.Series(X, DAYS, "wave")
ORIGINS = range(28, T - H + 1)


def net():
    """A module that is taken as trained already."""
    return sa.from_torch(torch.nn.Linear(4, 1), 4, training=None)


BLOCKS = {o: [guess(o, k) for k in range(1, H + 1)] for o in ORIGINS}


class Foreign:
    """Anybody's forecaster, of whose fit nothing can be seen."""

    context = 1

    def fit(self, series):
        return self

    def encode(self, values, after=None):
        return (np.asarray(values.numbers)[:, None],)

    def rollout(self, state, horizon):
        return np.repeat(state[0][:, -1:], horizon, axis=1)


HERE, ELSEWHERE = "fitted once on the first 30 values", "made elsewhere; said to be held out from 30 on"
GIVEN = "not fitted here; what it was trained on is not known"
UNKNOWN, OTHER = "made elsewhere; nothing is known of its fits", "said to be fitted on other data"
FITS = {
    # kind: (results, {name: clause}, clauses in Chinese)
    "ours": (lambda: {"AR(3)": own()}, {"AR(3)": HERE, **dict.fromkeys(ALWAYS, HERE)}, ["只用前 30 个值训练一次"]),
    "elsewhere": (
        lambda: {"theirs": sa.from_forecasts(BLOCKS, SERIES, TRAIN)},
        {"theirs": ELSEWHERE, **dict.fromkeys(ALWAYS, HERE)},
        ["theirs：在别处作出，据称从 30 起未参与训练", "Mean、Naive、SES、Line、Drift：只用前 30 个值训练一次"],
    ),
    "unknown": (
        lambda: {"theirs": sa.from_forecasts(BLOCKS, SERIES, 0)},
        {"theirs": UNKNOWN},
        ["；在别处作出，怎样训练的无从得知"],
    ),
    "mixed": (
        lambda: {"theirs": sa.from_forecasts(BLOCKS, SERIES, TRAIN), "AR(3)": own()},
        {"theirs": ELSEWHERE, "AR(3)": HERE, **dict.fromkeys(ALWAYS, HERE)},
        ["theirs：在别处作出，据称从 30 起未参与训练", "AR(3)、Mean、Naive、SES、Line、Drift：只用前 30 个值训练一次"],
    ),
    "said": (
        lambda: {"Foreign": sa.k_step(Foreign(), SERIES, H, train=TRAIN), "AR": own()},
        {"Foreign": "said to be fitted on the first 30 values", "AR": HERE, **dict.fromkeys(ALWAYS, HERE)},
        ["Foreign：据称用前 30 个值训练", "AR、Mean、Naive、SES、Line、Drift：只用前 30 个值训练一次"],
    ),
    "seen less than is left out": (
        lambda: {"AR(3)": sa.k_step(sa.AR(3).fit(X[:20]), SERIES, H, train=TRAIN), "AR": own()},
        {"AR(3)": "fitted once on the first 20 values", "AR": HERE, **dict.fromkeys(ALWAYS, HERE)},
        ["AR(3)：只用前 20 个值训练一次", "AR、Mean、Naive、SES、Line、Drift：只用前 30 个值训练一次"],
    ),
    "given": (
        lambda: {"net": sa.k_step(net(), SERIES, H, train=TRAIN), "AR": own()},
        {"net": GIVEN, "AR": HERE, **dict.fromkeys(ALWAYS, HERE)},
        ["net：不是在这里训练的，用什么训练的无从得知", "AR、Mean、Naive、SES、Line、Drift：只用前 30 个值训练一次"],
    ),
    "given, nothing left out": (
        lambda: {"net": sa.k_step(net(), SERIES, H, train=0)},
        {"net": GIVEN},
        ["；不是在这里训练的，用什么训练的无从得知"],
    ),
    "other data": (
        lambda: {
            "AR(3)": sa.k_step(sa.AR(3).fit(-X), SERIES, H, train=0),
            "theirs": sa.from_forecasts(BLOCKS, SERIES, 0),
        },
        {"AR(3)": OTHER, "theirs": UNKNOWN},
        ["AR(3)：据称是在别的数据上训练的", "theirs：在别处作出，怎样训练的无从得知"],
    ),
}


def head(comparison) -> str:
    """What stands above its table, on one line."""
    return " ".join(comparison.table(columns=120).partition("\n\n")[0].split())


def own() -> sa.results.KStep:
    return sa.evaluate(sa.AR(3), SERIES, H, TRAIN)["AR(3)"]


@pytest.mark.parametrize("kind", FITS)
def test_nobody_says_fitted_of_a_fit_that_was_not_made_here(kind, tmp_path):
    make, clauses, chinese = FITS[kind]
    both = sa.compare(make())
    by_clause: dict[str, list[str]] = {}
    for name, clause in clauses.items():
        by_clause.setdefault(clause, []).append(name)
    wanted = "; ".join(f"{', '.join(names)}: {clause}" for clause, names in by_clause.items())
    wanted = next(iter(by_clause)) if len(by_clause) == 1 else wanted
    assert f"; {wanted}; " in head(both) + "; "
    assert f"; {wanted}; " in head(both.training) + "; "
    assert wanted in html.unescape(both._repr_html_())
    for name, clause in clauses.items():
        assert both[name]._caption().endswith(f"; {clause}")
        assert clause in str(both[name])
        assert clause in both[name]._repr_html_()
        assert both[name]._at_step(1)._caption().endswith(f"; {clause}")
    found = json.loads(export.evaluation_json(both))["fits"]
    assert {name: found[name]["text"] for name in clauses} == clauses
    assert all(found[name]["seen"] == list(both[name].fits.seen) for name in clauses)
    both.report(tmp_path / "en.html")
    both.report(tmp_path / "zh.html", "zh")
    page = html.unescape((tmp_path / "en.html").read_text(encoding="utf-8"))
    assert page.count(wanted) == 1
    assert f" of them; {wanted}</dd>" in page
    page = html.unescape((tmp_path / "zh.html").read_text(encoding="utf-8"))
    assert all(page.count(said) >= 1 for said in chinese)
    if HERE not in clauses.values():
        for text in (both.table(), both._repr_html_(), (tmp_path / "en.html").read_text(encoding="utf-8")):
            assert "fitted once" not in text
        assert "训练一次" not in page


def test_of_many_series_elsewhere_is_said_too():
    panel = [sa.Series(sine(1, 80), name="a"), sa.Series(sine(2, 90), name="b")]
    theirs = sa.from_forecasts([{50: [0.0] * 5}, {50: [0.0] * 5}], panel, 0.5, "zero")
    assert (
        theirs._caption()
        == "2 held-out origins; made elsewhere; said to be held out from the end of each training part on"
    )
    own = sa.evaluate(sa.AR(3), panel, 5, 0.5)["AR(3)"]
    said = head(sa.compare({"AR(3)": own, "zero": theirs}))
    assert f"AR(3), {', '.join(ALWAYS)}: one fit on 2 series; zero: made elsewhere" in said


def test_a_fit_that_is_known_by_what_it_was_made_of_is_ours():
    model = sa.AR(3).fit(X[:TRAIN])
    for train in (None, TRAIN):
        assert sa.k_step(model, X, H, train=train)._caption().endswith(HERE)
    later = sa.k_step(model, X, H, train=40)
    assert later._caption().endswith(f"held-out origins, 40 to 56; {HERE}"), "where scoring begins is another thing"
    assert (later.start, later.fits) == ((40,), sa.results.Fits("once", (TRAIN,)))
    assert not any("scored from" in text for text in later.notes)
    early = sa.k_step(model, X, H, train=20)
    assert early.notes[-1] == "scored from 20 on, though AR(3) was fitted on the first 30 values"
    two = [sa.Series(X, name="a"), sa.Series(X[::-1].copy(), name="b")]
    many = sa.k_step(sa.AR(3).fit([two[0][:20], two[1][:35]]), two, H, train=30)
    assert many.notes[-1] == "scored from 30 on, though AR(3) was fitted on the first 35 values of 'b'"
    foreign = sa.k_step(Foreign(), X, H, train=TRAIN)
    assert foreign._caption().endswith("said to be fitted on the first 30 values")
    assert foreign.training._caption().endswith("said to be fitted on the first 30 values")
    assert sa.evaluate({"f": Foreign()}, X, H, TRAIN)["f"]._caption().endswith(HERE)


def test_names_in_a_caption_are_inert_and_few():
    evil = "a\x1b[2J<b>"
    both = sa.compare({evil: sa.from_forecasts(BLOCKS, SERIES, TRAIN), "AR(3)": own()})
    assert "\x1b" not in both.table()
    shown = both._repr_html_()
    assert "[2J<b>" not in shown
    assert "[2J&lt;b&gt;" in shown, "the name is there, as text"
    many = {f"m{i}": sa.from_forecasts(BLOCKS, SERIES, TRAIN) for i in range(9)}
    assert "m0, m1, m2, m3, m4, m5 …: made elsewhere" in head(sa.compare(many))


UNTOLD = {
    "en": "only if none of the values that are scored was seen in training",
    "zh": "前提是计分的值都没有在训练中出现过",
}


@pytest.mark.parametrize("language", UNTOLD)
@pytest.mark.parametrize("kind", FITS)
def test_an_answer_about_what_was_not_fitted_here_says_that_it_holds_if_nothing_was_seen(kind, language):
    both = sa.compare(FITS[kind][0]())
    untold = [name for name, one in both.items() if one.fits.kind in ("given", "elsewhere", "unknown")]
    notes = [text for text in both.answer.told(language).notes if UNTOLD[language] in text]
    assert len(notes) == bool(untold)
    if untold:
        assert notes[0].startswith(({"en": ", ", "zh": "、"}[language]).join(untold))


def test_a_zero_shot_model_stands_beside_a_fitted_one():
    zero = sa.k_step(net(), SERIES, H, train=TRAIN)
    fitted = sa.evaluate(sa.AR(3), SERIES, H, TRAIN)
    both = sa.compare({"zero": zero, **fitted})
    assert both["zero"].start == both["AR(3)"].start == (TRAIN,)
    assert (both["zero"].fits.kind, both["AR(3)"].fits.kind) == ("given", "once")
    with pytest.raises(sa.errors.ParameterError, match=r"scored from 31 values on and 'AR.3.' from 30"):
        sa.compare({"zero": sa.k_step(net(), SERIES, H, train=31), **fitted})
    with pytest.raises(
        sa.errors.InputError, match=r"trained elsewhere, so that its training part is not known: give t"
    ):
        sa.k_step(net(), SERIES, H)
    for name, result in sa.evaluate([net(), sa.Scaled(net())], SERIES, H, TRAIN).items():
        assert (result.fits.kind == "given") == ("Linear" in name), "evaluate does not call it fitted either"


def test_intervals_of_what_was_not_fitted_here_start_from_its_own_earlier_errors():
    zero = sa.k_step(net(), SERIES, H, train=TRAIN)
    before = zero._before[0]
    own = zero.training.losses("absolute")
    known = zero.training.origins[:, None] + zero.steps <= TRAIN
    np.testing.assert_array_equal(before, np.where(known, own, np.nan))
    assert known.any()


PANEL = [sa.Series(sine(1, 80), name="a"), sa.Series(sine(2, 90), name="b")]
ZEROS = [{o: [0.0] * 5 for o in range(50, 70)} for _ in PANEL]
OF_MANY = {
    # kind: (a result on two series, its clause, in Chinese)
    "once": (
        lambda: sa.evaluate(sa.AR(3), PANEL, 5, 0.5)["AR(3)"],
        "one fit on 2 series",
        "在 2 条序列上一共只训练一次",
    ),
    "declared": (
        lambda: sa.k_step(Foreign(), PANEL, 5, train=40),
        "said to be fitted on the first part of 2 series",
        "据称用 2 条序列的前一段训练",
    ),
    "other": (
        lambda: sa.k_step(sa.AR(3).fit(X), PANEL, 5, train=0),
        "said to be fitted on other data",
        "据称是在别的数据上训练的",
    ),
    "given": (lambda: sa.k_step(net(), PANEL, 5, train=40), GIVEN, "不是在这里训练的，用什么训练的无从得知"),
    "elsewhere": (
        lambda: sa.from_forecasts(ZEROS, PANEL, 40, "zero"),
        "made elsewhere; said to be held out from the end of each training part on",
        "在别处作出，据称每条序列在训练段之后的部分未参与训练",
    ),
    "unknown": (lambda: sa.from_forecasts(ZEROS, PANEL, 0, "zero"), UNKNOWN, "在别处作出，怎样训练的无从得知"),
}


@pytest.mark.parametrize("kind", OF_MANY)
def test_of_many_series_every_kind_has_its_clause_in_both_languages(kind, tmp_path):
    make, english, chinese = OF_MANY[kind]
    run = make()
    assert run.fits.kind == kind
    name = "mine"
    both = sa.compare({name: run})
    both.report(tmp_path / "en.html")
    both.report(tmp_path / "zh.html", "zh")
    pages = [html.unescape((tmp_path / f"{language}.html").read_text("utf-8")) for language in ("en", "zh")]
    found = [json.loads(export.evaluation_json(both, language=language))["fits"][name] for language in ("en", "zh")]
    for text in (run._caption(), str(run), run._repr_html_(), head(both), html.unescape(both._repr_html_()), pages[0]):
        assert english in text
    for text in (both.table("zh", columns=120).replace("\n", ""), pages[1]):
        assert chinese in text
    assert [one["text"] for one in found] == [english, chinese]
    assert [one["kind"] for one in found] == [kind, kind]
    if kind != "once":
        assert not any("fitted once" in text or f"{name}: one fit" in text for text in (head(both), pages[0], str(run)))
