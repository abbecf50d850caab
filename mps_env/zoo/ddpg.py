"""Deep deterministic policy gradient, on continuous actions.

python -m rl_zoo3.train --algo ddpg --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.ddpg
"""

from mps_env.zoo.settings import REPLAY, hyperparams_of

hyperparams = hyperparams_of("ddpg", action="perturb", **REPLAY, noise_type="normal", noise_std=0.2)
