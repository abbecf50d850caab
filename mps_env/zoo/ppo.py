"""Proximal policy optimisation.

python -m rl_zoo3.train --algo ppo --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.ppo
"""

from mps_env.zoo.settings import ROLLOUTS, hyperparams_of

hyperparams = hyperparams_of("ppo", **ROLLOUTS, batch_size=64, ent_coef=0.01)
