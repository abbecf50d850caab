"""`mps benchmark`: agents and distillers over a grid of tasks and seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from agents.benchmark.config import BenchmarkConfig
from agents.benchmark.engines.base import EngineOptions
from agents.benchmark.entries import Entry
from agents.benchmark.folder import BenchmarkFolder
from agents.benchmark.grid import Grid, grid_of
from agents.cli.options import refuse_other_options, with_absolute_file, with_absolute_paths
from agents.cli.quiet import import_tensorflow_quietly
from agents.cli.reporting import FAILED_RUN, WrongCallError, checking_call
from agents.cli.resuming import saying_how_to_continue
from agents.cli.tables import print_json, print_table
from agents.runs.durations import parse_duration
from mps_env.config import EnvConfig
from mps_env.evaluation.config import AuditConfig
from mps_env.registry import import_object

if TYPE_CHECKING:
    from agents.benchmark.validation import Verdict

_HOW = ("engine", "workers", "ray_address", "max_retries", "json", "quiet")  # not what is done, but how
_REPORT = "agents.benchmark.report:write_report"


@dataclass(frozen=True, kw_only=True)
class TaskOptions(EnvConfig):
    """The environment's options without those that the grid gives."""

    dataset: tyro.conf.Suppress[tyro.conf.Fixed[str]] = EnvConfig.dataset
    ipc: tyro.conf.Suppress[tyro.conf.Fixed[int]] = EnvConfig.ipc
    n_images: tyro.conf.Suppress[tyro.conf.Fixed[int | None]] = EnvConfig.n_images
    action: tyro.conf.Suppress[tyro.conf.Fixed[str]] = EnvConfig.action


