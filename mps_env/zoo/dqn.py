"""Stable-Baselines3's deep Q-network.

python -m rl_zoo3.train --algo dqn --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.dqn
"""

from mps_env.zoo.settings import hyperparams_of

hyperparams = hyperparams_of(
    "dqn",
    learning_rate=1e-3,
    buffer_size=10_000,
    learning_starts=100,
    batch_size=32,
    gamma=0.95,
    train_freq=1,
    target_update_interval=100,
    exploration_fraction=0.3,
    exploration_final_eps=0.05,
    policy_kwargs={"net_arch": [64, 64]},
)
