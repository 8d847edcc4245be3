"""Which activation and dropout follow a layer."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import fx, nn
from torch.overrides import TorchFunctionMode

LAYERS = (
    nn.Linear,
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
)

_PASSES = {
    *("view", "reshape", "flatten", "unflatten", "permute", "transpose", "contiguous", "squeeze"),
    *("unsqueeze", "getitem", "identity", "clone", "to", "float", "movedim", "t", "mean", "ravel"),
    *("maxpool1d", "maxpool2d", "maxpool3d", "avgpool1d", "avgpool2d", "avgpool3d"),
    *("adaptiveavgpool1d", "adaptiveavgpool2d", "adaptiveavgpool3d"),
    *("adaptivemaxpool1d", "adaptivemaxpool2d", "adaptivemaxpool3d"),
}
_NORMS = {
    *("batchnorm", "batchnorm1d", "batchnorm2d", "batchnorm3d", "syncbatchnorm", "layernorm"),
    *("groupnorm", "instancenorm", "instancenorm1d", "instancenorm2d", "instancenorm3d", "rmsnorm"),
}
_DROPOUTS = {"dropout", "dropout1d", "dropout2d", "dropout3d", "featuredropout"}
_ENDS = {"softmax", "logsoftmax", "output"}
_SUMS = {"add", "iadd", "radd", "sub", "isub", "rsub"}


ADDED = "added to another branch"


class Follows(NamedTuple):
    """What follows a layer."""

    activation: str = "linear"
    slope: float | tuple[float, float] | None = None
    keep: float = 1.0
    notes: tuple[str, ...] = ()


@dataclass
class Node:
    """One call."""

    kind: str
    """layer, activation, dropout, pass, norm, end, sum, other."""
    name: str = ""
    value: Any = None
    users: list[Node] = field(default_factory=list)


def _plain(name: str) -> str:
    return name.strip("_").replace("_", "").lower()


def _called(name: str, value: Any = None) -> Node:  # noqa: ANN401 - slopes or a probability
    """A call by the name of its function or class."""
    plain = _plain(name)
    if plain in ("relu", "leakyrelu", "rrelu"):
        return Node("activation", plain, value)
    for kind, names in (
        ("dropout", _DROPOUTS),
        ("pass", _PASSES),
        ("norm", _NORMS),
        ("end", _ENDS),
        ("sum", _SUMS),
    ):
        if plain in names:
            return Node(kind, name, value)
    return Node("other", name)


def projection(attention: str) -> str:
    """The layer at the end of an attention module."""
    return f"{attention}.out_proj".lstrip(".")


def of_module(name: str, module: nn.Module) -> Node:
    """A module's call."""
    if isinstance(module, LAYERS):
        return Node("layer", name)
    if isinstance(module, nn.MultiheadAttention):
        return Node("layer", projection(name))
    if isinstance(module, nn.LeakyReLU):
        return _called("leaky_relu", module.negative_slope)
    if isinstance(module, nn.RReLU):
        return _called("rrelu", (module.lower, module.upper))
    if isinstance(module, nn.PReLU) and module.weight.numel() == 1:
        return _called("leaky_relu", float(module.weight.detach()))
    return _called(type(module).__name__, getattr(module, "p", None))


