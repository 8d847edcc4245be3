#!/usr/bin/env python3
"""One epoch of the paper's network on MNIST: isomoment against PyTorch, one thread each.

    pip install torch numpy
    cargo build --release
    python3 benches/training.py MNIST_FOLDER

Both train 20 layers of width 64 with Leaky ReLU 0.01 by SGD in batches of 128 on 60 000 images and evaluate the 10 000
test images after each epoch. isomoment's time for an epoch is the difference of runs of three epochs and of one, over two:
starting and reading the data do not count for either side. Runs alternate; medians and the median of the paired ratios are printed.
"""

import gzip
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch

PROGRAM = pathlib.Path(__file__).resolve().parent.parent / "target/release/isomoment"
RUNS = 5


def read(folder, name, offset):
    path = folder / name
    data = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
    return np.frombuffer(data, np.uint8, offset=offset)


def tensors(folder, part):
    images = read(folder, f"{part}-images-idx3-ubyte", 16).reshape(-1, 784)
    labels = read(folder, f"{part}-labels-idx1-ubyte", 8)
    scaled = torch.tensor(images, dtype=torch.float32) / 127.5 - 1.0
    return scaled, torch.tensor(labels, dtype=torch.int64)


def torch_epoch(train, test):
    sizes = [784] + [64] * 19 + [10]
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        linear = torch.nn.Linear(fan_in, fan_out)
        torch.nn.init.kaiming_normal_(linear.weight, a=0.01)
        torch.nn.init.zeros_(linear.bias)
        layers += [linear, torch.nn.LeakyReLU(0.01)]
    model = torch.nn.Sequential(*layers)
    descent = torch.optim.SGD(model.parameters(), lr=0.01)
    loss = torch.nn.CrossEntropyLoss()
    start = time.perf_counter()
    order = torch.randperm(len(train[0]))
    for rows in order.split(128):
        descent.zero_grad()
        loss(model(train[0][rows]), train[1][rows]).backward()
        descent.step()
    with torch.no_grad():
        for inputs, labels in zip(test[0].split(1000), test[1].split(1000)):
            (model(inputs).argmax(1) == labels).sum().item()
    return time.perf_counter() - start


def program_seconds(folder, epochs):
    with tempfile.TemporaryDirectory() as output:
        command = [PROGRAM, "train", "--preset", "paper-mnist", "--data", folder, "--init", "he", "--networks", "1"]
        command += ["--threads", "1", "--epochs", str(epochs), "--output", output]
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - start


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: benches/training.py MNIST_FOLDER")
    folder = pathlib.Path(sys.argv[1])
    torch.set_num_threads(1)
    train, test = tensors(folder, "train"), tensors(folder, "t10k")
    torch_epoch(train, test)
    pairs = []
    for _ in range(RUNS):
        ours = (program_seconds(folder, 3) - program_seconds(folder, 1)) / 2
        pairs.append((ours, torch_epoch(train, test)))
    ours, theirs = (statistics.median(side) for side in zip(*pairs))
    ratio = statistics.median(theirs / ours for ours, theirs in pairs)
    print(f"epoch: isomoment {ours:.2f} s, PyTorch {torch.__version__} {theirs:.2f} s, PyTorch takes {ratio:.2f} times as long")


if __name__ == "__main__":
    main()
