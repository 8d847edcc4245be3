"""Initialises a Flax model, and shows the log-norms of its layers before and after.

pip install flax
python initialise_a_model.py
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

import isomoment
import isomoment.jax

WIDTH, DEPTH, NETWORKS = 64, 20, 400
SHOWN = [1, 5, 10, 15, 20]


class Model(nnx.Module):
    """Twenty hidden layers of ReLU units."""

    def __init__(self, rngs: nnx.Rngs, **init: Any) -> None:  # noqa: ANN401
        layers = [nnx.Linear(WIDTH, WIDTH, rngs=rngs, **init) for _ in range(DEPTH)]
        self.layers = nnx.List(layers)

    def log_norms(self, x: jax.Array) -> jax.Array:
        """Of the layers' outputs, relative to the input."""
        start, found = jnp.linalg.norm(x), []
        for layer in self.layers:
            x = nnx.relu(layer(x))
            found.append(jnp.log(jnp.linalg.norm(x) / start))
        return jnp.stack(found)


def drawn(**init: Any) -> np.ndarray:  # noqa: ANN401
    """Log-norms of many models, a row each."""
    x = jnp.ones(WIDTH)

    def one(key: jax.Array) -> jax.Array:
        return Model(nnx.Rngs(key), **init).log_norms(x)

    return np.asarray(jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(1), NETWORKS)))


inits = {
    "Flax's default": {},
    "He": {"kernel_init": jax.nn.initializers.he_normal()},
    "keeps E‖x‖": {"kernel_init": isomoment.jax.fractional_normal(1.0, "relu")},
    "keeps E log‖x‖": {"kernel_init": isomoment.jax.fractional_normal("lyapunov", "relu")},
}
print(f"median of log(‖x_k‖/‖x₀‖) over {NETWORKS} networks of {WIDTH} units")
print(f"{'layer':>16}" + "".join(f"{layer:>9}" for layer in SHOWN))
for name, init in inits.items():
    medians = np.median(drawn(**init), axis=0)
    print(f"{name:>16}" + "".join(f"{medians[layer - 1]:>9.2f}" for layer in SHOWN))

law = isomoment.DepthLaw(isomoment.LayerLaw(WIDTH), DEPTH, moment=1)
print(f"the law says of E‖x‖ at layer {DEPTH}: {law.quantile(0.5):.2f}")
