"""`mps show`: the pictures of a run."""

from __future__ import annotations

import webbrowser
from dataclasses import dataclass
from pathlib import Path

import tyro

from agents.cli.reporting import checking_call
from agents.cli.tables import audited, print_json
from agents.folders import check_new_file
from agents.runs.folder import RunFolder


@dataclass(kw_only=True)
class Show:
    """Show where a run's pictures are, draw them anew where they are missing, and open them.

    Examples:

      mps show runs/digits-ipc10-dqn-seed0
      mps show runs/digits-ipc10-dqn-seed0 --open
    """

    run_folder: tyro.conf.Positional[Path]
    """The run folder, or a synthetic.npz."""
    open: tyro.conf.FlagCreatePairsOff[bool] = False
    """Open the pictures with the system's viewer."""
    out: Path | None = None
    """Where to write the contact sheet of a synthetic.npz (default: beside it)."""
    seed: int = 0
    """Nothing here is random; taken so that every command takes it."""
    json: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print paths as JSON."""

    def run(self) -> int:
        """Print the pictures' paths."""
        with checking_call():
            pictures = self._pictures()
        if self.json:
            print_json({name: str(path) for name, path in pictures.items()})
        else:
            for name, path in pictures.items():
                print(f"{name:<15}{path}")
        if self.open:
            for path in pictures.values():
                webbrowser.open(path.resolve().as_uri())
        return 0

    def _pictures(self) -> dict[str, Path]:
        if self.run_folder.suffix == ".npz":
            return {"contact sheet": self._sheet_of_file(self.run_folder)}
        folder = RunFolder(self.run_folder)
        folder.read_config()
        if self.out is not None:
            raise ValueError("--out goes with a synthetic.npz; a run's pictures lie in its folder. Leave it out.")
        if folder.is_finished and not self.json:
            summary = folder.read_summary()
            names = ("test_accuracy_mean", "test_accuracy_std", "audit_seeds")
            accuracy = audited(*(summary[name] for name in names))
            print(f"{summary['method']} on {summary['dataset']}: test accuracy {accuracy}")
        known = {"contact sheet": folder.contact_sheet, "progress": folder.progress}
        wanted = [folder.contact_sheet, *([folder.progress] if folder.metrics.exists() else [])]
        if not all(path.exists() for path in wanted):
            if not folder.is_finished:
                raise FileNotFoundError(
                    f"{folder.path} has no pictures yet. Finish the run with: mps distill --resume {folder.path}"
                )
            from agents.runs.run import draw_pictures

            draw_pictures(folder)
        return {name: path for name, path in known.items() if path.exists()}

    def _sheet_of_file(self, path: Path) -> Path:
        from agents.runs.pictures import save_contact_sheet
        from mps_env.set_file import load_set

        shown = load_set(path)
        names = shown.meta.get("class_names") or [str(number) for number in range(shown.num_classes)]
        target = self.out or path.with_name(f"{path.stem}_contact_sheet.png")
        check_new_file(target)
        save_contact_sheet(target, [(path.name, shown)], names)
        return target