def of_function(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Node:
    """A function's or method's call."""
    plain = _plain(name)
    function = getattr(nn.functional, name.rstrip("_"), None)
    if plain in ("leakyrelu", "rrelu", *_DROPOUTS) and function is not None:
        given = inspect.signature(function).bind_partial(*args, **kwargs)
        given.apply_defaults()
        values = given.arguments
        if plain == "leakyrelu":
            return _called(name, values["negative_slope"])
        if plain == "rrelu":
            return _called(name, (values["lower"], values["upper"]))
        return _called(name, values["p"])
    return _called(name)


def traced(model: nn.Module) -> list[Node]:
    """The calls that ``torch.fx`` finds without running the model."""
    graph = fx.symbolic_trace(model).graph
    modules = dict(model.named_modules())
    nodes: dict[fx.Node, Node] = {}
    for call in graph.nodes:
        if call.op in ("placeholder", "get_attr"):
            nodes[call] = Node("pass")
        elif call.op == "call_module":
            nodes[call] = of_module(call.target, modules[call.target])
        elif call.op == "output":
            nodes[call] = Node("end")
        else:
            name = call.target if isinstance(call.target, str) else call.target.__name__
            nodes[call] = of_function(name, call.args, call.kwargs)
        for origin in call.all_input_nodes:
            nodes[origin].users.append(nodes[call])
    return list(nodes.values())


class _Recorder(TorchFunctionMode):
    """Writes down the calls of one run."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[Node] = []
        # a tensor's last node; the tensor is kept, so that no other gets its identity
        self.made: dict[int, tuple[torch.Tensor, Node]] = {}

    def record(self, node: Node, inputs: Any, output: Any) -> None:  # noqa: ANN401 - any tree
        origins = [self.made[id(t)][1] for t in _tensors(inputs) if id(t) in self.made]
        results = _tensors(output)
        if not results:
            return
        self.nodes.append(node)
        for origin in origins:
            if origin is not node:
                origin.users.append(node)
        for result in results:
            self.made[id(result)] = (result, node)

    def __torch_function__(
        self,
        func: Any,  # noqa: ANN401
        types: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        output = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", str(func))
        self.record(of_function(name, args, kwargs or {}), (args, kwargs), output)
        return output


def _tensors(tree: Any) -> list[torch.Tensor]:  # noqa: ANN401
    if isinstance(tree, torch.Tensor):
        return [tree]
    if isinstance(tree, dict):
        tree = tree.values()
    elif not isinstance(tree, (tuple, list)):
        return []
    return [tensor for branch in tree for tensor in _tensors(branch)]


def recorded(model: nn.Module, example: Any) -> list[Node]:  # noqa: ANN401 - what the model takes
    """The calls of one run of the model; its buffers stay as they are."""
    recorder = _Recorder()
    handles = []
    inputs: dict[str, list[Node]] = {}

    def before(name: str) -> Any:  # noqa: ANN401 - a hook
        def hook(module: nn.Module, args: tuple[Any, ...]) -> None:
            made = recorder.made
            inputs[name] = [made[id(t)][1] for t in _tensors(args) if id(t) in made]

        return hook

    def after(name: str) -> Any:  # noqa: ANN401 - a hook
        def hook(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:  # noqa: ANN401
            node = of_module(name, module)
            recorder.nodes.append(node)
            for origin in inputs.pop(name, []):
                origin.users.append(node)
            # of attention, the weights are another output
            result = _tensors(output)[0]
            recorder.made[id(result)] = (result, node)

        return hook

    for name, module in model.named_modules():
        if isinstance(module, (*LAYERS, nn.MultiheadAttention)):
            handles.append(module.register_forward_pre_hook(before(name)))
            handles.append(module.register_forward_hook(after(name)))
    training = {module: module.training for module in model.modules()}
    arguments = example if isinstance(example, tuple) else (example,)
    # in this mode batch normalisation leaves its averages alone; the fast path of transformers, on
    # which no layer is called, is not taken while functions are recorded
    model.eval()
    try:
        with torch.no_grad(), recorder:
            model(*arguments)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in training.items():
            module.training = mode
    return recorder.nodes


def in_sequences(model: nn.Module) -> list[Node]:
    """The calls inside ``nn.Sequential``, of a model that cannot be traced."""
    nodes: list[Node] = []
    for prefix, module in model.named_modules():
        if not isinstance(module, nn.Sequential):
            continue
        last: Node | None = None
        for name, child in module.named_children():
            node = of_module(f"{prefix}.{name}" if prefix else name, child)
            nodes.append(node)
            if last is not None:
                last.users.append(node)
            last = node
        if last is not None:
            # what comes after the sequence is not known
            last.users.append(Node("other", "something outside its nn.Sequential"))
    return nodes


def follows(node: Node) -> set[Follows | str]:
    """What follows one layer's call: more than one where its output is used twice; texts say why it
    is not known."""
    return _walk(node, Follows())


def _walk(node: Node, so_far: Follows) -> set[Follows | str]:
    if not node.users:
        return {so_far}
    found: set[Follows | str] = set()
    for user in node.users:
        active = so_far.activation != "linear"
        if user.kind == "pass":
            found |= _walk(user, so_far)
        elif user.kind == "norm":
            note = "normalised after: its scale has no effect"
            found |= _walk(
                user, so_far._replace(notes=(*so_far.notes, note)) if not active else so_far
            )
        elif user.kind == "dropout":
            found |= _walk(user, so_far._replace(keep=so_far.keep * (1 - float(user.value))))
        elif user.kind == "activation":
            names = {"relu": "relu", "leakyrelu": "leaky_relu", "rrelu": "rrelu"}
            name = names[user.name]
            if active and (so_far.activation, so_far.slope) != (name, user.value):
                found.add(f"followed by two activations, {so_far.activation} and {name}")
            else:
                found |= _walk(user, so_far._replace(activation=name, slope=user.value))
        elif user.kind == "sum" and not active:
            found.add(so_far._replace(notes=(*so_far.notes, ADDED)))
        elif user.kind == "other" and not active:
            found.add(f"followed by {user.name}, for which there is no law")
        else:
            found.add(so_far)
    return found
