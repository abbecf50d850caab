"""CrossQ, on continuous actions.

python -m rl_zoo3.train --algo crossq --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.crossq
"""

from mps_env.zoo.settings import REPLAY, hyperparams_of

hyperparams = hyperparams_of("crossq", action="perturb", **REPLAY)
