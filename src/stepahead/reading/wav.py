"""WAV files: uncompressed audio, by the standard library."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..columns import Column
from ..errors import InputError, shown
from ..parameters import refuse
from ..protocols import Array
from ..times import Times


def wav(content: bytes, name: str, channel: str | None) -> Column:
    """The samples of one channel, between -1 and 1, with their times in seconds."""
    import wave

    if _is_float(content):
        samples, rate = _floats(content, name)
        return _channel(samples, rate, name, channel)
    try:
        with wave.open(io.BytesIO(content)) as sound:
            channels, width, rate, count = sound.getparams()[:4]
            raw = sound.readframes(count)
    except (wave.Error, EOFError) as error:
        raise InputError(
            f"{shown(name)} is not an uncompressed WAV file: {shown(str(error) or 'it ends too early')}", code="wav"
        ) from None
    if len(raw) < count * channels * width:
        raise InputError(
            f"{shown(name)} is cut off: {len(raw) // (channels * width)} of {count} samples are there",
            code="wav",
            found=len(raw),
        )
    return _channel(_samples(raw, width).reshape(-1, channels), rate, name, channel)


def _channel(samples: Array, rate: int, name: str, channel: str | None) -> Column:
    """One channel of samples [time, channels]."""
    channels, column = samples.shape[1], 0
    if channel is not None or channels > 1:
        allowed = ", ".join(f'"{i + 1}"' for i in range(channels))
        if channel not in [str(i + 1) for i in range(channels)]:
            raise refuse("value", channel, f"the number of a channel ({allowed}) of a file with {channels}")
        column = int(channel) - 1
    return Column(samples[:, column].copy(), Times(np.arange(len(samples)) / rate), Path(name).stem)


def _is_float(content: bytes) -> bool:
    """Whether the samples are floats: format 3, by itself or in the extensible header."""
    place = content.find(b"fmt ", 12, 4096)
    if place < 0:
        return False
    kind = int.from_bytes(content[place + 8 : place + 10], "little")
    return kind == 3 or (kind == 0xFFFE and content[place + 32 : place + 34] == b"\x03\x00")


def _floats(content: bytes, name: str) -> tuple[Array, int]:
    """Samples of 32 or 64 bits, [time, channels], and how many a second."""
    from scipy.io import wavfile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", wavfile.WavFileWarning)
            # A chunk beside the samples, such as the peaks that libsndfile writes, is left out.
            warnings.filterwarnings("ignore", r"Chunk \(non-data\) not understood", wavfile.WavFileWarning)
            rate, samples = wavfile.read(io.BytesIO(content))
    except (ValueError, EOFError, wavfile.WavFileWarning) as error:
        raise InputError(f"{shown(name)} is not a WAV file that can be read: {shown(str(error))}", code="wav") from None
    return samples.astype(np.float64).reshape(len(samples), -1), int(rate)


def _samples(raw: bytes, width: int) -> Array:
    if width == 3:
        # 24 bits: put each sample into the upper three bytes of a 32-bit one.
        padded = np.zeros((len(raw) // 3, 4), dtype=np.uint8)
        padded[:, 1:] = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 3)
        whole: npt.NDArray[Any] = padded.view("<i4").ravel()
        return whole.astype(np.float64) / 2.0**31
    if width == 1:
        return (np.frombuffer(raw, dtype=np.uint8).astype(np.float64) - 128.0) / 128.0
    return np.frombuffer(raw, dtype=f"<i{width}").astype(np.float64) / 2.0 ** (8 * width - 1)
