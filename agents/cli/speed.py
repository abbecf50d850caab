"""`mps speed`: what a step costs, what it leaves in memory, and how far a proxy can be trusted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tyro

from agents.cli.reporting import checking_call
from agents.cli.tables import percent, print_json, print_table
from mps_env.atomic import atomic_write_text

Part = Literal["cnn", "ridge", "growth", "overhead", "memory", "import", "vector", "ppo", "matching", "fidelity"]
PARTS: tuple[Part, ...] = (
    "import", "memory", "overhead", "cnn", "ridge", "growth", "vector", "ppo", "matching", "fidelity",
)  # fmt: skip
_BARS = {"digits": 1_000, "mnist": 200}


@dataclass(kw_only=True)
class Speed:
    """Time each proxy against the plain Keras loop on the same work, in one run, and print ratios.

    Let nothing else run meanwhile. Fidelity audits 30 sets for each proxy, which
    takes minutes on digits and the better part of an hour on MNIST.

    Examples:

      mps speed --parts cnn ridge

      mps speed --data-dir DATA --out speed.json

      mps speed --parts fidelity --dataset mnist --data-dir DATA
    """

    parts: tuple[Part, ...] = PARTS
    """What to measure."""
    dataset: str = "digits"
    """For ridge, growth and fidelity; the other parts fix theirs."""
    data_dir: str | None = None
    """Where the data files are."""
    proxies: tuple[str, ...] = ("cnn", "ridge")
    """Whose fidelity and memory."""
    audit_seeds: int = 3
    """Trainings from scratch a set, for fidelity."""
    search_steps: int = 300
    """Steps of the searches whose sets fidelity rates."""
    quick: tyro.conf.FlagCreatePairsOff[bool] = False
    """Fewer repeats and smaller sizes: a try, not a measurement."""
    seed: int = 0
    """Taken so that every command takes it; the measured work is fixed."""
    out: Path = Path("speed.json")
    """Where the figures go; an older file is replaced."""
    json: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print JSON."""

    def run(self) -> int:
        """Measure, print and write."""
        with checking_call():
            self._check()
        figures: dict[str, Any] = {}
        for part in self.parts:
            figures[part] = self._measures()[part]()
            if not self.json:
                _PRINTERS[part](figures[part])
            atomic_write_text(self.out, json.dumps(figures, indent=2) + "\n")
        if self.json:
            print_json(figures)
        else:
            print(f"Written to {self.out}.")
        return 0

    def _check(self) -> None:
        from mps_env.data import load_dataset
        from mps_env.proxies import make_proxy

        dataset = load_dataset(self.dataset, data_dir=self.data_dir)
        for proxy in self.proxies:
            make_proxy(proxy, dataset)
        if not self.parts:
            raise ValueError(f"parts must name at least one of {', '.join(PARTS)}, got none. Leave it out for all.")
        if self.audit_seeds < 1 or self.search_steps < 4:
            raise ValueError("audit_seeds must be >= 1 and search_steps >= 4. Leave them out for the defaults.")
        if self.out.is_dir():
            raise IsADirectoryError(f"{self.out} is a folder. Give --out a file, e.g. {self.out}/speed.json.")
        if not self.out.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {self.out.parent}. Make it, or choose another --out.")

    def _measures(self) -> dict[Part, Callable[[], Any]]:
        from agents.speed import footprint, steps

        return {
            "import": lambda: footprint.measure_import(),
            "memory": lambda: {
                proxy: footprint.measure_memory(proxy, steps=100 if self.quick else 1_000) for proxy in self.proxies
            },
            "overhead": lambda: steps.measure_overhead(steps=50 if self.quick else 500),
            "cnn": self._cnn,
            "ridge": self._ridge,
            "growth": self._growth,
            "vector": self._vector,
            "ppo": self._ppo,
            "matching": self._matching,
            "fidelity": self._fidelity,
        }

    def _cnn(self) -> dict[str, Any]:
        from agents.speed.cnn import measure_cnn

        return measure_cnn(rounds=1 if self.quick else 5)

    def _ridge(self) -> dict[str, Any]:
        from agents.speed.steps import measure_ridge_edits

        val_size = None if self.dataset == "digits" or self.quick else 2_000
        rates = measure_ridge_edits(self.dataset, self.data_dir, val_size=val_size, steps=20 if self.quick else 300)
        return {"dataset": self.dataset, "val_size": val_size, "steps_per_second": rates}

    def _growth(self) -> dict[str, Any]:
        from agents.speed.steps import growth_exponent, measure_ridge_growth

        sizes: tuple[int, ...]
        val_sizes: tuple[int, ...]
        if self.dataset == "digits":  # it has too few images for the large sizes
            sizes, val_sizes = (10, 30, 100), (50, 100, 287)
        else:
            sizes, val_sizes = (10, 30, 100, 300, 1_000), (500, 2_000, 10_000)
        if self.quick:
            sizes, val_sizes = sizes[:2], val_sizes[:1]
        rows = measure_ridge_growth(
            self.dataset, self.data_dir, sizes=sizes, val_sizes=val_sizes, steps=10 if self.quick else 50
        )
        widest = [row for row in rows if row["val_size"] == val_sizes[-1]][-2:]
        exponent = growth_exponent(*([row[key] for row in widest] for key in ("n_images", "random_real_ms")))
        return {"dataset": self.dataset, "rows": rows, "exponent_in_n_at_the_largest": exponent}

    def _matching(self) -> dict[str, Any]:
        from agents.speed.matching import measure_matching

        return measure_matching(width=16, rounds=1) if self.quick else measure_matching()

    def _vector(self) -> list[dict[str, Any]]:
        from agents.speed.vector import measure_vector

        num_envs, rounds = (2, 1) if self.quick else (8, 5)
        return [
            measure_vector("sync", "ridge", num_envs=num_envs, steps=10 if self.quick else 200, rounds=rounds),
            measure_vector("async", "cnn", num_envs=num_envs, steps=2 if self.quick else 10, rounds=rounds),
        ]

    def _ppo(self) -> dict[str, float]:
        from agents.speed.ppo import measure_ppo

        return measure_ppo(2_048 if self.quick else 10_000)

    def _fidelity(self) -> dict[str, Any]:
        from agents.runs.display import progress
        from agents.speed.fidelity import measure_fidelity
        from mps_env.evaluation import AuditConfig

        config = AuditConfig(seeds=self.audit_seeds, eval_points=1)
        if self.quick:
            config = AuditConfig(seeds=1, steps=50, eval_points=1)
        with progress("fidelity", 20 + 10 * len(self.proxies), "set") as shown:
            results = measure_fidelity(
                self.proxies,
                dataset=self.dataset,
                data_dir=self.data_dir,
                search_steps=8 if self.quick else self.search_steps,
                audit_config=config,
                on_audit=shown.advance,
            )
        return {"dataset": self.dataset, "audit_seeds": config.seeds, **results}


