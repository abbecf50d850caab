"""Augmented random search: a linear policy, two whole episodes an update.

python -m rl_zoo3.train --algo ars --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.ars
"""

from mps_env.zoo.settings import hyperparams_of

hyperparams = hyperparams_of("ars", policy="LinearPolicy", n_delta=1, n_top=1, learning_rate=0.02, delta_std=0.05)
