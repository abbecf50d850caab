"""How far a proxy can be trusted: its rank correlation with the audit over sets of varied quality.

A proxy whose optimum is exploited would pass on random sets alone, so the sets include some that a search on that
very proxy improved, for different lengths; and the audited accuracy along that search is shown by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.speed.steps import make
from mps_env.evaluation import AuditConfig, audit
from mps_env.synthetic_set import SyntheticSet, one_hot
from mps_env.task import Task

_NOISE_LEVELS = (0.15, 0.3, 0.45, 0.6, 0.75)
_WRONG_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)
_RANDOM_DRAWS = 6
_SEARCH_POINTS = 5  # sets along each of two searches


@dataclass(frozen=True, eq=False)
class RatedSet:
    """A set with what the proxy and the audit say of it.

    Args:
        kind: Where it comes from.
        accuracy: The proxy's validation accuracy.
        loss: The proxy's validation loss.
        audited: Mean test accuracy of the audit.
    """

    kind: str
    accuracy: float
    loss: float
    audited: float


def measure_fidelity(
    proxies: Sequence[str],
    *,
    dataset: str,
    data_dir: str | None,
    n_images: int = 100,
    search_steps: int = 300,
    audit_config: AuditConfig,
    on_audit: Callable[[str], None] = lambda kind: None,
) -> dict[str, dict[str, Any]]:
    """Rate 30 sets with each proxy and the audit: 20 that all proxies share, 10 that a search on the proxy found.

    Args:
        proxies: Registered proxies, taken with their default arguments.
        dataset: The data set.
        data_dir: Where it lies.
        n_images: Images in each set.
        search_steps: Environment steps of each of two searches a proxy.
        audit_config: How to audit.
        on_audit: Told the kind of each set as it is audited.

    Returns:
        For each proxy the number of sets, the Spearman correlation of the audit with its validation loss (negated) and
        with its validation accuracy, which moves in steps of one image, the rows, and how the search fared.
    """

    def audited(kind: str, made: SyntheticSet) -> float:
        result = audit(made, dataset, data_dir=data_dir, config=audit_config, seed=0)
        on_audit(kind)
        return result.mean

    found: dict[str, dict[str, Any]] = {}
    shared: list[tuple[str, SyntheticSet, float]] = []
    for proxy in proxies:
        env = make(
            dataset,
            data_dir,
            proxy=proxy,
            n_images=n_images,
            accept="descend",
            edits=["random_real", "fittest", "prototype", "mix"],
        )
        task: Task = env.unwrapped.task  # type: ignore[attr-defined]
        shared = shared or [(kind, made, audited(kind, made)) for kind, made in _made_sets(task)]
        searched = [(kind, made, audited(kind, made)) for kind, made in _searched_sets(env, search_steps)]
        trial = task.proxy.begin(0)
        rated = []
        for kind, made, accuracy in shared + searched:
            score = task.proxy.score(trial, made)
            rated.append(RatedSet(kind, score.accuracy, score.loss, accuracy))
        found[proxy] = _summary(rated)
    return found


def _summary(rated: list[RatedSet]) -> dict[str, Any]:
    from scipy.stats import spearmanr

    audited = [one.audited for one in rated]
    return {
        "sets": len(rated),
        "spearman_loss": float(spearmanr([-one.loss for one in rated], audited).statistic),
        "spearman_accuracy": float(spearmanr([one.accuracy for one in rated], audited).statistic),
        "rows": [vars(one) for one in rated],
        "search": _along_the_search(rated),
    }


def _made_sets(task: Task) -> Iterator[tuple[str, SyntheticSet]]:
    """Yield 20 sets that no search has seen."""

    def drawn(name: str, seed: int) -> SyntheticSet:
        return task.draw(name, np.random.default_rng(seed))

    for seed in range(_RANDOM_DRAWS):
        yield "random", drawn("random", seed)
    yield "herding", drawn("herding", 0)
    yield "kcenter", drawn("kcenter", 0)
    for seed in range(2):
        yield "k-means", drawn("prototypes", seed)
    rng = np.random.default_rng(0)
    for seed, level in enumerate(_NOISE_LEVELS, start=100):
        clean = drawn("random", seed)
        noisy = np.clip(clean.images + rng.normal(scale=level, size=clean.images.shape), 0, 1)
        yield f"noise {level:g}", SyntheticSet(noisy.astype(np.float32), clean.labels)
    for seed, share in enumerate(_WRONG_SHARES, start=200):
        clean = drawn("random", seed)
        classes = clean.classes.copy()
        wrong = rng.choice(len(classes), round(share * len(classes)), replace=False)
        classes[wrong] = (classes[wrong] + rng.integers(1, clean.num_classes, len(wrong))) % clean.num_classes
        yield f"{share:.0%} wrong labels", SyntheticSet(clean.images, one_hot(classes, clean.num_classes))


def _searched_sets(env: Any, steps: int) -> Iterator[tuple[str, SyntheticSet]]:
    """Yield five sets along each of two hill climbs on the proxy, at a quarter of the steps each."""
    for seed in range(2):
        env.reset(seed=seed)
        env.action_space.seed(seed)
        marks = {round(steps * point / (_SEARCH_POINTS - 1)) for point in range(_SEARCH_POINTS)}
        for step in range(steps + 1):
            if step in marks:
                yield f"search {seed}, step {step}", env.unwrapped.synthetic_set
            if step < steps:
                env.step(env.action_space.sample())


def _along_the_search(rated: list[RatedSet]) -> dict[str, Any]:
    """Return audited accuracy at the start and the end of the searches: a climbed proxy's rises."""
    searched = [one for one in rated if one.kind.startswith("search")]
    starts, ends = searched[::_SEARCH_POINTS], searched[_SEARCH_POINTS - 1 :: _SEARCH_POINTS]
    first, last = (float(np.mean([one.audited for one in group])) for group in (starts, ends))
    return {"audited_at_start": first, "audited_at_end": last, "is_climbed": last > first}
