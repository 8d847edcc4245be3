"""Proved digits."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest

import isomoment
from isomoment import LayerLaw, certified


@pytest.mark.parametrize(
    ("activation", "slope", "keep", "weights", "width", "fan_in"),
    [
        ("linear", None, 1, "gaussian", 5, None),
        ("relu", None, "0.5", "gaussian", 64, None),
        ("leaky-relu", "0.25", 1, "gaussian", 3, None),
        ("rrelu", ("0.125", "0.5"), "0.75", "gaussian", 7, None),
        ("relu", None, 1, "orthogonal", 7, 12),
    ],
)
def test_doubles_are_these_digits_rounded(
    activation: str,
    slope: str | tuple[str, str] | None,
    keep: int | str,
    weights: str,
    width: int,
    fan_in: int | None,
) -> None:
    """All parameters are doubles, so that both routes have the same ones."""
    plain = tuple(map(float, slope)) if isinstance(slope, tuple) else slope and float(slope)
    law = LayerLaw(
        width,
        activation,
        slope=plain,  # type: ignore[arg-type]
        keep=float(keep),
        weights=weights,
        fan_in=fan_in,
    )
    found = certified.constants(
        "3/2",
        width,
        activation,
        digits=25,
        slope=slope,
        keep=keep,
        weights=weights,
        fan_in=fan_in,
    )
    cumulants = law.log_cumulants()
    aspect = (width / (fan_in or width)) ** 0.5
    pairs = [
        (found.scale, law.scale(1.5)),
        (found.scale_rms, law.scale(1.5) * aspect),
        (found.moment, law.moment(1.5)),
        (found.mean_log, cumulants.mean),
        (found.var_log, cumulants.variance),
        (found.growth, law.log_growth(1.5)),
    ]
    for digits, value in pairs:
        assert float(digits) == pytest.approx(value, rel=1e-13, abs=1e-15)
    one = {"slope": slope, "keep": keep, "weights": weights, "fan_in": fan_in, "digits": 25}
    scale: Callable[..., str] = certified.scale
    moment: Callable[..., str] = certified.moment
    lyapunov: Callable[..., str] = certified.lyapunov_scale
    assert scale("3/2", width, activation, **one) == found.scale
    assert moment("3/2", width, activation, **one) == found.moment
    right = law.lyapunov_scale()
    assert float(lyapunov(width, activation, **one)) == pytest.approx(right, rel=1e-14)


def test_numbers_are_what_they_say() -> None:
    tenth = certified.scale(1, 3, "leaky-relu", slope="0.1", digits=40)
    for same in (Fraction(1, 10), Decimal("0.1"), "1/10", "1e-1"):
        assert certified.scale(1, 3, "leaky-relu", slope=same, digits=40) == tenth
    double = certified.scale(1, 3, "leaky-relu", slope=Fraction(0.1), digits=40)
    assert double != tenth
    assert double[:17] == tenth[:17]
    for default, slope in (("leaky_relu", "1/100"), ("rrelu", ("1/8", "1/3"))):
        found = certified.scale(1, 3, default)
        assert found == certified.scale(1, 3, default, slope=slope)
    with pytest.raises(TypeError, match=r"slope is 0\.1; it must be an exact number"):
        certified.scale(1, 3, "leaky-relu", slope=0.1)  # type: ignore[arg-type]


def test_intervals_contain_the_number() -> None:
    fine = Decimal(certified.scale(1, 64, digits=60))
    intervals = [certified.interval(certified.scale(1, 64, digits=n)) for n in (1, 5, 17, 40)]
    for low, high in intervals:
        assert low < fine < high
    for (low, high), (lower, higher) in itertools.pairwise(intervals):
        assert low <= lower <= higher <= high
    assert certified.interval("-2.50") == (Decimal("-2.505"), Decimal("-2.495"))
    assert certified.interval("1.2e-30") == (Decimal("1.15e-30"), Decimal("1.25e-30"))
    zero = certified.constants(1, 3, "linear", weights="orthogonal").growth
    assert certified.interval(zero) == (Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: certified.scale(4, 3), "s is 4; it must be from 1e-6 to 3 for proved digits"),
        (
            lambda: certified.scale("one", 3),
            "s is one; it must be a decimal or a quotient, as 0.01, 1e-8 or 1/3",
        ),
        (lambda: certified.scale(1, 3, digits=1001), "digits is 1001; it must be from 1 to 1000"),
        (
            lambda: certified.moment(2, 5, "linear", keep="1/2", dropout="plain", digits=1),
            "digits is 1; it must be another number: a value lies half way between two decimals of "
            "this length",
        ),
        (
            lambda: certified.scale(1, 3, "tanh"),
            "activation is tanh; it must be linear, relu, leaky-relu or rrelu",
        ),
    ],
)
def test_refusals(call: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError) as raised:
        call()
    assert str(raised.value) == sentence


def test_both_routes_at_many_orders() -> None:
    found = isomoment.scale([k / 64 for k in range(1, 129, 8)], 10)
    proved = [certified.scale(Fraction(k, 64), 10, digits=20) for k in range(1, 129, 8)]
    assert found.tolist() == pytest.approx([float(digits) for digits in proved], rel=4e-15)
