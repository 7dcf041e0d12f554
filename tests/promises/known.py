"""Promises that are broken today, by test or by case: each is expected to fail, and says so once it is mended."""

from __future__ import annotations

KNOWN = {
    "test_O2_formulas_are_inert_in_exported_csv[return]": "a carriage return in a cell is not quoted, and ends the row",
    "test_X3_early_stopping_resumes_to_the_same_bits": "the best weights so far are in no checkpoint",
    "test_M3_training_that_diverges_names_the_epoch_and_the_rate[LSTM]": "torch has its own error for a rate past 32 bits",
    **{
        f"test_M1_nothing_infinite_leaves_by_any_door[{door}-Rectified]": "Rectified.fit lets numpy warn of an overflow"
        for door in ("forecast", "k_step", "evaluate", "paths")
    },
}
