"""Model files, edited."""

from __future__ import annotations

import hashlib
import json

import numpy as np

import stepahead as sa


def edited(content: bytes, change) -> bytes:
    """The same file with its JSON document changed and everything else consistent."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    document = json.loads(header["__metadata__"]["stepahead"].partition(" ")[2])
    text = change(document)
    text = json.dumps(document) if text is None else text
    header["__metadata__"]["stepahead"] = f"{hashlib.sha256(text.encode()).hexdigest()} {text}"
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    return len(head).to_bytes(8, "little") + head + content[8 + length :]


def put(*path, value):
    def change(document):
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = value

    return change


GIVEN = {
    "StateSpace walk": lambda: sa.StateSpace(0, "walk").with_parameters(noise=1.0, local_level=0.1),
    "StateSpace cycle": lambda: sa.StateSpace(1).with_parameters(noise=1.0, cycles=[(9.0, 1.0, 0.0)], scale=2.0),
    "StateSpace season": lambda: sa.StateSpace(0, "trend", 4).with_parameters(1.0, local_level=(0.1, 0.0), season=0.1),
    "HMM": lambda: sa.HMM(2).with_parameters([0.5, 0.5], np.full((2, 2), 0.5), means=[0.0, 1.0], std=[1.0, 1.0]),
    "MarkovSwitchingAR": lambda: sa.MarkovSwitchingAR(2, 1).with_parameters(
        np.full((2, 2), 0.5), [0.0, 1.0], [0.5], 1.0
    ),
}
