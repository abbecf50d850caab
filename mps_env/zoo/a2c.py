from mps_env.zoo.settings import ROLLOUTS, hyperparams_of

hyperparams = hyperparams_of("a2c", **{**ROLLOUTS, "n_steps": 8})
