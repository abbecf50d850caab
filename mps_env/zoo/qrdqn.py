"""Quantile-regression DQN.

python -m rl_zoo3.train --algo qrdqn --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.qrdqn
"""

from mps_env.zoo.settings import VALUES, hyperparams_of

hyperparams = hyperparams_of("qrdqn", **{**VALUES, "policy_kwargs": {"net_arch": [64, 64], "n_quantiles": 50}})
