"""Stable-Baselines3's deep Q-network.

python -m rl_zoo3.train --algo dqn --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.dqn
"""

from mps_env.zoo.settings import VALUES, hyperparams_of

hyperparams = hyperparams_of("dqn", **VALUES)
