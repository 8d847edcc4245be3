"""PyTorch's initialisers, anyinit, LSUV and isomoment on the same models.

    pip install torch anyinit lsuv
    python initialisers.py

For each: the time to initialise one model, the standard deviation of a layer in the middle, and
log(rms of the output/rms of the input) over many initialised models. Biases are zero for all.
"""

from __future__ import annotations

import math
import os
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import anyinit
import torch
from lsuv import lsuv_with_singlebatch
from torch import nn

import isomoment.torch

MODELS = 100

warnings.simplefilter("ignore")
torch.set_num_threads(1)


def dense() -> nn.Sequential:
    """Fifty layers of 64 ReLU units."""
    parts = [part for _ in range(50) for part in (nn.Linear(64, 64), nn.ReLU())]
    return nn.Sequential(*parts)


def convolutions() -> nn.Sequential:
    """Twenty convolutions of 16 channels, 3 × 3, circular, so that no border is special."""
    of: dict[str, Any] = {"padding": 1, "padding_mode": "circular"}
    parts = [part for _ in range(20) for part in (nn.Conv2d(16, 16, 3, **of), nn.ReLU())]
    return nn.Sequential(*parts)


def layers(model: nn.Module) -> list[Any]:
    """Those that have a weight."""
    return [module for module in model.modules() if hasattr(module, "weight")]


def each(model: nn.Module, init: Callable[[torch.Tensor], object]) -> None:
    """One of torch.nn.init for every weight."""
    for layer in layers(model):
        init(layer.weight)


def relu_normal(weight: torch.Tensor) -> object:
    """He's."""
    return nn.init.kaiming_normal_(weight, nonlinearity="relu")


def relu_orthogonal(weight: torch.Tensor) -> object:
    """As PyTorch's documentation has it."""
    return nn.init.orthogonal_(weight, math.sqrt(2))


WAYS: dict[str, Callable[[nn.Module, torch.Tensor], object]] = {
    "PyTorch's default": lambda model, _: [layer.reset_parameters() for layer in layers(model)],
    "xavier_normal_": lambda model, _: each(model, nn.init.xavier_normal_),
    "kaiming_normal_": lambda model, _: each(model, relu_normal),
    "orthogonal_, √2": lambda model, _: each(model, relu_orthogonal),
    "anyinit": lambda model, x: anyinit.initialize(model, "analytic", tuple(x.shape)),
    "lsuv": lambda model, x: lsuv_with_singlebatch(model, x, device="cpu", verbose=False),
    "isomoment, s = 1": lambda model, _: isomoment.torch.init_(model, 1.0),
    "isomoment, Lyapunov": lambda model, _: isomoment.torch.init_(model, "lyapunov"),
}


def row(make: Callable[[], nn.Sequential], shape: tuple[int, ...], name: str) -> str:
    """One way on one model."""
    torch.manual_seed(1)
    x = torch.randn(shape)
    times, logs = [], []
    for _ in range(MODELS):
        model = make()
        start = time.process_time()
        WAYS[name](model, x)
        times.append(time.process_time() - start)
        with torch.no_grad():
            for layer in layers(model):
                layer.bias.zero_()
            # an input that the initialiser has not seen
            new = torch.randn(1, *shape[1:])
            ratio = model(new).square().mean() / new.square().mean()
        logs.append(0.5 * math.log(float(ratio)))
    every = layers(model)
    std = float(every[len(every) // 2].weight.detach().std())
    deciles = statistics.quantiles(logs, n=10)
    mean = statistics.fmean(math.exp(log) for log in logs)
    band = f"{deciles[0]:.2f} … {statistics.median(logs):.2f} … {deciles[-1]:.2f}"
    return f"| {name} | {1e3 * statistics.median(times):.1f} | {std:.4f} | {band} | {mean:.2g} |"


print(f"load {os.getloadavg()[0]:.1f}; {MODELS} models; torch {torch.__version__}")
for make, shape in ((dense, (32, 64)), (convolutions, (8, 16, 12, 12))):
    print(f"\n{make.__doc__}\n")
    print("| | ms | σ | log-norm: 10 %, median, 90 % | mean norm |")
    print("|---|---|---|---|---|")
    for name in WAYS:
        print(row(make, shape, name), flush=True)
