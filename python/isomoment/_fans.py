"""The standard deviation of a layer's weights from its units and inputs, for every framework."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from isomoment._layer import LayerLaw

if TYPE_CHECKING:
    from collections.abc import Sequence

Slope = float | tuple[float, float] | None
Moment = float | str


@lru_cache(maxsize=1024)
def weight_std(
    moment: Moment,
    units: int,
    fan_in: float,
    activation: str,
    slope: Slope,
    keep: float,
    weights: str = "gaussian",
) -> float:
    """σ(s, d)·√(d/fan_in), which keeps E(‖x‖/√n)^s; ``moment="lyapunov"`` keeps E log(‖x‖/√n).

    ``units`` are those that see the same inputs, ``fan_in`` the inputs that one unit sums (their
    mean number, in strided transposed convolutions). For orthogonal weights it is the factor of the
    matrix with orthonormal rows or columns.
    """
    law = _law(units, fan_in, activation, slope, keep, weights)
    if moment == "lyapunov":
        sigma = law.lyapunov_scale()
    elif isinstance(moment, str):
        raise ValueError(f"moment is {moment}; it must be a number or lyapunov")
    else:
        sigma = law.scale(moment)
    return sigma * math.sqrt(units / fan_in)


@lru_cache(maxsize=1024)
def step(
    moment: Moment,
    units: int,
    fan_in: float,
    activation: str,
    slope: Slope,
    keep: float,
    weights: str = "gaussian",
) -> tuple[float, float]:
    """Mean and variance of a layer's step of log(‖x‖/√n) with these weights, given survival."""
    law = _law(units, fan_in, activation, slope, keep, weights)
    growth = 0.0 if isinstance(moment, str) else law.log_growth(moment)
    return growth, law.log_cumulants().variance


def check_dimensions(shape: Sequence[int]) -> None:
    """A kernel has inputs and outputs."""
    if len(shape) < 2:
        raise ValueError(f"shape has {len(shape)} dimensions; it must have at least 2")


def per_group(outputs: int, groups: int) -> int:
    """Units that see the same inputs, of a kernel with so many outputs."""
    if outputs % groups:
        raise ValueError(f"groups is {groups}; it must divide {outputs}, the number of outputs")
    return outputs // groups


def _law(
    units: int, fan_in: float, activation: str, slope: Slope, keep: float, weights: str
) -> LayerLaw:
    if weights == "orthogonal":
        inputs = int(fan_in)
        return LayerLaw(units, activation, slope=slope, keep=keep, weights=weights, fan_in=inputs)
    return LayerLaw(units, activation, slope=slope, keep=keep, weights=weights)
