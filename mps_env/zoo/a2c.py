"""Advantage actor-critic.

python -m rl_zoo3.train --algo a2c --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.a2c
"""

from mps_env.zoo.settings import ROLLOUTS, hyperparams_of

hyperparams = hyperparams_of("a2c", **{**ROLLOUTS, "n_steps": 8})
