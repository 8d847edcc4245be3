#!/usr/bin/env python3
"""One epoch of the paper's networks on MNIST: isomoment against PyTorch, one thread each.

    pip install torch numpy
    cargo build --release
    python3 benches/training.py MNIST_FOLDER

Three networks, each trained by SGD in float32 and evaluated on the 10 000 test images after each epoch: 20 layers of
64 Leaky ReLU units, biases 0 at first; the released code's with ReLU and its biases; its convolutional one (two
convolutions in front, batches of 512, weight decay; MNIST as a stand-in for CIFAR-10, unaugmented). isomoment's time for an epoch is the
difference of runs of three epochs and of one, over two: starting and reading the data do not count for either side. Runs
alternate; medians and the median of the paired ratios are printed, of the time of the processor, which other work on the
machine lengthens least, and of the time that passed.
"""

import functools
import gzip
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/isomoment"
RUNS = 5
PRESETS = {
    "paper-mnist": [],
    "paper-mnist-relu": [],
    "paper-cifar10-relu": ["--stand-in", "--augment", "none"],
}


def read(folder, name, offset):
    path = folder / name
    data = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
    return np.frombuffer(data, np.uint8, offset=offset)


def tensors(folder, part):
    images = read(folder, f"{part}-images-idx3-ubyte", 16).reshape(-1, 784)
    labels = read(folder, f"{part}-labels-idx1-ubyte", 8)
    scaled = torch.tensor(images, dtype=torch.float32) / 127.5 - 1.0
    return scaled, torch.tensor(labels, dtype=torch.int64)


def convolutional(part):
    """MNIST with a border up to 32 x 32 pixels in three equal channels, as --stand-in makes it"""
    images = torch.nn.functional.pad(part[0].reshape(-1, 1, 28, 28), (2, 2, 2, 2), value=-1.0)
    return images.repeat(1, 3, 1, 1), part[1]


def network(preset):
    """The preset's layers, each with biases; those of `paper-mnist` begin at 0."""
    front, inputs = [], 784
    if preset == "paper-cifar10-relu":
        inputs = 400
        for channels in ((3, 6), (6, 16)):
            front += [torch.nn.Conv2d(*channels, 5), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]
        front.append(torch.nn.Flatten())
    leaky = preset == "paper-mnist"
    sizes = [inputs] + [64] * 19 + [10]
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        linear = torch.nn.Linear(fan_in, fan_out)
        torch.nn.init.kaiming_normal_(linear.weight, a=0.01 if leaky else 0)
        if leaky:
            torch.nn.init.zeros_(linear.bias)
        layers += [linear, torch.nn.LeakyReLU(0.01) if leaky else torch.nn.ReLU()]
    return torch.nn.Sequential(*front, *layers)


def seconds(work, who):
    """What it takes of the processor, and of the day."""

    def used():
        usage = resource.getrusage(who)
        return np.array([usage.ru_utime + usage.ru_stime, time.perf_counter()])

    start = used()
    work()
    return used() - start


def torch_epoch(preset, train, test):
    model = network(preset)
    behind = preset == "paper-cifar10-relu"
    descent = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4 if behind else 0)
    loss = torch.nn.CrossEntropyLoss()

    def epoch():
        order = torch.randperm(len(train[0]))
        for rows in order.split(512 if behind else 128):
            descent.zero_grad()
            loss(model(train[0][rows]), train[1][rows]).backward()
            descent.step()
        with torch.no_grad():
            for inputs, labels in zip(test[0].split(1000), test[1].split(1000)):
                (model(inputs).argmax(1) == labels).sum().item()

    return seconds(epoch, resource.RUSAGE_SELF)


def program_run(preset, folder, epochs):
    with tempfile.TemporaryDirectory() as output:
        command = [PROGRAM, "train", "--preset", preset, "--data", folder, "--init", "he", "--networks", "1"]
        command += [*PRESETS[preset], "--threads", "1", "--epochs", str(epochs), "--output", output]
        run = functools.partial(subprocess.run, command, check=True, capture_output=True)
        return seconds(run, resource.RUSAGE_CHILDREN)


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: benches/training.py MNIST_FOLDER [PRESET ...]")
    folder = pathlib.Path(sys.argv[1])
    torch.set_num_threads(1)
    parts = tensors(folder, "train"), tensors(folder, "t10k")
    for preset in sys.argv[2:] or PRESETS:
        train, test = map(convolutional, parts) if preset == "paper-cifar10-relu" else parts
        torch_epoch(preset, train, test)
        pairs = []
        for _ in range(RUNS):
            ours = (program_run(preset, folder, 3) - program_run(preset, folder, 1)) / 2
            pairs.append((ours, torch_epoch(preset, train, test)))
        for k, clock in enumerate(["processor", "wall"]):
            ours, theirs = (statistics.median(side[k] for side in sides) for sides in zip(*pairs))
            ratio = statistics.median(theirs[k] / ours[k] for ours, theirs in pairs)
            times = f"isomoment {ours:.2f} s, PyTorch {torch.__version__} {theirs:.2f} s"
            print(f"{preset}, {clock}: {times}, {ratio:.2f} times as long", flush=True)


if __name__ == "__main__":
    main()
