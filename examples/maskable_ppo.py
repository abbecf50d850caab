"""sb3-contrib's MaskablePPO on eight environments at once, whose sets are scored by one batched proxy call per step.

    python examples/maskable_ppo.py

Prints SB3's own table as it learns, and the best validation accuracy of the episodes under way. The masks keep it from
actions that can do nothing, such as `undo` where there is nothing to take back.
"""

from __future__ import annotations

import argparse

import torch
from sb3_contrib import MaskablePPO

from agents import make_sb3_vec_env

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=4_096)
    steps = parser.parse_args().steps

    torch.set_num_threads(1)  # on networks this small, several only wait for each other
    env = make_sb3_vec_env(8, proxy="ridge", observation="features", reward="gain")
    model = MaskablePPO("MlpPolicy", env, n_steps=64, batch_size=64, seed=0, device="cpu", verbose=1)
    model.learn(steps)
    best = [episode.best_score.accuracy for episode in env.get_attr("episode")]
    print(f"best validation accuracy of the {len(best)} episodes under way: {max(best):.1%}")