@dataclass(kw_only=True)
class Benchmark:
    """Run agents and distillers over data sets, sizes, action families and seeds, and report with intervals.

    The folder holds one benchmark: a further call adds its grid, does only what is missing, goes on with runs that were
    interrupted, and tries those that failed again.

    Examples:

      mps benchmark --agents random greedy dqn --proxy ridge        digits, ipc 10, five seeds of 600 steps
      mps benchmark --agents random greedy ppo herding --datasets digits mnist --ipc 1 10 --out runs/first
      mps benchmark --agents sac random --actions perturb edit --seeds 3 --steps 1000 --workers 4
      mps benchmark grid.yaml --out runs/second
      mps benchmark grid.yaml --engine ray --ray-address auto
      mps benchmark --resume runs/first
      mps benchmark --validate runs/first --audit-seeds 1

    A file (.yaml, .toml) holds what the options do, and settings of each agent besides:

      agents: [random, fixed:noise, herding, {agent: dqn, name: slow dqn, kwargs: {learning_rate: 1e-4}}]
      datasets: [digits, mnist]
      ipc: [1, 10]
      seeds: 5
      steps: 600
      env: {proxy: ridge, accept: descend, observation: features}
      audit: {seeds: 5}
    """

    file: Annotated[tyro.conf.Positional[Path | None], tyro.conf.arg(metavar="[FILE]")] = None
    """A grid; takes --out and how it is run, and no other option."""
    agents: tuple[str, ...] = ()
    """Agents and distillers by name, as `mps distill --help` lists them; fixed:EDIT, saved:FILE."""
    datasets: tuple[str, ...] = BenchmarkConfig.datasets
    """Names or paths."""
    ipc: tuple[int, ...] = BenchmarkConfig.ipc
    """Images per class."""
    actions: tuple[str, ...] = BenchmarkConfig.actions
    """Action families: edit, select, flat, replace, perturb. An agent is left out of those it cannot act in."""
    seeds: int = len(BenchmarkConfig.seeds)
    """How many seeds."""
    seed: int = 0
    """The first of them."""
    steps: int | None = None
    """Environment steps of each agent (default: 600, or what the budget allows)."""
    iterations: int | None = None
    """Iterations of each distiller (default: its own number, or what the budget allows)."""
    budget: str | None = None
    """Time for each distillation, the audit apart: 90s, 20m, 1h30m."""
    episode_steps: int | None = None
    """Steps of an episode (default: 200; with --accept improve or descend the whole run)."""
    rehearsal: int = BenchmarkConfig.rehearsal
    """Steps that dqn first learns under the ridge proxy, which nobody else gets."""
    reference: str | None = None
    """Whose sets score 1 in the report, where random ones score 0 (default: the best distiller, else agent)."""
    env: tyro.conf.OmitArgPrefixes[TaskOptions] = field(default_factory=TaskOptions)
    network: str = "mps_cnn"
    """What the audits train."""
    network_kwargs: Mapping[str, Any] | None = None
    """Its own arguments, as NAME VALUE pairs: size 64, width 0.5."""
    audit_seeds: int | None = None
    """Trainings from scratch in each audit (default: 5)."""
    audit_steps: int = 1000
    """Optimiser steps of each."""
    audit_points: int = AuditConfig.eval_points
    """Measurements of each in audit.csv, evenly spaced; as many as it has epochs for one each."""
    audit_augment: str = "auto"
    """Of the images it trains on: none, slight, light, light_flip; auto is light, mirrored where that is safe."""
    engine: str = "local"
    """Where the runs are done: local, a process per run; ray, a Ray task per run."""
    workers: int | None = None
    """Runs at once (default: 2; on a Ray cluster what it has room for)."""
    ray_address: str | None = None
    """A running Ray cluster: auto, HOST:PORT (default: a local Ray)."""
    max_retries: int = EngineOptions.max_retries
    """How often Ray does a run again whose worker died."""
    out: Path | None = None
    """The benchmark's folder (default: runs/benchmark, or runs/ and the file's name)."""
    resume: Path | None = None
    """A benchmark's folder: do what is missing of it; takes no option but those that say how."""
    validate: Path | None = None
    """A benchmark's folder: replay its runs from their seeds and repeat their audits (fewer with --audit-seeds)."""
    json: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print the results as JSON."""
    quiet: tyro.conf.FlagCreatePairsOff[bool] = False
    """Show no progress."""

    def run(self) -> int:
        """Benchmark, continue, or validate."""
        return self._validate(self.validate) if self.validate is not None else self._benchmark()

    # --- benchmark ---

    def _benchmark(self) -> int:
        from agents.benchmark.display import BenchmarkDisplay, shown
        from agents.benchmark.running import run_benchmark

        with checking_call():
            out, config = self._what()
            options = self._options()
            grid = self._checked(out, config, options)
        if not self.json:
            _print_skipped(grid)
        display = BenchmarkDisplay(BenchmarkFolder(out), options.local_workers)
        with (
            saying_how_to_continue(f"mps benchmark --resume {out}"),
            shown(display, quiet=self.quiet) as on_change,
        ):
            progress = run_benchmark(config, out, engine=self.engine, options=options, on_change=on_change)
        import_object(_REPORT)(out)  # type: ignore[operator]
        failed = progress.having("failed")
        if self.json:
            print_json(_results(out, grid))
        else:
            _print_end(out, len(progress.having("done")), [cell.title for cell in failed])
        return FAILED_RUN if failed else 0

    def _what(self) -> tuple[Path, BenchmarkConfig]:
        """Return where the benchmark lies and what is added to it."""
        if self.resume is not None:
            refuse_other_options(self, free=("resume", *_HOW))
            return self.resume, BenchmarkFolder(self.resume).read_config()
        if self.file is not None:
            from agents.benchmark.reading import read_config

            refuse_other_options(self, free=("file", "out", *_HOW), given=str(self.file))
            return self.out or Path("runs") / self.file.stem, _with_absolute_paths(read_config(self.file))
        return self.out or Path("runs") / "benchmark", self._config()

    def _config(self) -> BenchmarkConfig:
        if not self.agents:
            raise WrongCallError(
                "benchmark needs agents, got none. Write mps benchmark --agents random greedy dqn, or give a file."
            )
        audit: dict[str, Any] = {
            "network": self.network,
            "network_kwargs": dict(self.network_kwargs or {}),
            "steps": self.audit_steps,
            "eval_points": self.audit_points,
            "augment": self.audit_augment,
        }
        if self.audit_seeds is not None:
            audit["seeds"] = self.audit_seeds
        if self.seeds < 1 or self.seed < 0:
            raise ValueError(f"seeds must be >= 1 and seed >= 0, got {self.seeds} and {self.seed}. Use --seeds 5.")
        return _with_absolute_paths(
            BenchmarkConfig(
                agents=tuple(Entry.parse(name) for name in self.agents),
                datasets=self.datasets,
                ipc=self.ipc,
                actions=self.actions,
                seeds=tuple(range(self.seed, self.seed + self.seeds)),
                steps=self.steps,
                iterations=self.iterations,
                budget_s=None if self.budget is None else parse_duration(self.budget),
                episode_steps=self.episode_steps,
                rehearsal=self.rehearsal,
                reference=self.reference,
                env=EnvConfig(**{one.name: getattr(self.env, one.name) for one in fields(EnvConfig)}),
                audit=AuditConfig(**audit),
            )
        )

    def _options(self) -> EngineOptions:
        if self.ray_address is not None and self.engine != "ray":
            raise ValueError(f"--ray-address goes with --engine ray, got --engine {self.engine}. Leave one out.")
        return EngineOptions(workers=self.workers, ray_address=self.ray_address, max_retries=self.max_retries)

    def _checked(self, out: Path, config: BenchmarkConfig, options: EngineOptions) -> Grid:
        """Check all that can be wrong with what is missing, before anything is written."""
        from agents.benchmark.checks import check_cells
        from agents.benchmark.engines import ENGINES
        from agents.benchmark.running import missing_cells

        ENGINES.get(self.engine)(options)
        folder = BenchmarkFolder(out)
        grid = grid_of(folder.joined(config))
        if missing := missing_cells(folder, grid.cells):
            check_cells(missing, prepare=import_tensorflow_quietly)
        return grid

    # --- validate ---

    def _validate(self, results: Path) -> int:
        from agents.benchmark.validation import done_cells, read_results, validate_benchmark
        from agents.runs.display import progress

        with checking_call():
            refuse_other_options(
                self, free=("validate", "audit_seeds", "workers", "json", "quiet"), given=f"--validate {results}"
            )
            if self.audit_seeds is not None and self.audit_seeds < 1:
                raise ValueError(
                    f"audit_seeds must be >= 1, got {self.audit_seeds}. Use --audit-seeds 1 for the least."
                )
            options = self._options()
            folder = BenchmarkFolder(results.parent if results.name == "results.csv" else results)
            read_results(folder)
            cells = done_cells(folder)
        with progress("validation", len(cells), "run", quiet=self.quiet) as shown:
            verdicts = validate_benchmark(
                folder,
                audit_seeds=self.audit_seeds,
                options=options,
                on_verdict=lambda verdict: shown.advance("" if verdict.is_ok else f"{verdict.title} differs"),
            )
        if self.json:
            print_json([verdict.to_json() for verdict in verdicts])
        else:
            _print_verdicts(folder.path, verdicts)
        return 0 if all(verdict.is_ok for verdict in verdicts) else FAILED_RUN


def _with_absolute_paths(config: BenchmarkConfig) -> BenchmarkConfig:
    """Return the config with its paths spelled out, so that the benchmark can be continued from any folder."""
    datasets = tuple(with_absolute_paths(EnvConfig(dataset=name)).dataset for name in config.datasets)
    agents = tuple(
        entry if entry.agent is None else replace(entry, agent=with_absolute_file(entry.agent))
        for entry in config.agents
    )
    return replace(config, agents=agents, datasets=datasets, env=with_absolute_paths(config.env))


def _print_skipped(grid: Grid) -> None:
    for agent, action in grid.skipped:
        print(f"{agent} cannot act in {action}: left out there.")


def _print_end(out: Path, done: int, failed: Sequence[str]) -> None:
    print(f"{done} {_runs(done)} done, {len(failed)} failed.")
    for title in failed:
        print(f"failed: {title}; why is in {out / 'runs'}, and the same command tries it again.")
    folder = BenchmarkFolder(out)
    print(f"The leaderboard is in {folder.report}; a row per run in {folder.results}, curves in {folder.curves}.")


def _runs(count: int) -> str:
    return "run" if count == 1 else "runs"


def _results(out: Path, grid: Grid) -> dict[str, Any]:
    from agents.benchmark.tables import result_row

    folder = BenchmarkFolder(out)
    rows = [row for cell in grid.cells if (row := result_row(folder, cell)) is not None]
    skipped = [{"agent": agent, "action": action} for agent, action in grid.skipped]
    return {"out": str(out), "report": str(folder.report), "results": rows, "skipped": skipped}


def _print_verdicts(path: Path, verdicts: Sequence[Verdict]) -> None:
    rows = [{key: str(value) for key, value in verdict.row.items()} for verdict in verdicts]
    print_table(f"{len(rows)} {_runs(len(rows))} of {path}, replayed and audited again", rows)
    for verdict in verdicts:
        if not verdict.is_ok and verdict.other_versions:
            print(f"{verdict.title}: made with {verdict.other_versions}; other versions may give other bits.")
