"""The native vector environment: shared parts, and one batched proxy call per step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate

from mps_env.config import checked_config
from mps_env.env import MPSDistillEnv, Proposal
from mps_env.proxies.base import Score
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task

Step = tuple[Any, float, bool, bool, dict[str, Any]]
"""What a single environment's `step` returns."""


class MPSDistillVectorEnv(gym.vector.VectorEnv[Any, Any, np.ndarray]):
    """`num_envs` distillation environments on one task; `MPSDistillEnv` documents the arguments.

    Args:
        num_envs: How many.
        max_episode_steps: Steps after which an episode is truncated, or None.
        autoreset_mode: `NEXT_STEP` (default), `SAME_STEP` or `DISABLED`, as Gymnasium defines them.
        render_mode: Of each environment.
        **kwargs: The environment's arguments.
    """

    def __init__(
        self,
        num_envs: int = 1,
        *,
        max_episode_steps: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
        **kwargs: Any,
    ) -> None:
        if num_envs < 1:
            raise ValueError(f"num_envs must be >= 1, got {num_envs}. Use num_envs=1 for a single one.")
        self.autoreset_mode = _autoreset_mode(autoreset_mode)
        self.num_envs = num_envs
        self.max_episode_steps = max_episode_steps
        self.render_mode = render_mode
        self.metadata = {**MPSDistillEnv.metadata, "autoreset_mode": self.autoreset_mode}
        self._task = Task(checked_config(kwargs))
        self.envs = [MPSDistillEnv.sharing(self._task, render_mode) for _ in range(num_envs)]
        self.single_action_space = self.envs[0].action_space
        self.single_observation_space = self.envs[0].observation_space
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self._observations: list[Any] = [None] * num_envs
        self._steps = np.zeros(num_envs, dtype=np.int64)
        self._is_over = np.zeros(num_envs, dtype=bool)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start new episodes, in the environments that `options["reset_mask"]` marks or in all.

        Args:
            seed: One seed an environment; a number n means n, n + 1, ...
            options: As for the single environment, and `reset_mask`, (num_envs,) bool.
        """
        options = dict(options or {})
        mask = _reset_mask(options.pop("reset_mask", None), self.num_envs)
        if any(self._observations[index] is None for index in np.flatnonzero(~mask)):
            raise RuntimeError("the first reset must be of all environments. Call reset() without reset_mask first.")
        chosen = np.flatnonzero(mask)
        seeds = _seeds(seed, self.num_envs)
        infos: dict[str, Any] = {}
        started = self.reset_some(chosen, [seeds[index] for index in chosen], [options] * len(chosen))
        for index, info in started.items():
            infos = self._add_info(infos, info, index)
        return self.observations(), infos

    def step(self, actions: Any) -> tuple[Any, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Step every environment; those whose episode is over are reset as the autoreset mode says."""
        waiting = self._is_over.copy()
        if self.autoreset_mode is AutoresetMode.DISABLED and waiting.any():
            raise RuntimeError(
                f"environments {np.flatnonzero(waiting).tolist()} are over and autoreset is DISABLED."
                " Call reset(options={'reset_mask': ...}) first."
            )
        rewards = np.zeros(self.num_envs, dtype=np.float64)
        terminations, truncations = np.zeros(self.num_envs, dtype=bool), np.zeros(self.num_envs, dtype=bool)
        stepped = self.step_some(np.flatnonzero(~waiting), self._one_each(actions))
        infos_by_env: dict[int, dict[str, Any]] = {}
        for index, (_, reward, terminated, truncated, info) in stepped.items():
            rewards[index], terminations[index], truncations[index] = reward, terminated, truncated
            infos_by_env[index] = info
        self._is_over = terminations | truncations

        infos: dict[str, Any] = {}
        due = waiting
        if self.autoreset_mode is AutoresetMode.SAME_STEP:
            due = self._is_over
            for index in np.flatnonzero(due).tolist():
                final = {"final_obs": self._observations[index], "final_info": infos_by_env[index]}
                infos = self._add_info(infos, final, index)
        resetting = np.flatnonzero(due)
        infos_by_env |= self.reset_some(resetting, [None] * len(resetting), [{}] * len(resetting))
        for index in sorted(infos_by_env):
            infos = self._add_info(infos, infos_by_env[index], index)
        return self.observations(), rewards, terminations, truncations, infos

    def render(self) -> tuple[Any, ...] | None:
        """Return one frame an environment."""
        return tuple(env.render() for env in self.envs)

    def close_extras(self, **kwargs: Any) -> None:
        """Close the windows."""
        for env in self.envs:
            env.close()

    def action_masks(self) -> np.ndarray:
        """Return the masks of all environments, (num_envs, flags) int8."""
        return np.stack([env.action_masks() for env in self.envs])

    # --- what `reset` and `step` are made of; other vector interfaces are, too ---

    def reset_some(
        self, chosen: np.ndarray, seeds: Sequence[int | None], options: Sequence[dict[str, Any]]
    ) -> dict[int, dict[str, Any]]:
        """Start episodes in some environments with one batched proxy call; return the info of each by its index.

        Args:
            chosen: (m,) which.
            seeds: One each.
            options: One each, as the single environment takes them.
        """
        envs = [self.envs[index] for index in chosen]
        infos = {}
        with self._task.proxy.session():
            initial = [
                env.begin_episode(seed=seed, options=given)
                for env, seed, given in zip(envs, seeds, options, strict=True)
            ]
            for index, env, score in zip(chosen.tolist(), envs, _score_all(envs, initial), strict=True):
                self._observations[index], infos[index] = env.finish_reset(score)
        self._steps[chosen] = 0
        # Same-step autoreset must still report the end that it follows; only then is the episode not over.
        self._is_over[chosen] = False
        return infos

    def step_some(self, chosen: np.ndarray, actions: Sequence[Any]) -> dict[int, Step]:
        """Step some environments with one batched proxy call; return what each returned by its index.

        Args:
            chosen: (m,) which.
            actions: One for every environment; those of the others are not looked at.
        """
        envs = [self.envs[index] for index in chosen]
        for index, env in zip(chosen, envs, strict=True):
            env.check_action(actions[index])  # before any has moved
        steps: dict[int, Step] = {}
        with self._task.proxy.session():
            proposals: list[Proposal] = [self.envs[index].propose(actions[index]) for index in chosen]
            scores = _score_all(envs, [proposal.synthetic_set for proposal in proposals])
            self._steps[chosen] += 1
            for index, env, proposal, score in zip(chosen.tolist(), envs, proposals, scores, strict=True):
                observation, reward, terminated, _, info = env.conclude(proposal, score)
                truncated = self.max_episode_steps is not None and self._steps[index] >= self.max_episode_steps
                self._observations[index] = observation
                steps[index] = (observation, reward, terminated, bool(truncated), info)
        return steps

    def _one_each(self, actions: Any) -> list[Any]:
        if len(actions) != self.num_envs:
            raise ValueError(f"actions must be {self.num_envs}, one an environment, got {len(actions)}.")
        return list(iterate(self.action_space, actions))

    def observations(self) -> Any:
        """Return the newest observation of every environment in fresh arrays, with one more leading axis."""
        empty: Any = create_empty_array(self.single_observation_space, self.num_envs, fn=np.empty)
        return concatenate(self.single_observation_space, self._observations, empty)


