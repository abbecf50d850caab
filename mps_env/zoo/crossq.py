"""CrossQ, on continuous actions.

python -m rl_zoo3.train --algo crossq --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.crossq
"""

from mps_env.zoo.settings import hyperparams_of

hyperparams = hyperparams_of(
    "crossq",
    action="perturb",
    learning_rate=1e-3,
    buffer_size=10_000,
    learning_starts=100,
    batch_size=64,
    gamma=0.95,
    policy_kwargs={"net_arch": [64, 64]},
)
