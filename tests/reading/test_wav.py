"""Sound of every width."""

from __future__ import annotations

import io
import struct
import wave

import numpy as np
import pytest

import stepahead as sa


def sound(samples: np.ndarray, width: int, rate: int = 16000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate)
        if width == 1:
            raw = (samples + 128).astype(np.uint8).tobytes()
        elif width == 3:
            raw = samples.astype("<i4").reshape(-1, 1).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
        else:
            raw = samples.astype(f"<i{width}").tobytes()
        file.writeframes(raw)
    return out.getvalue()


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_wav_of_every_width(tmp_path, width):
    top = 2 ** (8 * width - 1)
    samples = np.array([0, 1, -1, top - 1, -top, 5])
    (tmp_path / "a.wav").write_bytes(sound(samples, width))
    series = sa.read(tmp_path / "a.wav")
    assert series.values.tolist() == (samples / top).tolist()
    np.testing.assert_allclose(series.times, np.arange(6) / 16000)
    assert series.name == "a"


def test_wav_of_two_channels_and_what_is_none(tmp_path):
    both = np.array([[1, -1], [2, -2], [3, -3]])
    (tmp_path / "s.wav").write_bytes(sound(both, 2))
    assert sa.read(tmp_path / "s.wav", "2").values.tolist() == (both[:, 1] / 2**15).tolist()
    for bad in (None, "3", "left"):
        with pytest.raises(sa.errors.ParameterError, match="channel"):
            sa.read(tmp_path / "s.wav", bad)
    whole = sound(both, 2)
    for content in (whole[:20], whole[:-4], whole.replace(b"\x01\x00\x02\x00", b"\x03\x00\x02\x00", 1)):
        (tmp_path / "b.wav").write_bytes(content)
        with pytest.raises(sa.errors.InputError) as caught:
            sa.read(tmp_path / "b.wav", "1")
        assert caught.value.code == "wav"


def _floats(samples: np.ndarray, chunk: bytes = b"") -> bytes:
    raw = samples.astype("<f4").tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, 100, 400, 4, 32)
    body = b"WAVE" + form + chunk + struct.pack("<4sI", b"data", len(raw)) + raw
    return struct.pack("<4sI", b"RIFF", len(body)) + body


@pytest.mark.parametrize("name", [b"PEAK", b"bext", b"fact", b"LIST"])
def test_floats_beside_other_chunks(tmp_path, name):
    samples = np.array([0.5, -0.25, 1.5])
    (tmp_path / "a.wav").write_bytes(_floats(samples, name + struct.pack("<I", 16) + bytes(16)))
    assert sa.read(tmp_path / "a.wav").values.tolist() == samples.tolist()
    for cut in (-2, -4):
        (tmp_path / "a.wav").write_bytes(_floats(samples)[:cut])
        with pytest.raises(sa.errors.InputError, match="can be read"):
            sa.read(tmp_path / "a.wav")
