"""Recurrent PPO, with an LSTM in its policy.

python -m rl_zoo3.train --algo ppo_lstm --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.ppo_lstm
"""

from mps_env.zoo.settings import ROLLOUTS, hyperparams_of

hyperparams = hyperparams_of(
    "ppo_lstm",
    **{**ROLLOUTS, "policy_kwargs": {"net_arch": [64, 64], "lstm_hidden_size": 64}},
    policy="MlpLstmPolicy",
    batch_size=64,
    ent_coef=0.01,
)
