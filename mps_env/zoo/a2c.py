"""Advantage actor-critic.

python -m rl_zoo3.train --algo a2c --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.a2c
"""

from mps_env.zoo.settings import hyperparams_of

hyperparams = hyperparams_of(
    "a2c",
    learning_rate=1e-3,
    n_steps=8,
    gamma=0.95,
    policy_kwargs={"net_arch": [64, 64]},
)
