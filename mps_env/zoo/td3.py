"""Twin delayed DDPG, on continuous actions.

python -m rl_zoo3.train --algo td3 --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.td3
"""

from mps_env.zoo.settings import hyperparams_of

hyperparams = hyperparams_of(
    "td3",
    action="perturb",
    learning_rate=1e-3,
    buffer_size=10_000,
    learning_starts=100,
    batch_size=64,
    gamma=0.95,
    noise_type="normal",
    noise_std=0.2,
    policy_kwargs={"net_arch": [64, 64]},
)
