"""Whole runs on digits, small enough for the default suite."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from agents.benchmark.repetition import distil_again
from agents.cli.reporting import remark
from agents.distillers import DISTILLERS
from agents.distillers.kernel_regression.distiller import KernelRegression
from agents.distillers.ridge_search import RidgeSearch
from agents.runs.config import RunConfig
from agents.runs.folder import RunFolder, create_folder
from agents.runs.run import check_run, draw_pictures, execute
from agents.runs.selection import FRESH_SEEDS, Costs, score_freshly
from agents.runs.work import Job, Work
from mps_env.config import EnvConfig
from mps_env.evaluation import AuditConfig
from mps_env.proxies.ridge import RidgeProxy
from mps_env.set_file import load_set
from mps_env.synthetic_set import SyntheticSet
from mps_env.threads import SIDE_BY_SIDE

SUMMARY_KEYS = {
    "dataset",
    "ipc",
    "n_images",
    "method",
    "seed",
    "env_steps",
    "proxy_trainings",
    "seconds",
    "val_accuracy",
    "test_accuracy_mean",
    "test_accuracy_std",
    "network",
    "audit_seeds",
    "audit_seconds",
    "baseline_random_test_accuracy",
    "baseline_initial_test_accuracy",
    "versions",
}


def a_config(**changes) -> RunConfig:
    settings = {
        "env": EnvConfig(proxy="ridge", proxy_kwargs={"nets": 1, "width": 8}, ipc=2, observation="features"),
        "steps": 30,
        "audit": AuditConfig(network="linear", seeds=2, steps=20, eval_points=2),
    }
    return RunConfig(**{**settings, **changes})


def run(path: Path, config: RunConfig) -> RunFolder:
    folder = create_folder(path, config)
    execute(folder, quiet=True)
    return folder


def rows_of(table: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(table.read_text().splitlines()))


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> RunFolder:
    return run(tmp_path_factory.mktemp("runs") / "run", a_config())


def test_a_run_leaves_all_its_files(finished):
    names = {path.name for path in finished.path.iterdir()}
    assert {"config.json", "synthetic.npz", "metrics.csv", "audit.csv", "summary.json"} <= names
    assert {"contact_sheet.png", "progress.png", "tensorboard"} <= names
    assert list(finished.tensorboard.glob("events*"))
    assert "checkpoint" not in names


def test_the_summary_has_every_key_of_the_contract(finished):
    summary = finished.read_summary()
    assert set(summary) >= SUMMARY_KEYS
    assert summary["env_steps"] == 30
    assert summary["n_images"] == 20
    assert summary["method"] == "dqn"


def test_random_and_initial_baselines_are_one_audit_where_they_are_one_set(finished):
    summary = finished.read_summary()
    assert summary["baseline_random_test_accuracy"] == summary["baseline_initial_test_accuracy"]


def test_metrics_has_a_row_for_every_step_and_reset(finished):
    rows = rows_of(finished.metrics)
    assert [int(row["step"]) for row in rows] == list(range(31))


def test_the_set_carries_its_recipe_and_its_audit(finished):
    meta = load_set(finished.synthetic_set).meta
    assert meta["dataset"] == "digits"
    assert meta["slots"] == 20
    assert meta["recipe"]["agent"] == "dqn"
    assert meta["audit"]["mean"] == finished.read_summary()["test_accuracy_mean"]


def test_the_audit_table_has_the_curves_of_both_sets(finished):
    rows = rows_of(finished.audit)
    assert {row["set"] for row in rows} == {"result", "initial", "random"}
    assert {"train_loss", "train_accuracy", "test_loss", "test_accuracy"} <= set(rows[0])


def test_resuming_a_finished_run_returns_its_summary(finished):
    before = finished.summary.read_bytes()
    assert execute(finished, quiet=True) == json.loads(before)
    assert finished.summary.read_bytes() == before


def same_result(one: RunFolder, other: RunFolder) -> bool:
    first, second = load_set(one.synthetic_set), load_set(other.synthetic_set)
    timed = ("seconds", "audit_seconds")
    summaries = [{k: v for k, v in folder.read_summary().items() if k not in timed} for folder in (one, other)]
    return first.fingerprint == second.fingerprint and summaries[0] == summaries[1]


@pytest.mark.parametrize("agent", ["dqn", "random", "greedy", "fixed:noise"])
def test_the_same_config_gives_the_same_bits(tmp_path, agent):
    folders = [run(tmp_path / name, a_config(agent=agent, steps=12)) for name in ("one", "two")]
    assert same_result(*folders)


def test_an_on_policy_agent_takes_no_step_beyond_the_budget(tmp_path):
    config = a_config(agent="ppo", steps=11)
    assert run(tmp_path / "run", config).read_summary()["env_steps"] == 11


def test_every_episode_starts_from_the_initial_set(tmp_path):
    folder = run(tmp_path / "run", a_config(agent="random", steps=10, episode_steps=4))
    starts = [row["val_accuracy"] for row in rows_of(folder.metrics) if row["episode_step"] == "0"]
    assert len(starts) >= 3
    assert len(set(starts)) == 1


def test_a_time_budget_ends_the_run(tmp_path):
    summary = run(tmp_path / "run", a_config(agent="random", steps=None, budget_s=0.5)).read_summary()
    assert summary["env_steps"] > 0


@pytest.mark.parametrize(
    ("changes", "seconds_a_set", "left"),
    [
        ({"agent": "random"}, 0.5, 40 - 18 * 0.5),  # sixteen candidates, the initial set and the random one
        ({"method": "kernel_regression"}, 0.5, 40 - 6 * 0.5),  # four, the last set and the random one
        ({"agent": "random"}, 5.0, 20.0),  # never more than half, and as many candidates as there is time for: two
    ],
)
def test_a_time_budget_covers_the_second_look(tmp_path, monkeypatch, changes, seconds_a_set, left):
    given = []

    def work_nothing(job: Job) -> Work:
        given.append(job.config.budget_s)
        initial = job.initial
        darker = [SyntheticSet(initial.images * np.float32(n / 17), initial.labels) for n in range(16)]
        return Work([*darker, initial], 0, 0)

    looked_at = []

    def look(proxy, sets, seed):
        looked_at.append(len(sets))
        return score_freshly(proxy, sets, seed)

    monkeypatch.setattr("agents.runs.run.score_freshly", look)
    monkeypatch.setattr("agents.runs.run.measured_costs", lambda *_: Costs(fixed=0.0, each=seconds_a_set))
    monkeypatch.setattr("agents.runs.run.act", work_nothing)
    monkeypatch.setattr("agents.runs.run.iterate", work_nothing)
    folder = run(tmp_path / "run", a_config(**changes, steps=None, budget_s=40.0))
    assert given == [left]
    assert looked_at == [round((40 - left) / seconds_a_set)]
    assert folder.read_config().budget_s == 40.0


def test_the_set_that_stands_is_not_its_own_rival(tmp_path, monkeypatch):
    looked_at = []

    def look(proxy, sets, seed):
        looked_at.append([one.fingerprint for one in sets[:-1]])  # the random set comes last
        return score_freshly(proxy, sets, seed)

    monkeypatch.setattr("agents.runs.run.score_freshly", look)
    run(tmp_path / "run", a_config(agent="random", steps=5))
    assert len(set(looked_at[0])) == len(looked_at[0]) > 1


@pytest.mark.parametrize("method", ["random", "herding", "kcenter", "prototypes"])
def test_a_coreset_is_a_run_without_steps(tmp_path, method):
    summary = run(tmp_path / "run", a_config(method=method, steps=None)).read_summary()
    assert summary["method"] == method
    assert summary["env_steps"] == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"agent": "dqnn"}, "unknown agent 'dqnn'. Did you mean 'dqn'"),
        ({"agent": "sac"}, "Agents that can act in it"),
        ({"method": "herdin", "steps": None}, "unknown distiller 'herdin'. Did you mean 'herding'"),
        ({"audit": AuditConfig(network="lenet", network_kwargs={"size": 4})}, "takes sizes of 8 pixels and up"),
    ],
)
def test_what_cannot_run_is_told_before_anything_is_written(changes, message):
    with pytest.raises(ValueError, match=message):
        check_run(a_config(**changes))


def test_the_audits_network_may_have_arguments():
    check_run(a_config(audit=AuditConfig(network="lenet", network_kwargs={"size": "native"})))


def test_an_unknown_agent_setting_is_told_before_anything_is_written():
    with pytest.raises(ValueError, match="no argument 'gama'. Did you mean 'gamma'"):
        check_run(a_config(agent_kwargs={"gama": 0.9}))


KILLED_RUN = """
import sys
from pathlib import Path
from agents.runs.folder import RunFolder
from agents.runs.run import execute
execute(RunFolder(Path(sys.argv[1])), quiet=True)
"""


@pytest.mark.parametrize(
    ("agent", "until"), [("dqn", 1_500), ("ppo", 1_500), ("dqn", 20_000)], ids=["dqn-early", "ppo-early", "dqn-late"]
)
def test_a_killed_run_continues_to_the_same_bits(tmp_path, agent, until):
    env = EnvConfig(proxy="linear", proxy_kwargs={"epochs": 2}, ipc=2)
    config = a_config(agent=agent, steps=120, env=env, rehearsal=40 if agent == "dqn" else None)
    undisturbed = run(tmp_path / "undisturbed", config)
    killed = create_folder(tmp_path / "killed", config)
    process = subprocess.Popen([sys.executable, "-c", KILLED_RUN, str(killed.path)], env=os.environ)
    answers = killed.checkpoint / "answers.bin"
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if answers.exists() and answers.stat().st_size >= until:
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.002)
    process.wait()
    answered = answers.stat().st_size if answers.exists() else 0
    assert not killed.is_finished or until == 20_000
    execute(killed, quiet=True)
    assert same_result(undisturbed, killed)
    assert answered >= min(until, 1_500) or until == 20_000


def test_a_killed_distiller_continues_to_the_same_bits(tmp_path, monkeypatch):
    import agents.runs.iterating as module

    small = {"nets": 2, "max_age": 3, "batch_size": 32, "network": "mlp", "network_kwargs": {"width": 16}}
    config = a_config(method="kernel_regression", method_kwargs=small, steps=None, iterations=12)
    monkeypatch.setattr(module, "_SECONDS_PER_CHECKPOINT", 0.0)
    undisturbed, killed = run(tmp_path / "undisturbed", config), create_folder(tmp_path / "killed", config)
    distiller = KernelRegression
    with monkeypatch.context() as patch:
        original = distiller.iterate
        patch.setattr(distiller, "iterate", lambda self, n: original(self, n) if n < 7 else _interrupt())
        with pytest.raises(KeyboardInterrupt):
            execute(killed, quiet=True)
    done = []
    original = distiller.iterate
    monkeypatch.setattr(distiller, "iterate", lambda self, n: done.append(n) or original(self, n))
    execute(killed, quiet=True)
    assert done == list(range(7, 12))
    assert load_set(killed.synthetic_set).fingerprint == load_set(undisturbed.synthetic_set).fingerprint
    assert [row["step"] for row in rows_of(killed.metrics)] == [row["step"] for row in rows_of(undisturbed.metrics)]


def test_a_loss_that_is_not_finite_ends_the_work_and_keeps_the_last_good_set(tmp_path, monkeypatch):
    monkeypatch.setattr(KernelRegression, "iterate", lambda self, n: {"loss": np.nan, "regression_accuracy": 0.0})
    config = a_config(method="kernel_regression", method_kwargs={"nets": 1}, steps=None, iterations=3)
    folder = run(tmp_path / "run", config)
    assert folder.read_summary()["diverged_at"] == 0
    assert np.isfinite(load_set(folder.synthetic_set).images).all()


class Breaking(RidgeSearch):
    """Leaves pixels that are none at its fourth iteration, under a loss that is one."""

    evaluate_every = 2
    is_broken = False

    def iterate(self, number):
        self.is_broken = number == 3
        return super().iterate(number)

    def synthetic_set(self):
        made = super().synthetic_set()
        return SyntheticSet.checked(made.images * np.nan, made.labels) if self.is_broken else made


@pytest.mark.parametrize("iterations", [4, 6])
def test_a_set_that_is_not_finite_ends_the_run_with_the_last_good_one(tmp_path, monkeypatch, iterations):
    monkeypatch.setattr("agents.distillers.ridge_search.RidgeSearch", Breaking)
    monkeypatch.setitem(DISTILLERS._imported, "ridge_search", Breaking)
    folder = run(tmp_path / "run", a_config(method="ridge_search", steps=None, iterations=iterations))
    summary = folder.read_summary()
    assert summary["diverged_at"] == 3
    made = load_set(folder.synthetic_set)
    assert np.isfinite(made.images).all()
    assert made.fingerprint in distil_again(folder.read_config(), summary["iterations"]).seen


@pytest.mark.parametrize(
    ("agent", "settings", "action"),
    [
        ("dqn", {"learning_rate": 1e30}, "edit"),
        ("sb3_dqn", {"learning_rate": 1e30, "learning_starts": 10}, "edit"),
        ("ppo", {"learning_rate": 1e30, "n_steps": 16}, "edit"),
        ("td3", {"learning_rate": 1e30, "learning_starts": 10}, "perturb"),
    ],
)
def test_an_agent_that_diverges_ends_the_run_with_the_best_set_so_far(tmp_path, agent, settings, action):
    env = EnvConfig(proxy="ridge", proxy_kwargs={"nets": 1, "width": 8}, ipc=1, action=action, observation="features")
    folder = run(tmp_path / "run", a_config(agent=agent, agent_kwargs=settings, steps=150, env=env))
    summary = folder.read_summary()
    assert summary["diverged_at"] == summary["env_steps"] <= 100
    assert np.isfinite(load_set(folder.synthetic_set).images).all()
    assert remark(summary).startswith(f"The weights of {agent} were not finite after step {summary['env_steps']};")


def test_the_scores_of_a_search_are_counted(tmp_path):
    summary = run(tmp_path / "run", a_config(method="ridge_search", steps=None, iterations=20)).read_summary()
    assert summary["proxy_trainings"] > 10


def _interrupt():
    raise KeyboardInterrupt


def test_a_resumed_run_trains_only_what_is_missing(tmp_path, monkeypatch):
    from mps_env.proxies.trained import TrainedProxy

    config = a_config(agent="random", steps=40, env=EnvConfig(proxy="linear", proxy_kwargs={"epochs": 1}, ipc=2))
    trainings = []
    original = TrainedProxy.score_batch

    def counted(self, episodes, sets):
        trainings.extend(sets)
        return original(self, episodes, sets)

    def counted_up_to_twenty(self, episodes, sets):
        if len(trainings) == 20:
            raise KeyboardInterrupt
        return counted(self, episodes, sets)

    monkeypatch.setattr(TrainedProxy, "score_batch", counted_up_to_twenty)
    folder = create_folder(tmp_path / "run", config)
    with pytest.raises(KeyboardInterrupt):
        execute(folder, quiet=True)
    trainings.clear()
    monkeypatch.setattr(TrainedProxy, "score_batch", counted)
    summary = execute(folder, quiet=True)
    # And the second look: three fresh seeds for sixteen candidates and the initial set.
    in_all = summary["proxy_trainings"] + 3 * 17
    assert len(trainings) <= in_all - 20
    assert np.isclose(summary["env_steps"], 40)


def test_a_distiller_is_judged_by_proxies_that_it_cannot_have_searched_on(tmp_path, monkeypatch):
    seeds = []
    original = RidgeProxy.renewed
    monkeypatch.setattr(RidgeProxy, "renewed", lambda self, seed: seeds.append(seed) or original(self, seed))
    run(tmp_path / "run", a_config(method="ridge_search", steps=None, iterations=2, seed=0))
    assert len(set(seeds)) == 1 + FRESH_SEEDS
    assert min(seeds) >= 2**31


@pytest.mark.parametrize("damage", ["outcome.json", "synthetic.npz", "audits.jsonl"])
def test_a_damaged_checkpoint_is_made_again(tmp_path, monkeypatch, damage):
    import agents.runs.run as module

    folder = create_folder(tmp_path / "run", a_config(agent="random", steps=5))
    with monkeypatch.context() as patch:
        patch.setattr(module, "write_curves", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            execute(folder, quiet=True)
    before = load_set(folder.synthetic_set).fingerprint
    damaged = folder.synthetic_set if damage == "synthetic.npz" else folder.checkpoint / damage
    damaged.write_bytes(b'{"set": "aa"}\n\xff\n[]\n')
    assert execute(folder, quiet=True)["env_steps"] == 5
    assert load_set(folder.synthetic_set).fingerprint == before


def test_two_processes_cannot_work_on_one_run(tmp_path):
    folder = create_folder(tmp_path / "run", a_config(agent="random", steps=5))
    with folder.locked(), pytest.raises(BlockingIOError, match="being worked on by another process"):
        execute(folder, quiet=True)


def test_missing_pictures_are_drawn_anew(finished):
    before = finished.contact_sheet.read_bytes(), finished.progress.read_bytes()
    finished.contact_sheet.unlink()
    finished.progress.unlink()
    draw_pictures(finished)
    assert (finished.contact_sheet.read_bytes(), finished.progress.read_bytes()) == before


def test_a_full_disk_fails_the_run_and_leaves_it_to_be_resumed(tmp_path, monkeypatch):
    import agents.runs.run as module

    folder = create_folder(tmp_path / "run", a_config(agent="random", steps=5))

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, "save_set", full)
        with pytest.raises(OSError, match="No space left"):
            execute(folder, quiet=True)
    assert not folder.synthetic_set.exists()
    assert execute(folder, quiet=True)["env_steps"] == 5


def test_a_run_settles_tensorflow_s_threads_before_it_uses_it(tmp_path):
    create_folder(tmp_path / "run", a_config(agent="random"))
    program = (
        "import sys; from pathlib import Path; from agents.runs.folder import RunFolder; from agents.runs.run import"
        " execute; execute(RunFolder(Path(sys.argv[1])), quiet=True); import tensorflow as tf;"
        " print(tf.config.threading.get_inter_op_parallelism_threads())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == str(SIDE_BY_SIDE)
