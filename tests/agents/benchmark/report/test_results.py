import csv

import numpy as np
import pytest

from agents.benchmark.entries import RANDOM_SET
from agents.benchmark.report.reference import Scale, audit_scales, choose_reference, validation_scales
from agents.benchmark.report.results import Task, read_results
from agents.benchmark.report.standings import improvements, leaderboard

DIGITS, LETTERS = Task("digits", 1), Task("letters", 5)


@pytest.fixture(scope="module")
def results(reported):
    return read_results(reported)


def rewrite(path, change):
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0])
    rows = change(rows) or rows
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def test_tasks_entrants_and_failures_are_what_the_table_holds(results):
    assert results.tasks == [DIGITS, LETTERS]
    assert results.entrants == ["ppo", "dqn", "herding|x<b>"]
    assert [(run.entrant, run.task, run.seed) for run in results.failed] == [("ppo", LETTERS, 3)]
    assert len(results.finished) == len(results.runs) - 1 == 23


def test_an_agent_run_in_several_action_families_is_several_entrants(write_benchmark, contestant):
    out = write_benchmark(contestants=[contestant("ppo", 0.1), contestant("ppo", 0.1, action="select")])
    assert read_results(out).entrants == ["ppo, edit", "ppo, select"]


def test_a_folder_without_results_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"has no results\.csv\. Give the --out of a benchmark"):
        read_results(tmp_path)


def test_results_without_a_column_are_an_error(write_benchmark):
    out = write_benchmark()
    text = (out / "results.csv").read_text()
    (out / "results.csv").write_text(text.replace("val_accuracy", "score", 1))
    with pytest.raises(ValueError, match=r"there is no column 'val_accuracy'\. Run the benchmark again"):
        read_results(out)


# --- the reference ---


def test_the_best_distiller_is_the_reference_though_an_agent_may_be_better(write_benchmark, contestant):
    distillers = [contestant("kcenter", 0.01, is_agent=False), contestant("herding", 0.04, is_agent=False)]
    results = read_results(write_benchmark(contestants=[contestant("ppo", 0.3), *distillers]))
    assert choose_reference(results).entrant == "herding"


def test_without_distillers_the_best_agent_is_the_reference(write_benchmark, contestant):
    results = read_results(write_benchmark(contestants=[contestant("dqn", 0.01), contestant("ppo", 0.1)]))
    assert choose_reference(results).entrant == "ppo"


def test_validation_accuracy_chooses_the_reference_not_test_accuracy(write_benchmark, contestant):
    out = write_benchmark(contestants=[contestant("dqn", 0.01), contestant("ppo", 0.1)])

    def flatter_dqn(rows):
        for row in rows:
            row["test_accuracy_mean"] = "0.99" if row["agent"] == "dqn" else "0.5"

    rewrite(out / "results.csv", flatter_dqn)
    assert choose_reference(read_results(out)).entrant == "ppo"


def test_the_config_names_the_reference(write_benchmark):
    results = read_results(write_benchmark(config={"reference": "dqn"}))
    assert choose_reference(results).entrant == "dqn"


def test_a_named_reference_without_a_finished_run_is_replaced_and_said_so(write_benchmark):
    reference = choose_reference(read_results(write_benchmark(config={"reference": "sac"})))
    assert reference.entrant == "herding|x<b>"
    assert "since sac, which the config names, has no finished run" in reference.reason


def test_a_task_on_which_the_reference_is_no_better_has_no_scale(write_benchmark):
    out = write_benchmark()

    def spoil_letters(rows):
        for row in rows:
            if row["dataset"] == "letters" and row["status"] == "done":
                row["test_accuracy_mean"] = "0.1"

    rewrite(out / "results.csv", spoil_letters)
    results = read_results(out)
    assert list(audit_scales(results, "herding|x<b>")) == [DIGITS]


# --- standings ---


def test_random_sets_score_0_and_the_reference_1_on_its_task(results):
    rows = {row.entrant: row for row in leaderboard(results, [DIGITS], audit_scales(results, "ppo"), "ppo")}
    assert rows[RANDOM_SET].score.value == pytest.approx(0)
    assert rows["ppo"].score.value == pytest.approx(1)
    assert rows["ppo"].is_reference


def test_a_row_tells_what_its_runs_took_and_how_many_failed(results):
    (row,) = (row for row in leaderboard(results, results.tasks, {}, None) if row.entrant == "ppo")
    accuracies = [run.figures.test_accuracy for run in results.finished if run.entrant == "ppo"]
    assert (row.done, row.failed, row.tasks) == (9, 1, 2)
    assert row.mean == pytest.approx(np.mean([np.mean(accuracies[:5]), np.mean(accuracies[5:])]))
    assert row.std == pytest.approx(np.sqrt((np.var(accuracies[:5], ddof=1) + np.var(accuracies[5:], ddof=1)) / 2))
    assert (row.env_steps, row.iterations, row.proxy_trainings) == (24, 0, 25)
    assert row.seconds == pytest.approx(2.5)


def test_few_seeds_are_marked(results):
    weak = {row.entrant: row.accuracy.is_weak for row in leaderboard(results, [DIGITS], {}, None)}
    assert weak == {"ppo": False, "dqn": True, "herding|x<b>": False, RANDOM_SET: False}


def test_whoever_lacks_a_task_comes_last(write_benchmark):
    out = write_benchmark()
    rewrite(out / "results.csv", lambda rows: [r for r in rows if (r["agent"][:7], r["ipc"]) != ("herding", "5")])
    results = read_results(out)
    rows = leaderboard(results, results.tasks, {}, None)
    assert rows[-1].entrant == "herding|x<b>"
    assert rows[-1].missing_tasks == 1


def test_whoever_has_no_score_comes_after_those_who_have_one(write_benchmark, contestant):
    out = write_benchmark(contestants=[contestant("ppo", 0.1), contestant("dqn", 0.3)], failed=None)
    rewrite(
        out / "results.csv", lambda rows: [r for r in rows if (r["agent"], r["ipc"]) in (("ppo", "1"), ("dqn", "5"))]
    )
    results = read_results(out)
    rows = leaderboard(results, results.tasks, {DIGITS: Scale(0.6, 0.9)}, None)
    assert [row.entrant for row in rows if not row.is_baseline] == ["ppo", "dqn"]


def test_an_entrant_whose_runs_all_failed_is_still_a_row(write_benchmark, contestant):
    out = write_benchmark(contestants=[contestant("ppo", 0.1), contestant("dqn", 0.1, seeds=1)], failed=None)

    def fail_dqn(rows):
        for row in rows:
            if row["agent"] == "dqn":
                row.update(status="failed", error="killed")

    rewrite(out / "results.csv", fail_dqn)
    results = read_results(out)
    row = next(row for row in leaderboard(results, results.tasks, {}, None) if row.entrant == "dqn")
    assert (row.done, row.failed, row.kind) == (0, 2, "no finished run")
    assert np.isnan(row.accuracy.value)


def test_improvement_over_each_other_adds_up_to_1(results):
    matrix = improvements(results, ["ppo", "herding|x<b>"])
    assert matrix[0][0].estimate.value == 0.5
    assert matrix[0][1].estimate.value + matrix[1][0].estimate.value == pytest.approx(1)


def test_validation_scores_go_from_the_initial_set_to_the_references_choice(results):
    scale = validation_scales(results, "herding|x<b>")[DIGITS]
    chosen = [
        run.figures.val_accuracy for run in results.finished if run.entrant[:7] == "herding" and run.task == DIGITS
    ]
    assert scale.zero == pytest.approx(0.62)
    assert scale.one == pytest.approx(chosen[0])
