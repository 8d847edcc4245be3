"""Figure 2 of Gürbüzbalaban & Hu (2021): the law of log‖x₁₀₀‖ at He's scale and at σ(1, 64).

    pip install matplotlib
    python paper_figure.py figure-2.png

A hundred layers of 64 ReLU units, the input's entries standard normal. The paper smooths a hundred
networks; here are the exact law and four thousand networks.
"""

from __future__ import annotations

import sys

import matplotlib as mpl
import numpy as np

import isomoment

mpl.use("agg")
from matplotlib import pyplot as plt

WIDTH, DEPTH, NETWORKS = 64, 100, 4000

layer = isomoment.LayerLaw(WIDTH, "relu")
# a linear layer makes standard normal entries of an input of norm 1
entries = isomoment.DepthLaw(isomoment.LayerLaw(WIDTH, "linear"), 1, scale=1.0)
input_logs = entries.quantile((np.arange(400) + 0.5) / 400)
random = np.random.default_rng(1)

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
for order, name in ((2, "He (s = 2)"), (1, "s = 1")):
    law = layer.at_depth(DEPTH, moment=order)
    drawn = isomoment.simulate(WIDTH, DEPTH, NETWORKS, moment=order, seed=order, record=[DEPTH])
    logs = drawn.log_norms[:, 0] + random.permutation(entries.quantile(random.random(NETWORKS)))
    x = np.linspace(logs.min(), logs.max(), 200)
    # the mean over the input's law
    shifted = x[:, None] - input_logs
    density = law.pdf(shifted.ravel()).reshape(shifted.shape).mean(axis=1)
    cdf = law.cdf(shifted.ravel()).reshape(shifted.shape).mean(axis=1)
    (line,) = left.plot(x, density, label=name)
    left.hist(logs, bins=60, density=True, histtype="step", color=line.get_color(), alpha=0.5)
    right.plot(x, cdf, label=name)
    right.plot(np.sort(logs), np.arange(NETWORKS) / NETWORKS, ":", color=line.get_color())
    distance = np.max(np.abs(np.interp(np.sort(logs), x, cdf) - np.arange(NETWORKS) / NETWORKS))
    print(f"{name}: σ = {layer.scale(order):.6f}, largest distance {distance:.4f}")
print(f"one sample in a hundred of the law has more than {1.628 / NETWORKS**0.5:.4f}")

left.set(xlabel="log‖x₁₀₀‖", ylabel="density")
right.set(xlabel="log‖x₁₀₀‖", ylabel="distribution function")
right.legend()
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "figure-2.png", dpi=150)
