"""Trust region policy optimisation.

python -m rl_zoo3.train --algo trpo --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.trpo
"""

from mps_env.zoo.settings import ROLLOUTS, hyperparams_of

hyperparams = hyperparams_of("trpo", **ROLLOUTS, batch_size=128)
