"""Proved digits: constants as texts, every digit of which is right.

Parameters are exact numbers: integers, :class:`fractions.Fraction`, :class:`decimal.Decimal`, or
texts such as ``"0.01"``, ``"1e-8"``, ``"1/3"``. Floats are refused unless they are whole: 0.1 is
not a tenth.

>>> from isomoment import certified
>>> certified.scale(1, 64, digits=30)
'0.178528028664370361706517788598'
>>> certified.interval("0.1785")
(Decimal('0.17845'), Decimal('0.17855'))

An interval for ``mpmath`` is ``mpmath.iv.mpf([str(low), str(high)])``.
"""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from isomoment import _core
from isomoment._arguments import count, units

Exact: TypeAlias = int | str | Fraction | Decimal
"""An exact number."""

MAX_DIGITS = 1000
"""The most digits that are computed."""


class Constants(NamedTuple):
    """The constants of a layer at one moment order s, each correctly rounded."""

    moment: str
    """E[Q^{s/2}; Q > 0]."""
    scale: str
    """σ(s, d), which keeps E‖x‖^s."""
    scale_rms: str
    """σ(s, d)·√(width/fan_in), which keeps E(‖x‖/√n)^s."""
    mean_log: str
    """E[½ log Q | Q > 0]."""
    var_log: str
    """Var[½ log Q | Q > 0]."""
    growth: str
    """μ = log σ(s, d) + E[½ log Q | Q > 0]."""


def scale(
    moment: Exact,
    width: int,
    activation: str = "relu",
    *,
    digits: int = 30,
    slope: Exact | tuple[Exact, Exact] | None = None,
    keep: Exact = 1,
    dropout: str = "inverted",
    weights: str = "gaussian",
    fan_in: int | None = None,
) -> str:
    """σ(s, d), correctly rounded to so many significant digits.

    Ctrl-C returns at once; the computation then ends in the background.

    Args:
        moment: s, from 1e-6 to 3.
        width: As in :func:`isomoment.scale`, with the other arguments; numbers are exact.
        activation: As in :func:`isomoment.scale`.
        digits: From 1 to 1000.
        slope: As in :func:`isomoment.scale`; ``"1/100"``, ``("1/8", "1/3")`` where not given.
        keep: As in :func:`isomoment.scale`.
        dropout: As in :func:`isomoment.scale`.
        weights: As in :func:`isomoment.scale`.
        fan_in: As in :func:`isomoment.scale`.

    Raises:
        ValueError: An argument outside its domain, or a value that lies half-way between two
            decimals of this length (2.5 for one digit).
        TypeError: A float that is not whole.

    >>> from isomoment import certified
    >>> certified.scale("1/2", 640, "rrelu", digits=40, keep="0.9")
    '0.05168013987542514436661722323210997807790'
    """
    layer = _layer(width, activation, slope, keep, dropout, weights, fan_in)
    return layer.scale(_text("moment", moment), count("digits", digits))


def moment(
    moment: Exact,
    width: int,
    activation: str = "relu",
    *,
    digits: int = 30,
    slope: Exact | tuple[Exact, Exact] | None = None,
    keep: Exact = 1,
    dropout: str = "inverted",
    weights: str = "gaussian",
    fan_in: int | None = None,
) -> str:
    """E[Q^{s/2}; Q > 0], as :func:`scale`.

    >>> from isomoment import certified
    >>> certified.moment(1, 1, "linear", digits=20)  # √(2/π)
    '0.79788456080286535588'
    """
    layer = _layer(width, activation, slope, keep, dropout, weights, fan_in)
    return layer.moment(_text("moment", moment), count("digits", digits))


def lyapunov_scale(
    width: int,
    activation: str = "relu",
    *,
    digits: int = 30,
    slope: Exact | tuple[Exact, Exact] | None = None,
    keep: Exact = 1,
    dropout: str = "inverted",
    weights: str = "gaussian",
    fan_in: int | None = None,
) -> str:
    """exp(−E[½ log Q | Q > 0]), as :func:`scale`.

    >>> from isomoment import certified
    >>> certified.lyapunov_scale(1, "linear", digits=20)  # √2·e^{γ/2}
    '1.8873645212254033389'
    """
    layer = _layer(width, activation, slope, keep, dropout, weights, fan_in)
    return layer.lyapunov_scale(count("digits", digits))


def constants(
    moment: Exact | None,
    width: int,
    activation: str = "relu",
    *,
    digits: int = 30,
    slope: Exact | tuple[Exact, Exact] | None = None,
    keep: Exact = 1,
    dropout: str = "inverted",
    weights: str = "gaussian",
    fan_in: int | None = None,
) -> Constants:
    """All constants at one order, as :func:`scale`; ``None`` is the Lyapunov scale's order 0.

    >>> from isomoment import certified
    >>> found = certified.constants(2, 64, digits=25)
    >>> found.scale
    '0.1767766952966368811002111'
    >>> found.moment
    '32.00000000000000000000000'
    """
    layer = _layer(width, activation, slope, keep, dropout, weights, fan_in)
    order = None if moment is None else _text("moment", moment)
    return Constants(*layer.constants(order, count("digits", digits)))


def interval(digits: str) -> tuple[Decimal, Decimal]:
    """The numbers that round to these digits: the constant lies between the two.

    >>> from isomoment import certified
    >>> low, high = certified.interval(certified.scale(1, 64, digits=50))
    >>> high - low
    Decimal('1.0E-50')
    """
    center = Decimal(digits)
    # an exact zero, as the growth of an isometry
    if center.is_zero():
        return center, center
    exponent = center.as_tuple().exponent
    half = Decimal((0, (5,), int(exponent) - 1))
    exact = Context(prec=len(digits) + 3)
    return exact.subtract(center, half), exact.add(center, half)


def _layer(
    width: int,
    activation: str,
    slope: Exact | tuple[Exact, Exact] | None,
    keep: Exact,
    dropout: str,
    weights: str,
    fan_in: int | None,
) -> _core.Exact:
    if slope is None and activation.replace("_", "-") == "leaky-relu":
        slope = "1/100"
    if slope is None and activation == "rrelu":
        slope = ("1/8", "1/3")
    of = units(activation, slope, 1.0, dropout, weights)  # type: ignore[arg-type]
    first, second = _text("slope", of.first), _text("slope", of.second)
    plain = (of.activation, first, second, _text("keep", keep), of.inverted, weights)
    inputs = None if fan_in is None else count("fan_in", fan_in)
    return _core.Exact(plain, count("width", width), inputs)


def _text(name: str, number: object) -> str:
    if isinstance(number, float) and number.is_integer():
        return str(int(number))
    if isinstance(number, (int, str, Fraction, Decimal)):
        return str(number)
    raise TypeError(
        f"{name} is {number!r}; it must be an exact number: an integer, a Fraction, a Decimal or a "
        "text as '0.1' or '1/3'"
    )
