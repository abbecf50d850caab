import dataclasses

import numpy as np
import pytest

from agents.benchmark.report.curves import learning_curves, sample_efficiency
from agents.benchmark.report.reference import Scale, validation_scales
from agents.benchmark.report.results import Results, Task, read_results

DIGITS = Task("digits", 1)


@pytest.fixture(scope="module")
def results(reported):
    return read_results(reported)


def lines_of(panel):
    return {line.entrant: line for line in panel.lines}


def test_distillers_are_not_drawn_against_environment_steps(results):
    assert set(lines_of(learning_curves(results, DIGITS, "env_steps"))) == {"ppo", "dqn"}
    assert "herding|x<b>" in lines_of(learning_curves(results, DIGITS, "proxy_trainings"))


def test_a_line_ends_with_its_entrants_last_cost_and_best_accuracy(results):
    line = lines_of(learning_curves(results, DIGITS, "env_steps"))["dqn"]
    runs = [run.name for run in results.finished if run.entrant == "dqn" and run.task == DIGITS]
    assert line.at[-1] == 24
    assert line.middle[-1] == pytest.approx(np.mean([results.curves[run].best_val_accuracy[-1] for run in runs]))
    assert (line.low <= line.middle).all()
    assert (line.middle <= line.high).all()


def test_costs_that_differ_much_are_drawn_on_a_logarithmic_axis(results):
    slow = {
        name: _slower(curve, 100.0) if curve.env_steps[-1] == 10 else curve for name, curve in results.curves.items()
    }
    much = Results(results.folder, results.config, results.runs, slow)
    assert not learning_curves(results, DIGITS, "proxy_trainings").is_log
    panel = learning_curves(much, DIGITS, "seconds")
    assert panel.is_log
    assert all((line.at > 0).all() and np.isfinite(line.middle).all() for line in panel.lines)


def _slower(curve, factor):
    return dataclasses.replace(curve, seconds=factor * curve.seconds)


def test_without_curves_there_is_no_panel(results):
    bare = Results(results.folder, results.config, results.runs, {})
    assert learning_curves(bare, DIGITS, "seconds") is None


def test_a_distillers_first_score_by_another_proxy_moves_no_scale(results):
    brighter = {
        name: dataclasses.replace(curve, val_accuracy=curve.val_accuracy + 0.1) if curve.env_steps[-1] == 10 else curve
        for name, curve in results.curves.items()
    }
    shifted = Results(results.folder, results.config, results.runs, brighter)
    assert validation_scales(shifted, "herding|x<b>") == validation_scales(results, "herding|x<b>")


def test_sample_efficiency_begins_at_0_where_agents_begin(results):
    panel = sample_efficiency(results, validation_scales(results, "herding|x<b>"), "env_steps")
    assert lines_of(panel)["ppo"].middle[0] == pytest.approx(0, abs=1e-6)


def test_sample_efficiency_leaves_out_whoever_lacks_a_task(results):
    scales = {DIGITS: Scale(0.5, 0.7), Task("unknown", 1): Scale(0.5, 0.7)}
    assert sample_efficiency(results, scales, "env_steps") is None
