"""Initialisers for JAX and Flax, with the signature of ``jax.nn.initializers``.

``nn.Dense(64, kernel_init=isomoment.jax.fractional_normal())`` keeps E(‖x‖/√n) constant through a
ReLU layer. Shapes are known when a function is traced, so these work under ``jit``, ``vmap``,
``eval_shape`` and ``scan``. Biases must be zero, which is the usual ``bias_init``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

import jax
import jax.numpy as jnp

from isomoment._fans import Moment, Slope, check_dimensions, per_group, weight_std

if TYPE_CHECKING:
    from collections.abc import Sequence


class Initializer(Protocol):
    """As ``jax.nn.initializers.Initializer``."""

    def __call__(
        self,
        key: Any,  # noqa: ANN401 - jax's types, without jax
        shape: Sequence[int],
        dtype: Any = None,  # noqa: ANN401
        out_sharding: Any = None,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Draws an array."""


def fractional_normal(
    moment: Moment = 1.0,
    activation: str = "relu",
    *,
    slope: Slope = None,
    keep: float = 1.0,
    groups: int = 1,
    in_axis: int | Sequence[int] = -2,
    out_axis: int | Sequence[int] = -1,
    batch_axis: int | Sequence[int] = (),
    dtype: Any = None,  # noqa: ANN401
) -> Initializer:
    """N(0, σ(s, d)²·d/fan_in): E(‖x‖/√n)^s stays constant.

    At ``moment=2`` it has the variance of ``he_normal``, which draws from a truncated normal law,
    however, and for which the theory therefore does not hold.

    Args:
        moment: The order s, above 0, at most 8 (RReLU: 3); ``"lyapunov"`` keeps E log(‖x‖/√n).
        activation: What follows, as in :func:`isomoment.scale`.
        slope: As in :func:`isomoment.scale`.
        keep: 1 − rate of the dropout that follows.
        groups: ``feature_group_count`` of a convolution, which its kernel's shape does not tell.
        in_axis: As in ``jax.nn.initializers.variance_scaling``. For a transposed convolution with
            ``transpose_kernel=True`` it is −1, and ``out_axis`` −2.
        out_axis: As in ``variance_scaling``.
        batch_axis: As in ``variance_scaling``: of layers stacked by ``scan`` or ``vmap``.
        dtype: Used where the call gives none.

    Raises:
        ValueError: When called, as :func:`isomoment.scale`.

    >>> import jax, isomoment.jax
    >>> init = isomoment.jax.fractional_normal(1.0, "leaky-relu", slope=0.2)
    >>> init(jax.random.key(1), (784, 64)).shape
    (784, 64)
    """

    def init(
        key: Any,  # noqa: ANN401
        shape: Sequence[int],
        dtype: Any = dtype,  # noqa: ANN401
        out_sharding: Any = None,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        units, fan_in = _fans(shape, groups, in_axis, out_axis, batch_axis)
        if units == 0 or fan_in == 0:
            return jnp.zeros(shape, _real(dtype))
        std = weight_std(moment, units, fan_in, activation, slope, keep)
        more = {} if out_sharding is None else {"out_sharding": out_sharding}
        drawn = jax.random.normal(key, tuple(shape), _real(dtype), **more)
        return drawn * jnp.asarray(std, drawn.dtype)

    return init


def lyapunov_normal(
    activation: str = "relu",
    *,
    slope: Slope = None,
    keep: float = 1.0,
    groups: int = 1,
    in_axis: int | Sequence[int] = -2,
    out_axis: int | Sequence[int] = -1,
    batch_axis: int | Sequence[int] = (),
    dtype: Any = None,  # noqa: ANN401
) -> Initializer:
    """:func:`fractional_normal` that keeps E log(‖x‖/√n), given survival."""
    return fractional_normal(
        "lyapunov",
        activation,
        slope=slope,
        keep=keep,
        groups=groups,
        in_axis=in_axis,
        out_axis=out_axis,
        batch_axis=batch_axis,
        dtype=dtype,
    )


def fractional_orthogonal(
    moment: Moment = 1.0,
    activation: str = "relu",
    *,
    slope: Slope = None,
    keep: float = 1.0,
    groups: int = 1,
    dtype: Any = None,  # noqa: ANN401
) -> Initializer:
    """Haar-distributed matrices with orthonormal rows or columns, times what keeps E(‖x‖/√n)^s.

    Kernels are (…, in, out), all axes but the last being inputs; each group has its own matrix.
    Arguments are those of :func:`fractional_normal`.

    >>> import jax, isomoment.jax
    >>> w = isomoment.jax.fractional_orthogonal(1, "linear")(jax.random.key(1), (4, 4))
    >>> bool(jax.numpy.allclose(w @ w.T, jax.numpy.eye(4), atol=1e-5))
    True
    """

    def init(
        key: Any,  # noqa: ANN401
        shape: Sequence[int],
        dtype: Any = dtype,  # noqa: ANN401
        out_sharding: Any = None,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        units, fan_in = _fans(shape, groups, -2, -1, ())
        factor = weight_std(moment, units, fan_in, activation, slope, keep, "orthogonal")
        draw = jax.nn.initializers.orthogonal(factor)
        block = (*shape[:-1], units)
        asked = _real(dtype)
        # the decomposition exists for these two only
        exact = asked if asked == jnp.float64 else jnp.float32
        keys = jax.random.split(key, groups)
        drawn = jnp.concatenate([draw(k, block, exact) for k in keys], axis=-1).astype(asked)
        return drawn if out_sharding is None else jax.device_put(drawn, out_sharding)

    return init


def _real(dtype: Any) -> Any:  # noqa: ANN401
    found = jax.dtypes.canonicalize_dtype(dtype or float)
    if not jnp.issubdtype(found, jnp.floating):
        raise ValueError(f"dtype is {found}; it must be of real numbers")
    return found


def _fans(
    shape: Sequence[int],
    groups: int,
    in_axis: int | Sequence[int],
    out_axis: int | Sequence[int],
    batch_axis: int | Sequence[int],
) -> tuple[int, float]:
    """Units that see the same inputs, and inputs that one unit sums."""
    check_dimensions(shape)

    def size(axes: int | Sequence[int]) -> int:
        return math.prod(shape[axis] for axis in ((axes,) if isinstance(axes, int) else axes))

    outputs = size(out_axis)
    units = per_group(outputs, groups)
    others = max(1, outputs * size(batch_axis))
    return units, math.prod(shape) / others
