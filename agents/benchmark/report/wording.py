"""What the report says in sentences: its title, its findings, its warnings, how it was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.benchmark.report.filling import with_ends
from agents.benchmark.report.reference import Reference, Scale
from agents.benchmark.report.results import Results, Task
from agents.benchmark.report.standings import Improvement, Standing
from agents.benchmark.statistics import CONFIDENCE, ENOUGH_RUNS, RESAMPLES
from agents.formats import count, duration, percent
from agents.typed import changed
from mps_env.config import EnvConfig
from mps_env.evaluation.config import AuditConfig

_CURVES_OF_BOTH = (
    "an agent's sets are scored by the run's proxy, a distiller's by a renewed one: another bank of ridge; of a trained"
    " proxy one that trains four times as long, with augmentation, so that lines of agents and of distillers can be"
    " compared among their own kind alone"
)


def title(results: Results) -> str:
    """Return the heading: what was distilled, to how many images."""
    datasets = list(dict.fromkeys(task.name for task in results.tasks))
    sizes = sorted({task.ipc for task in results.tasks})
    return (
        f"Distilling {_listed(datasets) or 'nothing yet'} to {_listed(sizes)} {_plural(sizes[-1:], 'image')} per class"
    )


def findings(board: Sequence[Standing], tasks: Sequence[Task], matrix: Sequence[Sequence[Improvement]]) -> list[str]:
    """Return who is best and by how much, in one or two sentences."""
    ranked = [row for row in board if row.done and not row.is_baseline and not row.missing_tasks]
    if not ranked:
        return ["Nobody finished a run of every task, so that there is no overall leader."]
    first = ranked[0]
    over_tasks = f"over {len(tasks)} tasks" if len(tasks) > 1 else f"on {tasks[0].label}"
    sentences = [f"{first.entrant} leads {over_tasks} with {_figures(first)}{_above_random(first, board)}."]
    agents = [row for row in ranked if row.kind == "agent"]
    if first.kind != "agent" and agents:
        sentences[0] += f" The best agent, {agents[0].entrant}, has {_figures(agents[0])}."
    if len(ranked) > 1:
        duel = next(
            cell for row in matrix for cell in row if (cell.of, cell.over) == (first.entrant, ranked[1].entrant)
        )
        sentences.append(
            f"A run of {first.entrant} beats one of {ranked[1].entrant}, the next, with a probability of"
            f" {with_ends(duel.estimate, 'whole_percent')}."
        )
    return sentences


def scale_text(reference: Reference, scales: Mapping[Task, Scale], tasks: Sequence[Task]) -> str:
    """Return what a normalised score means here."""
    if reference.entrant is None or not scales:
        return "There is no reference that beats the random sets, so that scores are not normalised."
    text = (
        f"A normalised score of 0 is the test accuracy of random real images, 1 that of {reference.entrant}"
        f" ({reference.reason}), task by task."
    )
    if without := [task.label for task in tasks if task not in scales]:
        text += f" It is left out on {_listed(without)}, where the reference did not beat the random sets."
    return text


def best_text(board: Sequence[Standing], matrix: Sequence[Sequence[Improvement]]) -> str:
    """Return how the best one fares against each other."""
    ranked = [row for row in board if row.done and not row.is_baseline]
    if len(ranked) < 2:
        return ""
    against = [cell for row in matrix for cell in row if cell.of == ranked[0].entrant and cell.estimate.has_interval]
    clear = [cell.over for cell in against if cell.over != cell.of and cell.estimate.low > 0.5]
    unclear = [cell.over for cell in against if cell.over != cell.of and cell.estimate.low <= 0.5]
    parts = []
    if clear:
        parts.append(f"{ranked[0].entrant} beats {_listed(clear)} with an interval wholly above 50 %")
    if unclear:
        begin = "not so" if clear else f"for {ranked[0].entrant} the interval reaches 50 % or less against"
        parts.append(f"{begin} {_listed(unclear)}")
    return f"{'; '.join(parts)}." if parts else ""


def facts(results: Results) -> list[tuple[str, str, str]]:
    """Return the figures at the top: name, value, and a word on it."""
    seeds = {run.seed for run in results.runs}
    seconds = [run.figures.seconds for run in results.finished if run.figures]
    audits = [run.figures.audit_seconds for run in results.finished if run.figures]
    failed = f"{len(results.failed)} failed" if results.failed else "none failed"
    return [
        ("agents and distillers", str(len(results.entrants)), ""),
        ("tasks", str(len(results.tasks)), "data set × ipc"),
        ("seeds", str(len(seeds)), "at the most"),
        ("runs", str(len(results.finished)), f"finished, {failed}"),
        ("distilling", duration(sum(seconds)), f"and {duration(sum(audits))} of audits"),
    ]


def warnings(results: Results, board: Sequence[Standing]) -> list[str]:
    """Return what a reader must know before the figures."""
    found = []
    if results.failed:
        names = _listed(list(dict.fromkeys(run.entrant for run in results.failed)))
        count_of = f"{len(results.failed)} of {len(results.runs)} {_plural(results.runs, 'run')}"
        found.append(f"{count_of} failed ({names}); they are listed below the leaderboard, and no figure counts them.")
    weak = [row.entrant for row in board if row.done and row.accuracy.is_weak and not row.is_baseline]
    if weak:
        found.append(
            f"Fewer than {ENOUGH_RUNS} seeds of some task: {_listed(weak)}. Their intervals may well be too narrow."
        )
    return found


def method(results: Results, reference: Reference, versions: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return how it was measured, as terms and what they stand for."""
    terms = [
        ("task", _task(results.config)),
        ("audit", _audits(results)),
        ("random set", "a balanced random real set of the run's size and seed, audited in the same way"),
        ("learning curves", _CURVES_OF_BOTH if _has_curves_of_both(results) else ""),
        ("reference", f"{reference.entrant}: {reference.reason}" if reference.entrant else "none"),
        (
            "intervals",
            f"{100 * CONFIDENCE:.0f} % percentile intervals of {count(RESAMPLES)} stratified-bootstrap resamples: runs"
            " are drawn again within each task",
        ),
        ("budget", "; ".join(filter(None, [_budget(results.config), *_beyond_the_budget(results)]))),
        ("versions", ", ".join(f"{name} {version}" for name, version in versions.items())),
    ]
    return [(name, text) for name, text in terms if text]


