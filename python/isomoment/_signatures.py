"""Types of functions that give numbers for numbers and arrays for arrays; not imported to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar, overload

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

N_co = TypeVar("N_co", covariant=True)
A_co = TypeVar("A_co", covariant=True)


class OfMoment(Protocol):
    """A function of a moment order and a layer."""

    @overload
    def __call__(
        self,
        moment: float,
        width: int,
        activation: str = ...,
        *,
        slope: float | tuple[float, float] | None = ...,
        keep: float = ...,
        dropout: str = ...,
        weights: str = ...,
        fan_in: int | None = ...,
    ) -> float: ...
    @overload
    def __call__(
        self,
        moment: ArrayLike,
        width: ArrayLike,
        activation: str = ...,
        *,
        slope: ArrayLike | tuple[ArrayLike, ArrayLike] | None = ...,
        keep: ArrayLike = ...,
        dropout: str = ...,
        weights: str = ...,
        fan_in: ArrayLike | None = ...,
    ) -> NDArray[np.float64]: ...


class OfLayer(Protocol[N_co, A_co]):
    """A function of a layer."""

    @overload
    def __call__(
        self,
        width: int,
        activation: str = ...,
        *,
        slope: float | tuple[float, float] | None = ...,
        keep: float = ...,
        dropout: str = ...,
        weights: str = ...,
        fan_in: int | None = ...,
    ) -> N_co: ...
    @overload
    def __call__(
        self,
        width: ArrayLike,
        activation: str = ...,
        *,
        slope: ArrayLike | tuple[ArrayLike, ArrayLike] | None = ...,
        keep: ArrayLike = ...,
        dropout: str = ...,
        weights: str = ...,
        fan_in: ArrayLike | None = ...,
    ) -> A_co: ...
