"""CSV text, good and bad: what is read, and what is said of the rest."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa

from ..tables import BAD


def test_blank_lines_at_the_end_of_one_column_are_no_values(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("y\n1\n\n3\n\n\n\n")
    series = sa.read(path, "y", missing="skip")
    assert [None if v != v else v for v in series.values.tolist()] == [1.0, None, 3.0]


def test_a_message_about_quotes_has_no_control_character(tmp_path):
    path = tmp_path / "q.csv"
    path.write_bytes(b't\tx\n1\t"\n2\t"0')
    with pytest.raises(sa.errors.InputError, match="line 3") as caught:
        sa.read(path, "x")
    assert "\t" not in str(caught.value)


@pytest.mark.parametrize(("content", "keywords", "code", "words"), BAD.values(), ids=BAD.keys())
def test_bad_files_say_what_and_where(csv, tmp_path, content, keywords, code, words):
    path = tmp_path / "no.csv" if content is None else csv(content)
    with pytest.raises(sa.errors.InputError) as caught:
        sa.read(path, **{"value": "x", **keywords})
    assert caught.value.code == code, caught.value
    for word in words:
        assert word in str(caught.value)


def test_what_the_options_are_for(csv):
    assert sa.read(csv('t;x\n1;"1.234,5"\n2;4,25\n'), "x", decimal=",").values.tolist() == [1234.5, 4.25]
    assert sa.read(csv("t,x\n1,3\n", encoding="utf-16"), "x", encoding="utf-16").values.tolist() == [3.0]
    assert sa.read(csv("时间,负荷\n1,3\n2,5\n", encoding="gbk"), "负荷", "时间", encoding="gbk").name == "负荷"
    skipped = sa.read(csv("t,x\n1,3\n2,\n3,5\n"), "x", missing="skip").values
    assert skipped[[0, 2]].tolist() == [3.0, 5.0]
    assert np.isnan(skipped[1])
    assert sa.read(csv("t,x\n1,3\n"), time="t").values.tolist() == [3.0]
    for bad in ({"decimal": ";"}, {"encoding": "klingon"}, {"missing": "drop"}):
        with pytest.raises(sa.errors.ParameterError):
            sa.read(csv("t,x\n1,3\n"), "x", **bad)


def test_text_becomes_symbols(csv):
    series = sa.read(csv("t,w\n1,rain\n2,sun\n3,rain\n"), "w")
    assert series.categories == ("rain", "sun")
    assert series.values.tolist() == [0, 1, 0]