def _print_cnn(figures: dict[str, Any]) -> None:
    title = "cnn proxy: MPS CNN, 100 images 28x28, 5 epochs of batch 32, 1,000 validation images"
    rows = [
        {
            "": "share of a large matrix product's FLOP rate",
            "measured": percent(figures["share_of_matrix_product"]),
            "bar": "50 % (aim 60 %)",
        },
        {
            "": "times faster than the plain Keras loop",
            "measured": f"{figures['times_faster_than_keras']:.1f}",
            "bar": "8",
        },
        {"": "one score", "measured": f"{1e3 * figures['seconds_per_score']:.0f} ms", "bar": "-"},
    ]
    print_table(title, rows)


def _print_ridge(figures: dict[str, Any]) -> None:
    bar = _BARS.get(figures["dataset"])
    rows = [
        {"edit": name, "steps per second": f"{rate:.0f}", "bar": _ridge_bar(figures["dataset"], name, bar)}
        for name, rate in figures["steps_per_second"].items()
    ]
    print_table(f"ridge proxy on {figures['dataset']}, 100 images, features observation", rows)


def _ridge_bar(dataset: str, edit: str, bar: int | None) -> str:
    if bar is None or edit == "gradient":
        return "-"
    is_from_pool = edit in ("random_real", "hardest", "nearest", "farthest", "fittest", "replace (action)")
    return "500" if dataset == "mnist" and is_from_pool else str(bar)


