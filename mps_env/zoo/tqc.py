"""Truncated quantile critics, on continuous actions.

python -m rl_zoo3.train --algo tqc --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.tqc
"""

from mps_env.zoo.settings import REPLAY, hyperparams_of

hyperparams = hyperparams_of("tqc", action="perturb", **REPLAY)
