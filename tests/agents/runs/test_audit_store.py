"""Trainings that several runs share."""

import threading

import numpy as np
import pytest

import agents.runs.audits as module
from agents.runs.audit_store import AuditStore
from agents.runs.audits import audit_sets
from mps_env.evaluation import AuditConfig, AuditResult, SeedResult
from mps_env.synthetic_set import SyntheticSet, one_hot

CONFIG = AuditConfig(seeds=2, steps=3, eval_points=1)


def a_set(value: float) -> SyntheticSet:
    return SyntheticSet(np.full((2, 4, 4, 1), value, np.float32), one_hot([0, 1], 2))


@pytest.fixture
def trained(monkeypatch) -> list[tuple[bytes, int]]:
    """Replace the training by a note of what was trained."""
    done: list[tuple[bytes, int]] = []

    def audit(synthetic_set, dataset, *, data_dir, config, seed, finished, on_seed):
        results = {result.seed: result for result in finished}
        for number in range(config.seeds):
            if number not in results:
                done.append((synthetic_set.fingerprint, number))
                results[number] = SeedResult(seed=number, accuracy=0.5, seconds=1.0, rows=())
                on_seed(results[number])
        return AuditResult(seeds=tuple(results[number] for number in range(config.seeds)), recipe={})

    monkeypatch.setattr(module, "audit", audit)
    return done


def audited(folder, number, *, config=CONFIG, **changes):
    sets = {"result": a_set(number / 10), "random": a_set(1.0)}
    arguments = {"dataset": "digits", "data_dir": None, "config": config, "seed": 0, "store": AuditStore(folder)}
    return audit_sets(sets, checkpoint=folder / f"{number}.jsonl", **{**arguments, **changes})


def test_what_one_run_trained_another_does_not(tmp_path, trained):
    first, second = audited(tmp_path, 1), audited(tmp_path, 2)
    assert len(trained) == 6
    assert first["random"] == second["random"]


def test_more_seeds_train_only_the_further_ones(tmp_path, trained):
    audited(tmp_path, 1)
    trained.clear()
    audited(tmp_path, 1, config=AuditConfig(seeds=3, steps=3, eval_points=1))
    assert [number for _, number in trained] == [2, 2]


@pytest.mark.parametrize(
    "changes", [{"seed": 1}, {"dataset": "mnist"}, {"config": AuditConfig(seeds=2, steps=4, eval_points=1)}]
)
def test_another_seed_data_set_or_recipe_is_another_training(tmp_path, trained, changes):
    audited(tmp_path, 1)
    trained.clear()
    (tmp_path / "1.jsonl").unlink()
    audited(tmp_path, 1, **changes)
    assert len(trained) == 4


def test_a_damaged_file_is_trained_again(tmp_path, trained):
    audited(tmp_path, 1)
    for path in tmp_path.glob("*/0.json"):
        path.write_text("{")
    (tmp_path / "1.jsonl").unlink()
    trained.clear()
    audited(tmp_path, 1)
    assert [number for _, number in trained] == [0, 0]


def test_who_comes_second_waits_and_reads(tmp_path):
    store, order = AuditStore(tmp_path), []
    arguments = (b"set", "digits", None, CONFIG, 0)

    def second() -> None:
        with store.opened(*arguments) as kept:
            order.append([result.accuracy for result in kept.read()])

    with store.opened(*arguments) as kept:
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.2)
        assert order == []
        kept.keep(SeedResult(seed=0, accuracy=0.25, seconds=1.0, rows=()))
    waiting.join(5)
    assert order == [[0.25]]
