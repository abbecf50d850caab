"""Ready hyperparameters for rl_zoo3, one module an algorithm.

    python -m rl_zoo3.train --algo ppo --env MPSDistill-v0 --gym-packages mps_env -conf mps_env.zoo.ppo
    python -m rl_zoo3.enjoy --algo ppo --env MPSDistill-v0 --gym-packages mps_env -f logs --no-render

`pip install "mps-distill[zoo]"` brings rl_zoo3. Each module's `hyperparams` name the task as well, digits under the
ridge proxy; `--env-kwargs` replaces it as a whole. What a study of `mps tune` has found, which
`python examples/tune_zoo.py` runs, lies in `tuned.json` and is laid over the modules' own settings.
"""
