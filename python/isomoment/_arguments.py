"""From what users write to what the extension takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from isomoment import _core

if TYPE_CHECKING:
    from typing import TypeVar

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    T = TypeVar("T", bound=np.generic)

_DEFAULT_SLOPES = {"leaky-relu": (0.01, 0.0), "rrelu": (1 / 8, 1 / 3)}

_OF_A_MOMENT = ("scale", "moment", "log_growth")


class Units(NamedTuple):
    """What a layer is made of: slope or bounds of it, and keep, may be arrays."""

    activation: str
    first: ArrayLike
    second: ArrayLike
    keep: ArrayLike
    inverted: bool
    weights: str


def units(
    activation: str, slope: ArrayLike | None, keep: ArrayLike, dropout: str, weights: str
) -> Units:
    """Refuses what the library does not see: kinds of dropout, slopes of units without one."""
    name = activation.replace("_", "-")
    if dropout not in ("inverted", "plain"):
        raise ValueError(f"dropout is {dropout}; it must be inverted or plain")
    first: ArrayLike
    second: ArrayLike
    first, second = _DEFAULT_SLOPES.get(name, (0.0, 0.0))
    if slope is not None and name == "leaky-relu":
        first = slope
    elif slope is not None and name == "rrelu":
        if not isinstance(slope, (tuple, list)) or len(slope) != 2:
            raise ValueError(f"slope is {slope}; it must be a pair (lower, upper) for rrelu")
        first, second = slope
    elif slope is not None:
        raise ValueError(f"slope is {slope}; it must be left out for {activation}")
    return Units(name, first, second, keep, dropout == "inverted", weights)


def is_scalar(value: object) -> bool:
    """Whether it is one number; NumPy need not be there to say so."""
    if isinstance(value, (int, float)) or getattr(value, "shape", None) == ():
        return True
    return hasattr(value, "__float__") and not hasattr(value, "__len__")


def count(name: str, value: Any) -> int:  # noqa: ANN401 - whatever is given is refused by name
    """One number of units or layers: an integer, or a float that is one."""
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{name} is {value!r}; it must be a number")
    if not hasattr(value, "__index__"):
        value = float(value)
        if not (math.isfinite(value) and value.is_integer()):
            raise ValueError(_no_count(name, value))
    found = int(value)
    if not 1 <= found <= _core.MAX_WIDTH:
        raise ValueError(_no_count(name, value))
    return found


def counts(name: str, values: ArrayLike) -> NDArray[np.int64]:
    """Numbers of units, as :func:`count`."""
    import numpy as np

    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        array = doubles(name, values)
    right = (array >= 1) & (array <= _core.MAX_WIDTH) & (array == np.floor(array))
    if not right.all():
        raise ValueError(_no_count(name, array[~right].flat[0]))
    return array.astype(np.int64)


def doubles(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Real numbers; NumPy would read texts as such."""
    import numpy as np

    array = np.asarray(values)
    if array.dtype.kind not in "biufO":
        raise TypeError(f"{name} has the type {array.dtype}; it must be real numbers")
    return array.astype(np.float64)


def _no_count(name: str, value: object) -> str:
    return f"{name} is {value}; it must be an integer from 1 to {_core.MAX_WIDTH}"


def evaluate(
    quantity: str, moment: ArrayLike, width: ArrayLike, of: Units, fan_in: ArrayLike | None
) -> float | NDArray[np.float64]:
    """One quantity of one layer, or of many: arguments are broadcast against each other."""
    given = (moment, width, 1 if fan_in is None else fan_in, of.first, of.second, of.keep)
    if all(is_scalar(value) for value in given):
        return of_one(layer(of, width, fan_in), quantity, moment)
    return of_many(quantity, moment, width, of, fan_in)


def of_one(law: _core.Layer, quantity: str, moment: ArrayLike) -> float:
    """One quantity of one layer."""
    ask = getattr(law, quantity)
    found: float = ask(float(moment)) if quantity in _OF_A_MOMENT else ask()  # type: ignore[arg-type]
    return found


def of_many(
    quantity: str, moment: ArrayLike, width: ArrayLike, of: Units, fan_in: ArrayLike | None
) -> NDArray[np.float64]:
    """One quantity of many layers; log cumulants come in a last axis of three."""
    import numpy as np

    widths = counts("width", width)
    fans = widths if fan_in is None else counts("fan_in", fan_in)
    slopes = (doubles("slope", of.first), doubles("slope", of.second))
    given = (doubles("moment", moment), *slopes, doubles("keep", of.keep))
    shape = np.broadcast_shapes(widths.shape, fans.shape, *(x.shape for x in given))

    def flat(array: NDArray[T]) -> NDArray[T]:
        if array.size == 1:
            return array.reshape(1)
        return np.ascontiguousarray(np.broadcast_to(array, shape)).reshape(-1)

    s, first, second, keep = map(flat, given)
    columns = (s, flat(widths), flat(fans), first, second, keep)
    plain = (of.activation, 0.0, 0.0, 1.0, of.inverted, of.weights)
    found = _core.layers(quantity, plain, columns, math.prod(shape))
    return found.reshape(*shape, 3) if quantity == "log_cumulants" else found.reshape(shape)


def layer(of: Units, width: object, fan_in: object) -> _core.Layer:
    """The extension's law of one layer."""
    first, second, keep = float(of.first), float(of.second), float(of.keep)  # type: ignore[arg-type]
    plain = (of.activation, first, second, keep, of.inverted, of.weights)
    inputs = None if fan_in is None else count("fan_in", fan_in)
    return _core.Layer(plain, count("width", width), inputs)
