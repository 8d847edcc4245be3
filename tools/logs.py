"""tests/data/logs.csv: P(Q=0), and mean, variance and third cumulant of ½ log Q given Q > 0, in
ball arithmetic.

For linear and ReLU units by sums of polygamma functions, compared with the integral; for the others
by the integral.
"""

from flint import arb

from moments import LAYER_KEYS, digits, layer_cases
from one_layer import Integral, ball, layer_of, log_cumulants_by_sum, set_precision
from table import Row, Table, run

VALUES = ["dead_probability", "mean_log", "var_log", "third_cumulant_log"]
TABLE = Table("logs.csv", LAYER_KEYS, VALUES)

DIGITS = 34
# third cumulants that are small differences are written with fewer digits
FEWER_DIGITS = 27


def compute(case: Row) -> Row:
    """One row."""
    layer = layer_of(case)
    set_precision(layer)
    cumulants = Integral(layer).log_cumulants()
    summed = log_cumulants_by_sum(layer)
    if summed is not None:
        if any(not abs(a / b - 1) < arb(10) ** -50 for a, b in zip(summed, cumulants, strict=True)):
            raise SystemExit(f"the sums give {summed}, the integral {cumulants} at {case}")
        cumulants = summed
    few = case["activation"] == "rrelu" or (
        case["activation"] == "leaky_relu" and layer.width >= 512
    )
    mean, variance, third = cumulants
    texts = [
        "0" if layer.dead == 0 else digits(layer.dead_probability, DIGITS),
        digits(mean - ball(layer.keep).log(), DIGITS),
        digits(variance, DIGITS),
        digits(third, FEWER_DIGITS if few else DIGITS),
    ]
    return dict(zip(VALUES, texts, strict=True))


if __name__ == "__main__":
    run(TABLE, list(layer_cases()), compute)
