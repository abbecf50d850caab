"""Truncated quantile critics, on continuous actions.

python -m rl_zoo3.train --algo tqc --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.tqc
"""

from mps_env.zoo.settings import hyperparams_of

hyperparams = hyperparams_of(
    "tqc",
    action="perturb",
    learning_rate=1e-3,
    buffer_size=10_000,
    learning_starts=100,
    batch_size=64,
    gamma=0.95,
    policy_kwargs={"net_arch": [64, 64]},
)
