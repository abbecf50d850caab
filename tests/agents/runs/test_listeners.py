import csv

import numpy as np

from agents.runs.listeners import Candidates, MetricsTable
from agents.runs.record import Record
from mps_env.acceptance import by_accuracy
from mps_env.proxies.base import Score
from mps_env.synthetic_set import SyntheticSet


def a_record(accuracy, loss=0.5, step=0):
    state = SyntheticSet(np.full((2, 2, 2, 1), (accuracy + loss) % 1, np.float32), np.eye(2, dtype=np.float32))
    score = Score(accuracy, loss, np.zeros(2, np.float32), model="heavy")
    return Record(step, {"reward": 0.25, "slot": 1}, step + 1, 0.125, state, score)


def by_rank(score):
    return by_accuracy(score.accuracy, score.loss)


def test_candidates_are_the_highest_scores_first():
    candidates = Candidates(2, by_rank)
    for accuracy in (0.25, 0.75, 0.5):
        candidates.on_record(a_record(accuracy))
    assert [kept.images.max() for kept in candidates.sets] == [np.float32(0.25), np.float32(0.0)]


def test_equal_accuracies_are_ordered_by_loss():
    candidates = Candidates(2, by_rank)
    candidates.on_record(a_record(0.5, loss=0.25))
    candidates.on_record(a_record(0.5, loss=0.125))
    assert candidates.sets[0].images.max() == np.float32(0.625)


def test_the_same_content_is_one_candidate():
    candidates = Candidates(3, by_rank)
    for _ in range(2):
        candidates.on_record(a_record(0.5))
    assert len(candidates.sets) == 1


def test_the_table_has_one_row_a_step_and_the_best_so_far(tmp_path):
    table = MetricsTable(tmp_path / "metrics.csv")
    for step, accuracy in enumerate((0.5, 0.25)):
        table.on_record(a_record(accuracy, step=step))
    table.close()
    rows = list(csv.DictReader((tmp_path / "metrics.csv").read_text().splitlines()))
    assert ",".join(rows[0]) == "step,reward,slot,val_accuracy,val_loss,best_val_accuracy,proxy_trainings,seconds"
    assert [row["val_accuracy"] for row in rows] == ["0.500000", "0.250000"]
    assert [row["best_val_accuracy"] for row in rows] == ["0.500000", "0.500000"]


def test_a_continued_table_keeps_the_whole_rows_of_the_steps_before(tmp_path):
    path = tmp_path / "metrics.csv"
    table = MetricsTable(path)
    for step in (0, 5, 10):
        table.on_record(a_record(0.75 - step / 100, step=step))
    table.close()
    path.write_text(path.read_text() + "15,0.25")  # a row that a kill cut short
    continued = MetricsTable(path, keep_until=5)
    continued.on_record(a_record(0.5, step=10))
    continued.close()
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [(row["step"], row["val_accuracy"], row["best_val_accuracy"]) for row in rows] == [
        ("0", "0.750000", "0.750000"),
        ("5", "0.700000", "0.750000"),
        ("10", "0.500000", "0.750000"),
    ]
