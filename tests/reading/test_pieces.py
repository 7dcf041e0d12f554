"""Sources of a long series, and what cannot be one."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.reading.pieces import pieces

from ..data import streamed
from ..fleets import waves


def test_sources_of_a_stream(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    x = waves(1, 500)[0]
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "big-endian.npy", x.astype(">f4"))
    pq.write_table(pa.table({"x": x}), tmp_path / "x.parquet", row_group_size=77)
    pq.write_table(pa.table({"x": x, "t": np.arange(500)}), tmp_path / "two.parquet", row_group_size=1000)
    cut = [x[:100], x[100:100], x[100:103], x[103:]]
    sources = {
        "series": sa.Series(x, name="x"), "npy": str(tmp_path / "x.npy"), "parquet": tmp_path / "x.parquet",
        "map": np.load(tmp_path / "x.npy", mmap_mode="r"), "column": pieces(tmp_path / "two.parquet", column="x"),
        "list": cut, "iterator": iter(cut), "small": pieces(tmp_path / "x.npy", size=9),
    }  # fmt: skip
    expected = sa.evaluate([sa.AR(3)], x, 4, 300)["AR(3)"].rmse()
    for kind, source in sources.items():
        scores = streamed([sa.AR(3)], source, 4, 300)
        np.testing.assert_allclose(scores.scorer.by_series("rmse")[0, 0], expected, rtol=1e-12, err_msg=kind)
        assert scores.scorer.series[0] in ("x", "0")
    assert np.concatenate(list(pieces(tmp_path / "big-endian.npy"))).dtype == np.float64
    for start, stop in ((0, 500), (76, 78), (77, 300), (499, 500)):
        for path in ("x.npy", "x.parquet"):
            np.testing.assert_array_equal(
                np.concatenate(list(pieces(tmp_path / path, size=50).between(start, stop))), x[start:stop]
            )


def test_sources_that_cannot_be_read_say_why(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    x = waves(1, 500)[0]
    np.save(tmp_path / "cut.npy", x)
    whole = (tmp_path / "cut.npy").read_bytes()
    (tmp_path / "cut.npy").write_bytes(whole[:-8])
    (tmp_path / "head.npy").write_bytes(whole[:20])
    np.save(tmp_path / "plane.npy", np.zeros((3, 4)))
    (tmp_path / "x.csv").write_text("a,b\n")
    (tmp_path / "x.parquet").write_bytes(b"PAR1 no more")
    pq.write_table(pa.table({"x": x, "t": np.arange(500)}), tmp_path / "two.parquet")
    for source in ("missing.npy", "cut.npy", "head.npy", "plane.npy", "x.csv", "x.parquet", "two.parquet"):
        with pytest.raises(sa.errors.InputError):
            pieces(tmp_path / source)
    with pytest.raises(sa.errors.InputError, match="1234"):
        pieces(tmp_path / "two.parquet", column="1234")
    for bad in (3.0, np.zeros((2, 2))):
        with pytest.raises(sa.errors.DtypeError):
            pieces(bad)
    with pytest.raises(sa.errors.DtypeError):
        list(pieces(iter([np.zeros((2, 2))])))
    with pytest.raises(sa.errors.DtypeError):
        list(pieces(np.array(["a", "b"])))
    hollow = x.copy()
    hollow[321] = np.nan
    with pytest.raises(sa.errors.InputError, match="value 321 is nan"):
        streamed(sa.AR(2), pieces(hollow, size=50), 4, 300)
    with pytest.raises(sa.errors.InputError, match="too short"):
        streamed(sa.AR(2), x, 4, 498)
    with pytest.raises(sa.errors.InputError, match="too short"):
        streamed(sa.AR(2), iter([x]), 4, 498)
    with pytest.raises(sa.errors.InputError, match="too short"):
        streamed(sa.AR(2), iter([x]), 4, 600)
    with pytest.raises(sa.errors.InputError, match="coefficients"):
        streamed(sa.AR(20), x, 4, 30)
    with pytest.raises(sa.errors.ParameterError, match="number of values"):
        streamed(sa.AR(2), iter([x]), 4, 0.5)
    with pytest.raises(sa.errors.InputError, match="symbols"):
        streamed(sa.MarkovChain(1), np.rint(x), 4, 300)
    once = pieces(iter([x]))
    assert len(np.concatenate(list(once))) == 500
    with pytest.raises(sa.errors.InputError, match="read already"):
        list(once)
