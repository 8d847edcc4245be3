"""The standard deviation of a layer's weights from its units and inputs, for every framework."""

from __future__ import annotations

import math
from functools import lru_cache

from isomoment._layer import LayerLaw

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


def _law(
    units: int, fan_in: float, activation: str, slope: Slope, keep: float, weights: str
) -> LayerLaw:
    if weights == "orthogonal":
        inputs = int(fan_in)
        return LayerLaw(units, activation, slope=slope, keep=keep, weights=weights, fan_in=inputs)
    return LayerLaw(units, activation, slope=slope, keep=keep, weights=weights)
