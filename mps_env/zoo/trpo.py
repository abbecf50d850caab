"""Trust region policy optimisation.

python -m rl_zoo3.train --algo trpo --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.trpo
"""

from mps_env.zoo.settings import hyperparams_of

hyperparams = hyperparams_of(
    "trpo",
    learning_rate=1e-3,
    n_steps=128,
    batch_size=128,
    gamma=0.95,
    policy_kwargs={"net_arch": [64, 64]},
)
