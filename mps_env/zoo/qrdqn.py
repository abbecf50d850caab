"""Quantile regression DQN.

python -m rl_zoo3.train --algo qrdqn --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.qrdqn
"""

from mps_env.zoo.settings import hyperparams_of

hyperparams = hyperparams_of(
    "qrdqn",
    learning_rate=1e-3,
    buffer_size=10_000,
    learning_starts=100,
    batch_size=32,
    gamma=0.95,
    train_freq=1,
    target_update_interval=100,
    exploration_fraction=0.3,
    exploration_final_eps=0.05,
    policy_kwargs={"net_arch": [64, 64], "n_quantiles": 50},
)