def _task(config: Mapping[str, Any]) -> str:
    """Return what of the environment was not as it is by default, its proxy and observation in any case."""
    env = config.get("env")
    if not env:
        return ""
    given = {name: env[name] for name in ("proxy", "observation", "reward", "accept") if name in env}
    given |= changed(EnvConfig(), {name: value for name, value in env.items() if name != "data_dir"})
    parts = [f"{name} {_plain(value)}" for name, value in given.items()]
    if config.get("episode_steps"):
        parts.append(f"episodes of {count(config['episode_steps'])} steps")
    if env.get("edits") is None:
        parts.append("all edits but stop")
    return ", ".join(parts)


def _audits(results: Results) -> str:
    audits = dict.fromkeys((run.figures.network, run.figures.audit_seeds) for run in results.finished if run.figures)
    parts = [f"{network}, {seeds} {_plural([seeds], 'training')} a set" for network, seeds in audits]
    others = changed(AuditConfig(), results.config.get("audit") or {})
    special = [f"{name} {_plain(value)}" for name, value in others.items() if name not in ("network", "seeds")]
    return "; ".join(parts) + (f"; {', '.join(special)}" if special else ", by the standard recipe")


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _beyond_the_budget(results: Results) -> list[str]:
    """Return what some had besides: rehearsals, and what was learned elsewhere."""
    parts = ["the second look at the best sets, the same for everyone, is not among the proxy trainings"]
    rehearsed = {run.entrant: run.figures.rehearsal_steps for run in results.finished if run.figures}
    parts += [
        f"{entrant} rehearses {count(steps)} steps under the ridge proxy beforehand, which are not among its own"
        for entrant, steps in rehearsed.items()
        if steps
    ]
    for entry in results.config.get("agents", []):
        if isinstance(entry, Mapping) and str(entry.get("agent")).startswith("saved:"):
            parts.append(f"{entry['name']} acts as it has learned elsewhere, which is not counted")
    return parts


def _has_curves_of_both(results: Results) -> bool:
    drawn = {results.acts(run.entrant) for run in results.finished if run.name in results.curves}
    return len(drawn) > 1


def _budget(config: Mapping[str, Any]) -> str:
    parts = [f"{count(config[name])} {name}" for name in ("steps", "iterations") if config.get(name)]
    if config.get("budget_s"):
        parts.append(duration(float(config["budget_s"])))
    return " or ".join(parts) + " a run" if parts else ""


def _figures(row: Standing) -> str:
    """Return a row's figures in words."""
    accuracy = f"{percent(row.accuracy.value)} test accuracy"
    if not row.score.has_interval:
        return accuracy
    return f"{accuracy} and a normalised score of {with_ends(row.score, 'score')}"


def _above_random(row: Standing, board: Sequence[Standing]) -> str:
    random = next((other.accuracy.value for other in board if other.is_baseline), None)
    if random is None:
        return ""
    points = 100 * (row.accuracy.value - random)
    return f", {abs(points):.1f} points {'above' if points >= 0 else 'below'} random real images"


def _listed(things: Sequence[Any]) -> str:
    """Join as people do: a, b and c."""
    words = [str(thing) for thing in things]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _plural(things: Sequence[Any], word: str) -> str:
    number = things[0] if len(things) == 1 and isinstance(things[0], int) else len(things)
    return word if number == 1 else f"{word}s"
