"""Weights of one layer, drawn in place."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, NamedTuple

import torch

from isomoment._fans import Moment, Slope, weight_std

if TYPE_CHECKING:
    from collections.abc import Sequence


class Fans(NamedTuple):
    """What a weight tensor's shape says."""

    fan_in: float
    """Inputs that one unit sums; their mean number in strided transposed convolutions."""
    units: int
    """Units that see the same inputs."""


def fans(
    shape: Sequence[int], groups: int = 1, transposed: bool = False, stride: Sequence[int] | int = 1
) -> Fans:
    """Of a weight (out, in/groups, *kernel), or (in, out/groups, *kernel) if transposed."""
    if len(shape) < 2:
        raise ValueError(f"tensor has {len(shape)} dimensions; it must have at least 2")
    kernel = math.prod(shape[2:])
    if shape[0] % groups:
        raise ValueError(f"groups is {groups}; it must divide {shape[0]}, the tensor's first size")
    if not transposed:
        return Fans(shape[1] * kernel, shape[0] // groups)
    steps = stride ** (len(shape) - 2) if isinstance(stride, int) else math.prod(stride)
    return Fans(shape[0] // groups * kernel / steps, shape[1])


def fractional_normal_(
    tensor: torch.Tensor,
    moment: Moment = 1.0,
    nonlinearity: str = "relu",
    a: Slope = None,
    *,
    keep: float = 1.0,
    groups: int = 1,
    transposed: bool = False,
    stride: Sequence[int] | int = 1,
    generator: torch.Generator | None = None,
) -> torch.Tensor:
    """Fills a weight with N(0, σ(s, d)²·d/fan_in): E(‖x‖/√n)^s stays constant.

    At ``moment=2`` it is ``kaiming_normal_`` with ``mode="fan_in"``, but for transposed
    convolutions, whose fans are swapped there. d is the number of units that see the same inputs,
    not PyTorch's fan_out. Biases must be zero for the theory to hold. For convolutions it is the
    law of one position's output, given its patch of the input.

    Args:
        tensor: A weight of ``nn.Linear`` or a convolution, of any real dtype, on any device.
        moment: The order s, above 0, at most 8; ``"lyapunov"`` keeps E log(‖x‖/√n).
        nonlinearity: What follows: ``linear``, ``relu``, ``leaky_relu`` or ``rrelu``.
        a: The negative slope of ``leaky_relu`` (0.01, as ``nn.LeakyReLU``), or (lower, upper) of
            ``rrelu`` (1/8, 1/3).
        keep: 1 − p of the dropout that follows.
        groups: Of a convolution.
        transposed: Whether it is a transposed convolution's weight, (in, out/groups, *kernel).
        stride: Of a transposed convolution: each output sums 1/stride of the kernel.
        generator: As in ``torch.nn.init``.

    Returns:
        The tensor.

    Raises:
        ValueError: Fewer than two dimensions, groups that do not divide, and as
            :func:`isomoment.scale`.

    >>> import isomoment.torch
    >>> weight = torch.empty(64, 784)
    >>> _ = isomoment.torch.fractional_normal_(weight, generator=torch.Generator().manual_seed(1))
    >>> abs(weight.std().item() / isomoment.standard_deviation("fractional:1", 784, 64) - 1) < 0.02
    True
    """
    found = fans(tensor.shape, groups, transposed, stride)
    if _empty(tensor):
        return tensor
    std = weight_std(moment, found.units, found.fan_in, nonlinearity, a, keep)
    with torch.no_grad():
        return _real(tensor).normal_(0.0, std, generator=generator)


def lyapunov_normal_(
    tensor: torch.Tensor,
    nonlinearity: str = "relu",
    a: Slope = None,
    *,
    keep: float = 1.0,
    groups: int = 1,
    transposed: bool = False,
    stride: Sequence[int] | int = 1,
    generator: torch.Generator | None = None,
) -> torch.Tensor:
    """:func:`fractional_normal_` that keeps E log(‖x‖/√n), given survival.

    >>> import isomoment.torch
    >>> isomoment.torch.lyapunov_normal_(torch.empty(3, 4, dtype=torch.float16)).dtype
    torch.float16
    """
    return fractional_normal_(
        tensor,
        "lyapunov",
        nonlinearity,
        a,
        keep=keep,
        groups=groups,
        transposed=transposed,
        stride=stride,
        generator=generator,
    )


def fractional_orthogonal_(
    tensor: torch.Tensor,
    moment: Moment = 1.0,
    nonlinearity: str = "relu",
    a: Slope = None,
    *,
    keep: float = 1.0,
    groups: int = 1,
    generator: torch.Generator | None = None,
) -> torch.Tensor:
    """Fills a weight with a Haar-distributed matrix times the factor that keeps E(‖x‖/√n)^s.

    Each group has a matrix of its own, out/groups × in/groups·kernel, with orthonormal rows or
    columns. Arguments are those of :func:`fractional_normal_`.

    >>> import isomoment.torch
    >>> w = isomoment.torch.fractional_orthogonal_(torch.empty(5, 5), nonlinearity="linear")
    >>> bool(torch.allclose(w @ w.T, torch.eye(5), atol=1e-5))
    True
    """
    found = fans(tensor.shape, groups)
    if _empty(tensor):
        return tensor
    args = (moment, found.units, found.fan_in, nonlinearity, a, keep, "orthogonal")
    factor = weight_std(*args)
    with torch.no_grad():
        blocks = _real(tensor).view(groups, found.units, -1)
        for block in blocks:
            # the decomposition exists for these two only
            exact = block.dtype if block.dtype == torch.float64 else torch.float32
            drawn = torch.empty(block.shape, dtype=exact, device=block.device)
            torch.nn.init.orthogonal_(drawn, factor, generator=generator)
            block.copy_(drawn)
    return tensor


def _empty(tensor: torch.Tensor) -> bool:
    if tensor.numel():
        return False
    warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
    return True


def _real(tensor: torch.Tensor) -> torch.Tensor:
    if not tensor.is_floating_point():
        raise ValueError(f"tensor has the type {tensor.dtype}; it must be of real numbers")
    return tensor
