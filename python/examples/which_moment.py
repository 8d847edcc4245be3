"""Which order s has the moment E‖x‖^s that my initialisation keeps?

python which_moment.py
"""

from __future__ import annotations

import numpy as np

import isomoment

WIDTH, DEPTH = 64, 50

# weights as somebody has them; of a model of yours, `layer.weight.std()`
weights = np.random.default_rng(1).normal(0.0, 0.1765, size=(WIDTH, WIDTH))
print(isomoment.diagnose(WIDTH, DEPTH, "relu", std=float(weights.std())))

print(f"\n{'scheme':>20} {'σ':>8} {'s':>7} {'growth':>9} {'P(≤ 1e-6)':>11}")
for scheme in ("framework-default", "glorot", "he", "fractional:1", "lyapunov"):
    found = isomoment.diagnose(WIDTH, DEPTH, "relu", scheme=scheme)
    order = "none" if found.preserved_order is None else f"{found.preserved_order:.4f}"
    print(f"{scheme:>20} {found.std:8.5f} {order:>7} {found.growth:9.5f} {found.vanished:11.3g}")
