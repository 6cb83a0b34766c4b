"""Writes small.pth and small-legacy.pth for the tests of the reader: /usr/bin/python3 make.py (torch 1.13, numpy)."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch

tensor = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 8
state = OrderedDict(
    [
        ("module.whole", tensor),
        ("module.part", tensor[1:]),
        ("module.turned", tensor.t()),
        ("module.parameter", torch.nn.Parameter(torch.tensor([0.5]))),
        ("module.count", torch.tensor(7)),
        ("module.half", torch.zeros(2, dtype=torch.float16)),
        ("module.version", 3),
    ]
)
state._metadata = OrderedDict(version=1)
saved = {
    "meta": {"epoch": 12, "lr": 0.02, "big": 10**30, "text": "größer", "none": None, "yes": True, "minus": -5},
    "loss": np.float64(0.25),
    "shape": (1, (2, 3), [4], {}),
    "state_dict": state,
}
folder = Path(__file__).resolve().parent
torch.save(saved, str(folder / "small.pth"))
torch.save(saved, str(folder / "small-legacy.pth"), _use_new_zipfile_serialization=False)
