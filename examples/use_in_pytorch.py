"""Trains a network on a distilled set in plain PyTorch: the set is an .npz of arrays, and this package is not needed.

    python examples/use_in_pytorch.py                                  # digits, the set beside this file
    python examples/use_in_pytorch.py runs/RUN/synthetic.npz DATA.npz  # your set, and an .npz with x_test, y_test

Prints the number of images trained on, and the test accuracy.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn

HERE = Path(__file__).parent / "data"


def read_set(path: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images (N, C, H, W) in [0, 1], channels first as PyTorch has them, and label rows (N, K) that sum to 1."""
    with np.load(path, allow_pickle=False) as archive:
        images, labels = archive["images"], archive["labels"]
    return torch.from_numpy(images.transpose(0, 3, 1, 2).copy()), torch.from_numpy(labels)


def read_test(path: Path, shape: torch.Size) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images (n, C, H, W) in [0, 1] and class numbers (n,)."""
    with np.load(path, allow_pickle=False) as archive:
        images, classes = archive["x_test"], archive["y_test"]
    scale = 255 if images.dtype == np.uint8 else 1
    channels, height, width = shape
    pixels = images.reshape(-1, height, width, channels).astype(np.float32) / scale
    return torch.from_numpy(pixels.transpose(0, 3, 1, 2).copy()), torch.from_numpy(classes.ravel().astype(np.int64))


def build_network(shape: torch.Size, num_classes: int) -> nn.Module:
    """Return a small convolutional network that gives logits."""
    channels, height, width = shape
    return nn.Sequential(
        nn.Conv2d(channels, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64 * (height // 2) * (width // 2), 64),
        nn.ReLU(),
        nn.Linear(64, num_classes),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", type=Path, nargs="?", default=HERE / "digits_synthetic.npz")
    parser.add_argument("data", type=Path, nargs="?", default=HERE / "digits_test.npz")
    parser.add_argument("--steps", type=int, default=500, help="optimiser steps")
    options = parser.parse_args()

    torch.set_num_threads(1)  # on networks this small, several only wait for each other
    torch.manual_seed(0)
    images, labels = read_set(options.set)
    test_images, test_classes = read_test(options.data, images.shape[1:])
    model = build_network(images.shape[1:], labels.shape[1])
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, options.steps)
    for _ in range(options.steps):
        batch = torch.randperm(len(images))[:100]
        # The labels are soft: cross-entropy takes rows of probabilities as well as class numbers.
        loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        predicted = model(test_images).argmax(dim=1)
    accuracy = (predicted == test_classes).float().mean().item()
    print(f"trained on {len(images)} images, test accuracy {accuracy:.1%}")
