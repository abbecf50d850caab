from mps_env.zoo.settings import VALUES, hyperparams_of

hyperparams = hyperparams_of("qrdqn", **{**VALUES, "policy_kwargs": {"net_arch": [64, 64], "n_quantiles": 50}})
