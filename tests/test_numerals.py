"""Numbers written as text: what each cell says, and what a column decides. Files of them are promises V10 to V13."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.cells import Cells
from stepahead.numerals import check_words, like_a_number, numeral, read_numbers, strange_number, symbols_note


def column(*texts: str) -> Cells:
    return Cells(texts, "column 'x'", range(2, 2 + len(texts)))


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("12", ".", 12.0),
        ("-1.5e3", ".", -1500.0),
        ("+,5", ",", 0.5),
        ("5.", ".", 5.0),
        ("1,234,567.5", ".", 1234567.5),
        ("1.234.567,5", ",", 1234567.5),
        ("1 234,5", ",", 1234.5),
        ("1\u202f234,5", ",", 1234.5),
        ("1\u2019234.5", ".", 1234.5),
        ("-inf", ".", -np.inf),
    ],
)
def test_a_number_is_read_with_its_marks(text, decimal, value):
    assert numeral(text, decimal).value == value


@pytest.mark.parametrize(
    "text", ["", ".", "1,23", "12,34,567", "1,234e5", "0,512", "1,234'567", "1.2.3", "x", "1_0", "1234,567"]
)
def test_what_is_no_number_or_not_in_threes_is_none(text):
    assert numeral(text, ".") is None


def test_a_column_of_numbers_has_nan_where_it_is_empty():
    values, notes = read_numbers(column("1", "", "NA", "2.5e1"), ".")
    np.testing.assert_array_equal(values, [1.0, np.nan, np.nan, 25.0])
    assert notes == ()
    values, notes = read_numbers(column("1.234,5", "2,0"), ",")
    assert (values.tolist(), notes) == ([1234.5, 2.0], ())
    assert read_numbers(column("rain", "sun", "NA"), ".") is None


@pytest.mark.parametrize(
    ("texts", "code", "line"),
    [
        (("1,5", "2,5"), "decimal-comma", 2),
        (("1", "rain", "2"), "not-a-number", 3),
        (("$5", "$6"), "not-a-number", 2),
        (("12,345", "12345"), "thousands", 3),
        (("1,234", "1'234"), "thousands", 3),
    ],
)
def test_a_column_that_is_neither_is_refused_with_its_line(texts, code, line):
    with pytest.raises(sa.errors.InputError) as caught:
        read_numbers(column(*texts), ".")
    assert (caught.value.code, caught.value.line, caught.value.value) == (code, line, texts[line - 2])


def test_four_digits_may_go_without_a_mark_but_not_beside_four_that_have_it():
    assert read_numbers(column("12.345", "1234"), ",")[0].tolist() == [12345.0, 1234.0]
    with pytest.raises(sa.errors.InputError) as caught:
        read_numbers(column("1.234", "1234"), ",")
    assert caught.value.code == "thousands"


def test_two_readings_and_leading_zeros_are_noted():
    values, (note,) = read_numbers(column("1,234", "5,678"), ".")
    assert values.tolist() == [1234.0, 5678.0]
    assert "if it is 1.234" in note
    assert 'decimal=","' in note
    values, (note,) = read_numbers(column("0123", "4"), ".")
    assert values.tolist() == [123.0, 4.0]
    assert "leading zeros" in note


@pytest.mark.parametrize("text", ["$50", "(12.5)", "ca. 3", "T=4", "CHF 1", "<0.1", "-7", "\u0663"])
def test_like_a_number(text):
    assert like_a_number(text)


@pytest.mark.parametrize(
    ("texts", "place"), [(["a", "b"], None), (["a", "12.5"], 1), (["a", "12kWh"], 1), (["a", "b", "1st"], None)]
)
def test_one_number_among_words_is_enough_or_half_that_begin_like_one(texts, place):
    assert strange_number(texts) == place
    if place is None:
        check_words(texts, range(len(texts)))
    else:
        with pytest.raises(sa.errors.DtypeError) as caught:
            check_words(texts, range(10, 10 + len(texts)))
        assert (caught.value.row, caught.value.found) == (10 + place, texts[place])


def test_the_first_symbols_are_said():
    assert symbols_note(["a", "b"]) == "read as 2 symbols: a, b"
    assert symbols_note(list("abcdefgh")) == "read as 8 symbols: a, b, c, d, e, f, g, .."