def _print_growth(figures: dict[str, Any]) -> None:
    rows = [
        {
            "images": f"{row['n_images']:.0f}",
            "validation": f"{row['val_size']:.0f}",
            "pool image": f"{row['random_real_ms']:.2f} ms",
            "perturbed image": f"{row['noise_ms']:.2f} ms",
        }
        for row in figures["rows"]
    ]
    exponent = figures["exponent_in_n_at_the_largest"]
    print_table(f"ridge proxy on {figures['dataset']}: one step; at the largest it grows as N^{exponent:.1f}", rows)


def _print_matching(figures: dict[str, Any]) -> None:
    rows = [
        {"": "share of a large matrix product's FLOP rate", "measured": percent(figures["share_of_matrix_product"])},
        {"": "times the authors' PyTorch program's seconds", "measured": f"{figures['times_the_authors_seconds']:.2f}"},
        {"": "one step", "measured": f"{figures['seconds_per_step']:.1f} s, {figures['gflop_per_step']:.0f} GFLOP"},
    ]
    print_table("gradient matching: ConvNet-3, 28x28, ten classes of 256 real images and one synthetic", rows)


def _print_overhead(figures: dict[str, Any]) -> None:
    measured = f"{figures['overhead_ms']:.2f} ms of {figures['step_ms']:.2f} ms"
    rows = [{"": "a step outside the proxy", "measured": measured, "bar": "1 ms"}]
    print_table("environment, 100 images, features", rows)


def _print_vector(figures: list[dict[str, Any]]) -> None:
    rivals = {"sync": "SyncVectorEnv", "async": "AsyncVectorEnv (spawn)"}
    bars = {"sync": "4 times as fast", "async": "as fast, in less memory"}
    rows = [
        {
            "proxy": row["proxy"],
            "against": rivals[row["rival"]],
            "times as fast": f"{row['times_as_fast']:.2f}",
            "steps per second": f"{row['native_steps_per_second']:.0f} / {row['rival_steps_per_second']:.0f}",
            "memory of all processes": f"{_megabytes(row['native_mb'])} / {_megabytes(row['rival_mb'])}",
            "bar": bars[row["rival"]],
        }
        for row in figures
    ]
    print_table(f"native vector environment, {figures[0]['num_envs']} environments on digits, features", rows)


def _megabytes(value: float | None) -> str:
    return "needs psutil" if value is None else f"{value:.0f} MB"


def _print_ppo(figures: dict[str, float]) -> None:
    bar = "60 s" if figures["steps"] >= 10_000 else "-"
    rows = [
        {"": "the whole run, imports included", "measured": f"{figures['seconds']:.1f} s", "bar": bar},
        {"": "of the learning in Stable-Baselines3", "measured": percent(figures["share_in_sb3"]), "bar": "50 %"},
    ]
    title = f"PPO, {figures['steps']} steps on digits, ridge proxy, {figures['num_envs']} environments"
    print_table(title, rows)


def _print_memory(figures: dict[str, Any]) -> None:
    rows = [
        {"proxy": proxy, "growth": f"{row['growth_mb']:.2f} MB over {row['steps']} steps", "bar": "1 MB"}
        for proxy, row in figures.items()
    ]
    print_table("memory after warm-up, digits", rows)


def _print_import(figures: dict[str, Any]) -> None:
    heavy = ", ".join(figures["heavy_modules"]) or "none"
    rows = [
        {"": "import mps_env", "measured": f"{figures['seconds']:.2f} s, heavy modules: {heavy}", "bar": "0.5 s, none"}
    ]
    print_table("import", rows)


def _print_fidelity(figures: dict[str, Any]) -> None:
    rows = [
        {
            "proxy": proxy,
            "Spearman, by loss": f"{found['spearman_loss']:.3f}",
            "bar": "0.9",
            "by accuracy": f"{found['spearman_accuracy']:.3f}",
            "audited at search start": percent(found["search"]["audited_at_start"]),
            "and at its end": percent(found["search"]["audited_at_end"]),
        }
        for proxy, found in figures.items()
        if isinstance(found, dict)
    ]
    print_table(f"fidelity over 30 sets of {figures['dataset']}, {figures['audit_seeds']} audit seeds", rows)


_PRINTERS: dict[Part, Callable[[Any], None]] = {
    "import": _print_import,
    "memory": _print_memory,
    "overhead": _print_overhead,
    "cnn": _print_cnn,
    "ridge": _print_ridge,
    "growth": _print_growth,
    "vector": _print_vector,
    "ppo": _print_ppo,
    "matching": _print_matching,
    "fidelity": _print_fidelity,
}
