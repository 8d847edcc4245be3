"""How far a step of the trapezoidal rule puts log moments off.

MOMENT_STEP in src/layer_law/integral/excess.rs and the change of variable in log_axis.rs.

    python3 tools/step.py

Moves the nodes by quarters of a step: what the rule leaves out moves with them. Prints, for Leaky
ReLU layers, the largest change of G(p) = log(E X^p)/p, to first order in it, and the number of
nodes, at 45 digits.
"""

from mpmath import exp, gamma, log, mp, mpf, sqrt

LAYERS = ((1, "0.01"), (1, "0.3"), (8, "0.01"), (8, "0.3"), (64, "0.3"), (200, "0.3"))
STEPS = ("0.23", "0.25", "0.27", "0.30")
LEFT_FROM, LEFT_GAP, BULK_TO, RIGHT_GAP = 1, mpf("0.4"), 4, mpf("2.5")
LEFT_OUT = mpf(10) ** -18


def integral(width: int, slope: mpf, p: mpf, step: mpf, moved: mpf) -> tuple[mpf, int]:
    """The integral of D(e^u) e^(-pu) over u from the nodes v = (k + moved)*step."""
    atoms = (mpf(1), slope**2)
    mean = width * sum(atoms) / 2

    def term(v: mpf) -> mpf:
        left, right = exp(-v - left_from), exp(v - right_from)
        u = v - left + right
        unit = sum(1 / sqrt(1 + 2 * c * exp(u) / mean) for c in atoms) / 2
        return (1 + left + right) * (unit**width - exp(-exp(u))) * exp(-p * u)

    left_from = max(LEFT_FROM, -log(mean / 2) - LEFT_GAP)
    last = log(mean / 2 / slope**2)
    right_from = max(last, BULK_TO) + RIGHT_GAP
    total, nodes = mpf(0), 0
    for direction, k in ((1, 0), (-1, -1)):
        while True:
            v = (k + moved) * step
            part = term(v)
            total, nodes, k = total + part, nodes + 1, k + direction
            if abs(part) < LEFT_OUT * abs(total) and not 0 <= v <= last:
                break
    return step * total, nodes


def main() -> None:
    """Print the table."""
    mp.dps = 45
    print("p     d    slope  ", "".join(f"step {step}: moved, nodes   " for step in STEPS))
    for p in (mpf("0.01"), mpf("0.5")):
        for width, slope in LAYERS:
            cells = []
            for step in map(mpf, STEPS):
                sums = [integral(width, mpf(slope), p, step, mpf(i) / 4) for i in range(4)]
                values = [value / gamma(1 - p) for value, _ in sums]
                middle = sum(values) / 4
                off = max(abs(value - middle) for value in values)
                cells.append(f"{float(off):12.1e} {sums[0][1]:11d}   ")
            print(f"{float(p):<5} {width:<4} {slope:<6} ", "".join(cells))


if __name__ == "__main__":
    main()
