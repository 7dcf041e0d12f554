"""Times written as text: each clear one is read, and an ambiguous one is refused."""

from __future__ import annotations

import pytest

import stepahead as sa


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["2024-01-31", "2024-02-29"], "2024-01-31"),
        (["2024-01", "2024-02"], "2024-01"),
        (["2024-01-31 13:00:00", "2024-01-31 14:00:00"], "2024-01-31T13:00:00"),
        (["2024-01-31T13:00", "2024-01-31T14:00"], "2024-01-31T13:00"),
        (["2024-01-31T13:00+02:00", "2024-01-31T13:00+01:00"], "2024-01-31T11:00"),
        (["2024-01-31T13:00Z", "2024-01-31T14:00Z"], "2024-01-31T13:00"),
        (["31/01/2024", "01/02/2024"], "2024-01-31"),
        (["01/31/2024 9:30", "02/01/2024 9:30"], "2024-01-31T09:30"),
        (["2300-01-01", "2301-01-01"], "2300-01-01"),
        (["-5", "7"], "-5"),
        (["0.5", "1.5"], "0.5"),
    ],
)
def test_times_that_are_clear(csv, cells, first):
    path = csv("t,x\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells)))
    assert str(sa.read(path, "x", "t").times[0]) == first