def _score_all(envs: Sequence[MPSDistillEnv], sets: Sequence[SyntheticSet]) -> list[Score]:
    """Score one set an environment: known ones from memory, the others in one proxy call."""
    scores = [env.known_score(synthetic_set) for env, synthetic_set in zip(envs, sets, strict=True)]
    missing = [index for index, score in enumerate(scores) if score is None]
    if missing:
        proxy = envs[0].task.proxy
        computed = proxy.score_batch([envs[i].episode.trial for i in missing], [sets[i] for i in missing])
        for index, score in zip(missing, computed, strict=True):
            envs[index].take_score(sets[index], score)
            scores[index] = score
    return [score for score in scores if score is not None]


def _autoreset_mode(mode: AutoresetMode | str) -> AutoresetMode:
    if isinstance(mode, AutoresetMode):
        return mode
    by_name = {known.name: known for known in AutoresetMode} | {known.value: known for known in AutoresetMode}
    if mode not in by_name:
        raise ValueError(f"unknown autoreset_mode {mode!r}. Known: {', '.join(known.name for known in AutoresetMode)}.")
    return by_name[mode]


def _reset_mask(mask: Any, num_envs: int) -> np.ndarray:
    if mask is None:
        return np.ones(num_envs, dtype=bool)
    mask = np.asarray(mask)
    if mask.shape != (num_envs,) or mask.dtype != bool or not mask.any():
        raise ValueError(
            f"options['reset_mask'] must be ({num_envs},) bool with at least one True, got {mask!r}. Leave it out to"
            " reset all."
        )
    return mask


def _seeds(seed: int | Sequence[int | None] | None, num_envs: int) -> list[int | None]:
    if seed is None:
        return [None] * num_envs
    if isinstance(seed, int | np.integer):
        return [int(seed) + index for index in range(num_envs)]
    if len(seed) != num_envs:
        raise ValueError(f"seed must be a number or {num_envs} of them, got {len(seed)}. Give one per environment.")
    return list(seed)
