"""The environment: thin, it only wires the parts together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import gymnasium as gym
import numpy as np

from mps_env.actions import ACTIONS, Application
from mps_env.config import checked_config
from mps_env.edits import get_edit
from mps_env.episode import Episode
from mps_env.observations import OBSERVATIONS
from mps_env.proxies.base import Score
from mps_env.rewards import REWARDS, Transition
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task

_NO_EDIT = -1


@dataclass(frozen=True, eq=False)
class Proposal:
    """A step that waits for its score: the edited set, and the application that made it."""

    synthetic_set: SyntheticSet
    application: Application


class MPSDistillEnv(gym.Env[Any, Any]):
    """
    ## Description
    Dataset distillation as a reinforcement-learning problem. The state is a small synthetic set: N images and their
    labels. An action edits one slot of it: perturbs the image, replaces it, or softens its label. The set is then
    scored: a proxy (by default the CNN of the MPS family) is trained on it from scratch, and its accuracy on
    validation data is the reward.

    The proxy's initial weights, batch order and augmentation are drawn at `reset` and stay for the episode (common
    random numbers), so that two states of an episode are compared on equal terms.

    ## Action Space
    | `action` | space | meaning |
    | --- | --- | --- |
    | `edit` | `Discrete(K_edits)` | an edit of the slot under the cursor, which visits the slots in a seeded order |
    | `select` | `MultiDiscrete([N, K_edits])` | a slot, and an edit of it |
    | `flat` | `Discrete(N * K_edits)` | the same as one number: slot * K_edits + edit |
    | `replace` | `MultiDiscrete([N, 64])` | a slot, and which of its class's first 64 pool images replaces it |
    | `perturb` | `Box(-1, 1, (16,))` | a step in the PCA basis of the class of the slot under the cursor |

    `edit_names` lists the edits in action order. An action that the mask forbids (`undo` with nothing to take back)
    acts as `keep`. `action_masks()` and `info["action_mask"]` give int8 flags in sb3-contrib's form.

    ## Observation Space
    | `observation` | space | content |
    | --- | --- | --- |
    | `set` | `Dict` | images (N, H, W, C), labels (N, K), slot, accuracy (1,), progress (1,) |
    | `slot` | `Box(0, 1, (H*W*C + K,))` | the flat image under the cursor, then its label |
    | `features` | `Box(-1, 1, (13,))` | a short vector that means the same on every data set |
    | `mosaic` | `Box(0, 255, (H', W', C), uint8)` | the set as one picture, the slot framed |

    Where an action chooses its slot, the slot shown is the one edited last.

    ## Rewards
    | `reward` | value |
    | --- | --- |
    | `accuracy` | the proxy's validation accuracy, in [0, 1] |
    | `gain` | its change; an episode's rewards add up to final minus initial |
    | `similarity` | half closeness to the image before the edit, half whether the proxy classifies it rightly |

    ## Starting State
    A new initial set drawn by `init`; `reset(options={"set": SyntheticSet})` starts from that set instead. A path
    as `init` starts every episode from the saved set.

    ## Episode End
    Terminated by the edit `stop` and when `target_accuracy` is reached. Truncated by Gymnasium's `TimeLimit`
    (`max_episode_steps`, registered as 200).

    ## Information
    Flat numbers and small fresh arrays: `val_accuracy`, `val_loss`, `best_val_accuracy` (of this episode's best set),
    `accepted` (whether the edit stands), `slot` (where the action was applied; on reset the slot under the cursor),
    `edit` (the number of the edit, candidate for `replace`, 0 for `perturb`, -1 on reset) and, for discrete spaces,
    `action_mask`. `synthetic_set`, `best_set` and `proxy_trainings` are attributes of the unwrapped environment.

    ## Arguments
    | argument | default | others |
    | --- | --- | --- |
    | `dataset` | `"digits"` | any name that `mps datasets` lists, an `.npz`, a folder of class folders |
    | `ipc`, `n_images` | 10, None | images per class, or a total number |
    | `factor` | 1 | 2 keeps images at half their resolution, four in the pixels of one (IDC): N is 4 times as large |
    | `init` | `"random"` | any pool name (`real` is `random`), the path of a saved set or of a run's folder |
    | `action`, `observation`, `reward` | `"edit"`, `"set"`, `"accuracy"` | as above |
    | `accept` | `"always"` | `improve` takes an edit back that lowers the accuracy, or leaves it and raises the loss;
      `descend` one that raises the validation loss, and best means lowest loss |
    | `proxy`, `proxy_kwargs` | `"cnn"`, None | `ridge`, `mlp`, `linear`, any registered network |
    | `val_size` | the smaller of 1,000 and a fifth | any number of validation images up to what is left |
    | `edits`, `pool` | all, `"real"` | names in action order; any pool name |
    | `target_accuracy` | None | a fraction |
    | `data_dir` | None | where the data files are; else `MPS_DATA_DIR` |
    | `seed_schedule` | `"episode"` | `step`: new random numbers for every score, for noise studies |
    | `render_mode` | None | `rgb_array`, `ansi`, `human` |

    ## Vectorized environment
    `gym.make_vec("MPSDistill-v0", num_envs=n)` gives the native one: the parts are shared and one batched proxy
    call serves a step of all. Its rewards equal those of `SyncVectorEnv` for the same seeds.

    ## Version History
    * v0: initial version.
    """

    metadata = {"render_modes": ["human", "rgb_array", "ansi"], "render_fps": 10}  # noqa: RUF012 (Gymnasium's form)

    def __init__(self, *, render_mode: str | None = None, **kwargs: Any) -> None:
        self._assemble(Task(checked_config(kwargs)), render_mode)

    @classmethod
    def sharing(cls, task: Task, render_mode: str | None = None) -> MPSDistillEnv:
        """Build an environment on a task that other environments use, too."""
        env = cls.__new__(cls)
        env._assemble(task, render_mode)
        return env

    def _assemble(self, task: Task, render_mode: str | None) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"unknown render_mode {render_mode!r}. Known: {', '.join(self.metadata['render_modes'])}.")
        config = task.config
        self.task = task
        self.render_mode = render_mode
        self.edit_names = config.edit_names
        pool_per_class = np.bincount(task.pool.classes, minlength=task.dataset.num_classes)
        self._actions = ACTIONS.get(config.action)(
            task.n_slots, [get_edit(name) for name in self.edit_names], pool_per_class
        )
        self._observation = OBSERVATIONS.get(config.observation)(
            task.n_slots, task.dataset.image_shape, task.dataset.num_classes
        )
        self._reward = REWARDS.get(config.reward)
        self.action_space = self._actions.space
        self.observation_space = self._observation.space
        self.proxy_trainings = 0
        self._episode: Episode | None = None
        self._view: Any = None

    # --- Gymnasium's interface ---

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start an episode.

        Args:
            seed: Seeds everything random from here on.
            options: `{"set": SyntheticSet}` to start from that set.

        Raises:
            ValueError: If an option is unknown or the set does not fit the task.
        """
        with self.task.proxy.session():
            initial = self.begin_episode(seed=seed, options=options)
            return self.finish_reset(self._score(initial))

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Apply one action.

        Raises:
            ValueError: If the action is not in the action space.
            RuntimeError: If the environment was not reset.
        """
        with self.task.proxy.session():
            self.check_action(action)
            proposal = self.propose(action)
            return self.conclude(proposal, self._score(proposal.synthetic_set))

    def render(self) -> Any:
        """Return a picture (`rgb_array`), a line (`ansi`), or draw in a window (`human`)."""
        if self.render_mode is None:
            return gym.logger.warn("render() was called without a render_mode. Give one to gym.make, e.g. 'rgb_array'.")
        return self._viewer().render(self.episode, self.render_mode)

    def close(self) -> None:
        """Close the window, if there is one."""
        if self._view is not None:
            self._view.close()
            self._view = None

    # --- what is beyond Gymnasium ---

    @property
    def episode(self) -> Episode:
        """The running episode.

        Raises:
            RuntimeError: If the environment was not reset.
        """
        if self._episode is None:
            raise RuntimeError("the environment has no episode yet. Call reset() first.")
        return self._episode

    @property
    def synthetic_set(self) -> SyntheticSet:
        """The current set."""
        return self.episode.synthetic_set

    @property
    def best_set(self) -> SyntheticSet:
        """The set with the highest score of this episode."""
        return self.episode.best_set

    def action_masks(self) -> np.ndarray:
        """Return int8 flags of the possible actions, as sb3-contrib's MaskablePPO asks for them.

        Raises:
            TypeError: If the action space is continuous.
        """
        mask = self._actions.mask(self.synthetic_set, self.episode.context())
        if mask is None:
            raise TypeError(f"{self.action_space} has no mask. Use a discrete action family, e.g. action='edit'.")
        return mask

    # --- a step in two halves, between which a vector environment scores all its sets in one call ---

    def begin_episode(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> SyntheticSet:
        """Draw a new episode and return its initial set, which must then be scored."""
        super().reset(seed=seed)
        options = options or {}
        if not isinstance(options, dict):
            raise TypeError(
                f"reset options must be a dict, got {type(options).__name__}. Write options={{'set': ...}}."
            )
        if unknown := set(options) - {"set"}:
            raise ValueError(f"unknown reset option {sorted(unknown)[0]!r}. Known: 'set', a SyntheticSet.")
        initial = self._given_set(options["set"]) if "set" in options else self.task.initial_set(self.np_random)
        self._episode = Episode(self.task, initial, self.np_random)
        if self._view is not None:
            self._view.clear()
        return initial

    def finish_reset(self, score: Score) -> tuple[Any, dict[str, Any]]:
        """Take the initial set's score and return what `reset` returns."""
        episode = self.episode
        episode.start(score)
        self._show(edited=None)
        return self._observation.observe(episode), self._info(True, episode.slot, _NO_EDIT)

    def propose(self, action: Any) -> Proposal:
        """Apply an action, which `check_action` has let pass, to a copy of the state; return what must be scored."""
        episode = self.episode
        application = self._actions.decode(action, episode.slot)
        context = episode.context()
        edit = application.edit
        edited = episode.synthetic_set
        if edit.is_possible is None or edit.is_possible(edited, context):
            edited = edit.apply(edited, application.slot, context, self.np_random)
            edited = self.task.small_images.project_set(edited, episode.synthetic_set)
        if self.task.config.seed_schedule == "step":
            episode.redraw(self.np_random)
        return Proposal(edited, application)

    def check_action(self, action: Any) -> None:
        """Check an action from outside.

        Raises:
            ValueError: If it is not in the action space.
        """
        self._actions.check(action)

    def conclude(self, proposal: Proposal, score: Score) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take the proposal's score and return what `step` returns."""
        episode, application = self.episode, proposal.application
        before, score_before = episode.synthetic_set, episode.score
        accepted = self.task.acceptance.keeps(self.task.rank(score_before), self.task.rank(score))
        kept, kept_score = (proposal.synthetic_set, score) if accepted else (before, score_before)
        episode.advance(kept, kept_score)
        reward = self._reward(Transition(before, kept, application.slot, score_before, kept_score, episode.predict))
        if self._actions.moves_cursor:
            episode.move_cursor()
        else:
            episode.slot = application.slot
        self._show(edited=application.slot)
        info = self._info(accepted, application.slot, application.index)
        return self._observation.observe(episode), float(reward), self._is_over(application), False, info

    def known_score(self, synthetic_set: SyntheticSet) -> Score | None:
        """Return the score of a set that needs no proxy training, if the episode remembers it."""
        return self.episode.known_score(synthetic_set)

    def take_score(self, synthetic_set: SyntheticSet, score: Score) -> None:
        """Count and remember a score that was just computed."""
        self.proxy_trainings += 1
        self.episode.remember(synthetic_set, score)

    # --- private ---

    def _score(self, synthetic_set: SyntheticSet) -> Score:
        score = self.known_score(synthetic_set)
        if score is None:
            score = self.task.proxy.score(self.episode.trial, synthetic_set)
            self.take_score(synthetic_set, score)
        return score

    def _given_set(self, given: Any) -> SyntheticSet:
        if not isinstance(given, SyntheticSet):
            raise TypeError(
                f"options['set'] must be a SyntheticSet, got {type(given).__name__}."
                " Make one with SyntheticSet.checked(images, labels)."
            )
        self.task.check_set(given, "options['set']")
        return replace(SyntheticSet.checked(given.images, given.labels), meta=given.meta)

    def _is_over(self, application: Application) -> bool:
        target = self.task.config.target_accuracy
        return application.edit.ends_episode or (target is not None and self.episode.score.accuracy >= target)

    def _info(self, accepted: bool, slot: int, edit: int) -> dict[str, Any]:
        episode = self.episode
        info: dict[str, Any] = {
            "val_accuracy": float(episode.score.accuracy),
            "val_loss": float(episode.score.loss),
            "best_val_accuracy": float(episode.best_score.accuracy),
            "accepted": accepted,
            "slot": slot,
            "edit": edit,
        }
        mask = self._actions.mask(episode.synthetic_set, episode.context())
        if mask is not None:
            info["action_mask"] = mask
        return info

    def _show(self, edited: int | None) -> None:
        if self.render_mode is None:
            return
        self._viewer().record(self.episode, edited)
        if self.render_mode == "human":
            self.render()

    def _viewer(self) -> Any:
        if self._view is None:
            from mps_env.rendering import Viewer

            self._view = Viewer(fps=self.metadata["render_fps"])
        return self._view
