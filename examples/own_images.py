"""Your own data: a folder with one folder of images per class, distilled, and the set written beside it.

    python examples/own_images.py FOLDER     # FOLDER/cat/*.png, FOLDER/dog/*.png, ...; all of one size
    python examples/own_images.py            # makes a small folder of drawn squares, discs and crosses first

Prints what was found, the validation accuracy before and after, and the set's file.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import gymnasium as gym
import numpy as np
from PIL import Image

import mps_env
from agents import make_agent

SIDE = 12


def draw_shapes(folder: Path, per_class: int = 60) -> None:
    """Write small grey pictures of noisy shapes, a folder per class."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    for name in ("square", "disc", "cross"):
        (folder / name).mkdir(parents=True)
        for number in range(per_class):
            y, x = np.abs(rows - rng.integers(4, 8)), np.abs(columns - rng.integers(4, 8))
            shape = {"square": np.maximum(y, x) < 3, "disc": y**2 + x**2 < 9, "cross": np.minimum(y, x) < 1}[name]
            pixels = np.clip(160 * shape + rng.normal(40, 40, shape.shape), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number:03d}.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="folder of class folders (default: one that is drawn)")
    parser.add_argument("--ipc", type=int, default=2, help="images per class")
    parser.add_argument("--steps", type=int, default=500)
    options = parser.parse_args()
    folder = options.folder
    if folder is None:
        folder = Path(tempfile.mkdtemp()) / "shapes"
        draw_shapes(folder)

    env = gym.make(
        "MPSDistill-v0",
        dataset=folder,
        ipc=options.ipc,
        proxy="ridge",
        observation="features",
        accept="improve",
        max_episode_steps=options.steps,
    )
    dataset = env.unwrapped.task.dataset
    print(f"{len(dataset.train)} training images {dataset.image_shape} of {', '.join(dataset.class_names)}")
    _, info = env.reset(seed=0)
    make_agent("greedy", env, seed=0).learn(options.steps)
    episode = env.unwrapped.episode
    path = folder.with_suffix(".synthetic.npz")
    mps_env.save_set(path, episode.best_set)
    print(f"validation accuracy {info['val_accuracy']:.1%} -> {episode.best_score.accuracy:.1%}; the set is {path}")
