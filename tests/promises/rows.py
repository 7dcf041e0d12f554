"""The rows that the package promises to keep: what comes in, and what happens then.
A test of a row begins with its name.
"""

from __future__ import annotations

import re

ROWS = {
    "V1": "missing in the middle: refused, or skipped with every window that touches it",
    "V2": "missing last: refused where it is read, at forecast too",
    "V3": "missing at the head: refused, or cut off and noted; all missing: refused",
    "V4": "infinite: always refused",
    "V5": "constant and zero: exact; what divides by scale is null, with a reason",
    "V6": "huge and tiny: the forecast scales with the series bit for bit",
    "V7": "a high level: no digit lost that was there; noted where the numbers themselves lost some",
    "V8": "every dtype and layout: the same bits, and never written to",
    "V9": "complex, objects, numbers as text: refused by the API, read by the command line",
    "V10": "decimal comma: refused, naming decimal=",
    "V11": "text: refused by models of numbers, taken by models of symbols",
    "V12": "numbers never become symbols by accident",
    "V13": "grouping marks are consistent",
    "T1": "uneven steps: noted; with every= a gap is an error, or NaN",
    "T2": "a time that stands twice: refused",
    "T3": "out of order: sorted and noted",
    "T4": "ambiguous dates: both readings named; far dates: never wrapped",
    "T5": "zones never mix: both sides have one, or neither; a zone however it is spelt is read",
    "T6": "an index that carries an order is used or refused, never dropped",
    "P1": "too short: refused with both numbers",
    "P2": "more coefficients than rows: refused without ridge",
    "P3": "an argument that is none: refused by name",
    "P4": "more steps than values: recursive exact, direct too short",
    "P5": "one column is a series, two are not",
    "P6": "every kind of container: the same bits; what is none is named",
    "P7": "more memory than there is: refused before it is asked for",
    "P8": "forecast before fit: refused, naming the class",
    "P9": "intervals from too few errors are infinite, or say which level they hold; never narrower further out",
    "M1": "a recursion that explodes: refused at the first step past the range",
    "M2": "near a unit root, rank-deficient: the forecast, the smallest solution, noted",
    "M3": "training that diverges: refused with the epoch",
    "M4": "states unseen, without a way out, absorbing: refused, refused, noted",
    "M5": "the same twice, in any order: the same bits",
    "F1": "files as people write them: read",
    "F2": "another encoding: refused, naming encoding=",
    "F3": "files that are none: refused with the line",
    "F4": "columns that are not there, or there twice: refused with those there are",
    "F5": "one bad series never costs the others",
    "F6": "ids are data, never a path",
    "S1": "malicious files: refused from the first bytes, nothing run",
    "S2": "damaged files: refused by a check with a name",
    "S3": "malicious JSON: refused",
    "S4": "models with foreign parts: what can be saved is, and the rest says how",
    "S5": "a model file is believed only as far as its tensors",
    "X1": "killed at any moment: the old file or the new one, whole",
    "X2": "no room, no permission: refused, and the old file stands",
    "X3": "training killed or stopped: resumed to the same bits",
    "X4": "a worker dies: retried, then set aside; the rest delivered",
    "X5": "two runs into one folder: the second refuses",
    "X6": "no network, no home, an odd locale, a closed pipe: no effect",
    "X7": "outputs never destroy an input, a device or a folder; the mode of what is replaced is kept",
    "O1": "markup in a name: inert",
    "O2": "formulas in a name: inert in exported CSV, and numbers untouched",
    "O3": "control and direction characters: shown as escapes",
    "O4": "bytes out are the bytes in; on a terminal escaped",
}

ELSEWHERE = {
    "test_gaps_cost_only_what_touches_them": "V1",
    "test_readings_hold_their_digits_at_every_size": "V6",
    "test_values_at_the_end_of_the_range": "V6",
    "test_categories_may_be_numbers_in_any_order": "V11",
    "test_text_becomes_symbols": "V11",
    "test_times_that_are_clear": "T4",
    "test_times_of_the_wrong_length_or_kind": "T4",
    "test_every_makes_the_gaps_of_trading_days_visible": "T1",
    "test_too_short_is_said_with_both_numbers": "P1",
    "test_bad_horizons_are_refused_by_name": "P3",
    "test_every_entry_point_gives_the_same_bits": "P6",
    "test_odd_kinds_are_read_or_named": "P6",
    "test_what_does_not_fit_into_memory_is_refused_with_both_numbers": "P7",
    "test_a_clone_has_the_arguments_and_nothing_learned": "P8",
    "test_a_fit_that_fails_leaves_a_model_that_is_not_fitted": "P8",
    "test_nothing_infinite_comes_out_of_a_forecast": "M1",
    "test_same_seed_same_bits_whatever_the_memory_layout": "M5",
    "test_the_order_of_a_panel_changes_no_bit": "M5",
    "test_malformed_files_on_the_command_line": "F3",
    "test_what_a_panel_cannot_be_read_from_is_said": "F5",
    "test_the_exit_code_is_that_of_the_process": "F5",
    "test_the_work_of_many_series_is_linear": "F5",
    "test_saved_and_loaded_it_forecasts_the_same_bits": "S4",
    "test_killed_at_a_random_step_it_resumes_to_the_same_bits": "X3",
    "test_a_checkpoint_of_something_else_is_refused": "X3",
    "test_a_worker_that_is_killed_costs_nothing_and_a_call_that_kills_them_all_is_given_up": "X4",
    "test_a_call_that_fails_is_lost_alone": "X4",
    "test_an_executor_that_breaks_loses_what_it_had_and_says_so": "X4",
    "test_a_damaged_shard_costs_its_own_series_alone": "X4",
    "test_a_run_survives_the_death_of_anyone": "X4",
    "test_shards_are_whole_whatever_happens_to_the_one_who_writes_them": "X1",
    "test_a_folder_in_use_is_refused": "X5",
    "test_a_folder_of_shards_is_not_written_twice": "X5",
    "test_names_of_series_are_data": "F6",
    "test_payloads_are_text": "O1",
    "test_spreadsheets_run_nothing": "O2",
    "test_names_cannot_carry_control_characters_into_a_message": "O3",
}
"""Tests that hold a row under another name, since they hold more than that."""

_NAMED = re.compile(r"^test_((?:[VTPMFSXO]\d+_)+)")
_IN_ID = re.compile(r"[\[-]([VTPMFSXO]\d+)(?=[ \]-])")


def rows_of(nodeid: str) -> set[str]:
    """The rows that a test holds, by its name and by its parameters: ``test_V1_in_a_file[F3 a blank-AR]`` holds V1 and
    F3.

    >>> sorted(rows_of("tests/test_x.py::test_V1_in_a_file[F3 a blank-AR]"))
    ['F3', 'V1']
    """
    test = nodeid.partition("::")[2]
    named = _NAMED.match(test)
    found = set(named[1].rstrip("_").split("_")) if named else set()
    found |= {ELSEWHERE[name] for name in [test.partition("[")[0]] if name in ELSEWHERE}
    return {row for row in found | set(_IN_ID.findall(test)) if row in ROWS}
