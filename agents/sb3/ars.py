"""sb3-contrib's ARS, with callbacks that see each step and can end the run, as those of the other algorithms do."""

from __future__ import annotations

from typing import Any

from sb3_contrib import ARS


class _RunOver(Exception):
    """A callback asked to stop; ARS itself only ends between updates."""


class SteppedARS(ARS):
    """ARS (Mania, Guy, Recht, 2018) that ends where a callback says so, in the middle of an update as well."""

    def learn(self, total_timesteps: int, callback: Any = None, *args: Any, **kwargs: Any) -> SteppedARS:
        """As `ARS.learn`; an update that a callback ends is given up."""
        try:
            super().learn(total_timesteps, callback, *args, **kwargs)
        except _RunOver:
            callback.on_training_end()
        return self

    def _trigger_callback(self, _locals: dict[str, Any], _globals: dict[str, Any], callback: Any, n_envs: int) -> None:
        self.num_timesteps += n_envs
        names = {"actions": "actions", "rewards": "rewards", "dones": "dones", "infos": "infos"}
        seen = {name: _locals[local] for name, local in names.items()}
        callback.update_locals({**seen, "new_obs": _locals["new_observations"]})
        if not callback.on_step():
            raise _RunOver
