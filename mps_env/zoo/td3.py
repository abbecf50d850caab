"""Twin delayed DDPG, on continuous actions.

python -m rl_zoo3.train --algo td3 --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.td3
"""

from mps_env.zoo.settings import REPLAY, hyperparams_of

hyperparams = hyperparams_of("td3", action="perturb", **REPLAY, noise_type="normal", noise_std=0.2)
