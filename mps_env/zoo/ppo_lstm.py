from mps_env.zoo.settings import ROLLOUTS, hyperparams_of

hyperparams = hyperparams_of(
    "ppo_lstm",
    **{**ROLLOUTS, "policy_kwargs": {"net_arch": [64, 64], "lstm_hidden_size": 64}},
    policy="MlpLstmPolicy",
    batch_size=64,
    ent_coef=0.01,
)
