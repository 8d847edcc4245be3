"""Initialisation of PyTorch models: tensors, and whole models in one line.

``report = isomoment.torch.init_(model)`` finds each layer's inputs, units, activation and dropout
and draws its weights so that E(‖x‖/√n)^s stays constant from layer to layer;
:func:`fractional_normal_` and its relatives are for single tensors, as those of ``torch.nn.init``.
"""

from isomoment.torch._checks import Checked, Checks
from isomoment.torch._model import init_, initializer
from isomoment.torch._report import Layer, Report
from isomoment.torch._tensors import fractional_normal_, fractional_orthogonal_, lyapunov_normal_

__all__ = [
    "Checked",
    "Checks",
    "Layer",
    "Report",
    "fractional_normal_",
    "fractional_orthogonal_",
    "init_",
    "initializer",
    "lyapunov_normal_",
]
