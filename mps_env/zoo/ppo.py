"""Proximal policy optimisation.

python -m rl_zoo3.train --algo ppo --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.ppo
"""

from mps_env.zoo.settings import hyperparams_of

hyperparams = hyperparams_of(
    "ppo",
    learning_rate=1e-3,
    n_steps=128,
    batch_size=64,
    gamma=0.95,
    ent_coef=0.01,
    policy_kwargs={"net_arch": [64, 64]},
)
