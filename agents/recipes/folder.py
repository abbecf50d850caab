"""The folder of a reproduction: a run folder with the runs and studies that lead to it inside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from agents.folders import free_path, new_folder, read_config
from agents.recipes.config import ReproduceConfig
from agents.runs.config import RunConfig
from agents.runs.folder import RunFolder, create_folder
from agents.tuning.folder import StudyFolder
from agents.tuning.storage import check_storage
from mps_env.atomic import atomic_write_text
from mps_env.set_file import is_set_path, load_set


@dataclass(frozen=True)
class RecipeFolder:
    """Paths inside a reproduction's folder.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def config(self) -> Path:
        """What was asked for, written first."""
        return self.path / "recipe.json"

    @property
    def run(self) -> RunFolder:
        """The run itself: the folder's own top level."""
        return RunFolder(self.path)

    @property
    def start(self) -> RunFolder:
        """The run that makes the initial set."""
        return RunFolder(self.path / "start")

    @property
    def random_policy(self) -> RunFolder:
        """The same run by a random policy."""
        return RunFolder(self.path / "random_policy")

    @property
    def audits(self) -> Path:
        """Further audits of the result, by network."""
        return self.path / "further_audits.json"

    @property
    def trainings(self) -> Path:
        """Finished trainings of audits, which the runs inside share; removed at the end."""
        return self.path / "trainings"

    def study(self, agent: str) -> StudyFolder:
        """Return the folder of an agent's study."""
        return StudyFolder(self.path / f"tune-{agent}")

    @property
    def is_finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.run.is_finished and "recipe" in self.run.read_summary()

    def check(self) -> None:
        """Check that what an interrupted reproduction has left can be continued from.

        Raises:
            ValueError: If a file in it cannot be used.
        """
        for run in filter(lambda run: run.config.exists(), (self.start, self.random_policy, self.run)):
            try:
                run.read_config()
                if run.is_finished:
                    run.read_summary()
                    load_set(run.synthetic_set)
            except ValueError as error:
                remedy = "Start a new reproduction." if run == self.run else f"Remove {run.path}, and it is done anew."
                raise ValueError(f"{str(error).rstrip('.')}. {remedy}") from None
        for folder in sorted(self.path.glob("tune-*")):
            study = StudyFolder(folder)
            study.read_config()
            if study.is_finished:
                study.read_best()
            else:
                check_storage(study.study, study.trials)

    def read_config(self) -> ReproduceConfig:
        """Read what was asked for.

        Raises:
            FileNotFoundError: If this is no reproduction's folder.
            ValueError: If its config cannot be used.
        """
        return read_config(self.config, ReproduceConfig.from_json, kind="reproduction", made_by="mps reproduce")


def create_recipe_folder(path: Path, config: ReproduceConfig) -> RecipeFolder:
    """Make a reproduction's folder with its config in it.

    Raises:
        FileExistsError: If something is there already.
    """
    with new_folder(path) as temporary:
        atomic_write_text(RecipeFolder(temporary).config, config.to_json() + "\n")
    return RecipeFolder(path)


def prepared(folder: RunFolder, config: RunConfig) -> RunFolder:
    """Return a run's folder with its config in it, made where it is not there yet; an older take is continued."""
    if not folder.path.exists():
        return create_folder(folder.path, config)
    if folder.config.exists():
        begun = folder.read_config()
        if not is_set_path(config.env.init) or begun.env.init == config.env.init:
            return folder
        # The reproduction was moved, and its initial set with it; all else stays as it was begun.
        config = replace(begun, env=replace(begun.env, init=config.env.init))
    atomic_write_text(folder.config, config.to_json() + "\n")
    return folder


def default_path(config: ReproduceConfig) -> Path:
    """Return the first path of the form runs/mps1-seed0 that is free."""
    form = "-quick" if config.quick else ""
    dataset = f"-{Path(config.dataset).stem}" if config.dataset else ""
    ipc = f"-ipc{config.ipc}" if config.ipc else ""
    return free_path(f"{config.recipe}{form}{dataset}{ipc}-seed{config.seed}")
