"""Initialisers for Keras 3.

``Dense(64, activation="relu", kernel_initializer=isomoment.keras.FractionalNormal())`` keeps
E(‖x‖/√n) constant. They are saved and loaded with a model once this module is imported. Biases must
be zero, as is usual in Keras.
"""

from __future__ import annotations

import math
from typing import Any

import keras

from isomoment._fans import Moment, Slope, check_dimensions, per_group, weight_std

_LAYOUTS = ("dense", "depthwise", "transposed")


class _Fractional(keras.initializers.Initializer):
    """What the initialisers have in common."""

    def __init__(
        self,
        moment: Moment = 1.0,
        activation: str = "relu",
        slope: Slope = None,
        keep: float = 1.0,
        seed: int | None = None,
        **shape: Any,  # noqa: ANN401 - of the subclass
    ) -> None:
        # configurations of saved models have lists
        slope = tuple(slope) if isinstance(slope, list) else slope  # type: ignore[assignment]
        self.settings = {
            "moment": moment,
            "activation": activation,
            "slope": slope,
            "keep": keep,
            "seed": seed,
            **shape,
        }
        self.random = keras.random.SeedGenerator(seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return dict(self.settings)

    def std(self, units: int, fan_in: float, weights: str) -> float:
        """Of the weights, or the factor of an orthogonal matrix."""
        of = self.settings
        args = (of["activation"], of["slope"], of["keep"])
        return weight_std(of["moment"], units, fan_in, *args, weights)


@keras.saving.register_keras_serializable(package="isomoment")
class FractionalNormal(_Fractional):
    """N(0, σ(s, d)²·d/fan_in): E(‖x‖/√n)^s stays constant.

    Unlike Keras's own initialisers, one that several layers share draws different weights for each,
    with a seed, too: the seed determines the sequence. A clone begins anew.

    Args:
        moment: The order s, above 0, at most 8 (RReLU: 3); ``"lyapunov"`` keeps E log(‖x‖/√n).
        activation: What follows, as in :func:`isomoment.scale`.
        slope: As in :func:`isomoment.scale`.
        keep: 1 − rate of the dropout that follows.
        seed: An integer, or None.
        groups: Of a convolution, which its kernel's shape does not tell.
        layout: ``dense`` for kernels (…, in, out), those of Dense and of convolutions;
            ``depthwise`` for (…, channels, multiplier); ``transposed`` for (…, out, in), those
            of transposed convolutions.
        strides: Of a transposed convolution, their product: each output sums 1/strides of the
            kernel.
        input_axes: Axes over which one unit sums, for other kernels (EinsumDense), with
            ``output_axes``: those of the units. They replace ``layout``.
        output_axes: See ``input_axes``.
        heads: Of ``MultiHeadAttention``, whose kernels are (in, heads, size) and, at the end,
            (heads, size, out). It clones its initialiser: with a seed query, key and value are
            drawn equal, as with Keras's own initialisers, without one they are not.

    Raises:
        ValueError: When called, as :func:`isomoment.scale`.

    >>> import isomoment.keras
    >>> init = isomoment.keras.FractionalNormal(1.0, "leaky-relu", slope=0.2, seed=1)
    >>> init((784, 64)).shape == (784, 64)
    True
    """

    def __init__(
        self,
        moment: Moment = 1.0,
        activation: str = "relu",
        slope: Slope = None,
        keep: float = 1.0,
        seed: int | None = None,
        groups: int = 1,
        layout: str = "dense",
        strides: int = 1,
        input_axes: list[int] | tuple[int, ...] | None = None,
        output_axes: list[int] | tuple[int, ...] | None = None,
        heads: int | None = None,
    ) -> None:
        if layout not in _LAYOUTS:
            raise ValueError(f"layout is {layout}; it must be dense, depthwise or transposed")
        if (input_axes is None) != (output_axes is None):
            raise ValueError("input_axes and output_axes: one given; it must be both or neither")
        super().__init__(
            moment,
            activation,
            slope,
            keep,
            seed,
            groups=groups,
            layout=layout,
            strides=strides,
            input_axes=None if input_axes is None else list(input_axes),
            output_axes=None if output_axes is None else list(output_axes),
            heads=heads,
        )

    def __call__(self, shape: Any, dtype: Any = None) -> Any:  # noqa: ANN401 - keras's types
        """Draws a kernel."""
        units, fan_in = self.fans(tuple(shape))
        std = self.std(units, fan_in, "gaussian")
        dtype = keras.backend.standardize_dtype(dtype)
        return keras.random.normal(shape, stddev=std, dtype=dtype, seed=self.random)

    def fans(self, shape: tuple[int, ...]) -> tuple[int, float]:
        """Units that see the same inputs, and inputs that one unit sums."""
        check_dimensions(shape)
        of = self.settings
        if of["heads"] is not None:
            return _of_attention(shape, of["heads"])
        if of["input_axes"] is not None:
            units = math.prod(shape[axis] for axis in of["output_axes"])
            return units, math.prod(shape[axis] for axis in of["input_axes"])
        kernel = math.prod(shape[:-2])
        if of["layout"] == "depthwise":
            return shape[-1], kernel
        inputs, outputs = shape[-2:]
        if of["layout"] == "transposed":
            inputs, outputs = outputs, inputs
        return per_group(outputs, of["groups"]), inputs * kernel / of["strides"]


def _of_attention(shape: tuple[int, ...], heads: int) -> tuple[int, float]:
    """As :meth:`FractionalNormal.fans`, of a kernel of MultiHeadAttention."""
    if len(shape) == 3 and (shape[0] == heads) != (shape[1] == heads):
        if shape[1] == heads:
            return heads * shape[2], shape[0]
        return shape[2], heads * shape[1]
    allowed = "one of the first two sizes, and not both, of a kernel of three"
    raise ValueError(f"heads is {heads}; it must be {allowed}, not {shape}")


@keras.saving.register_keras_serializable(package="isomoment")
class LyapunovNormal(FractionalNormal):
    """:class:`FractionalNormal` that keeps E log(‖x‖/√n), given survival."""

    def __init__(
        self,
        activation: str = "relu",
        slope: Slope = None,
        keep: float = 1.0,
        seed: int | None = None,
        groups: int = 1,
        layout: str = "dense",
        strides: int = 1,
        input_axes: list[int] | tuple[int, ...] | None = None,
        output_axes: list[int] | tuple[int, ...] | None = None,
        heads: int | None = None,
    ) -> None:
        super().__init__(
            "lyapunov",
            activation,
            slope,
            keep,
            seed,
            groups,
            layout,
            strides,
            input_axes,
            output_axes,
            heads,
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        config = super().get_config()
        del config["moment"]
        return config


@keras.saving.register_keras_serializable(package="isomoment")
class FractionalOrthogonal(_Fractional):
    """A Haar-distributed matrix, orthonormal rows or columns, times what keeps E(‖x‖/√n)^s.

    For kernels (…, in, out), all axes but the last being inputs. Arguments and seeds are those of
    :class:`FractionalNormal`.

    >>> import isomoment.keras, keras
    >>> w = isomoment.keras.FractionalOrthogonal(activation="linear")((4, 4))
    >>> bool(keras.ops.max(keras.ops.abs(w @ keras.ops.transpose(w) - keras.ops.eye(4))) < 1e-5)
    True
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Any:  # noqa: ANN401 - keras's types
        """Draws a kernel."""
        shape = tuple(shape)
        check_dimensions(shape)
        factor = self.std(shape[-1], math.prod(shape[:-1]), "orthogonal")
        return keras.initializers.Orthogonal(factor, seed=self.random)(shape, dtype)
