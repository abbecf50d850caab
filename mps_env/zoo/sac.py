"""Soft actor-critic, on continuous actions.

python -m rl_zoo3.train --algo sac --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.sac
"""

from mps_env.zoo.settings import REPLAY, hyperparams_of

hyperparams = hyperparams_of("sac", action="perturb", **REPLAY)
