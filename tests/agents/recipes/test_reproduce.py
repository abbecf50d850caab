"""Every recipe's quick form, done on digits from its config to its figures."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.recipes import RECIPES, ReproduceConfig
from agents.recipes.folder import RecipeFolder, create_recipe_folder, prepared
from agents.recipes.reproduce import _further_audits, check_reproduction, reproduce
from agents.runs.folder import RunFolder
from mps_env.evaluation import AuditConfig
from mps_env.set_file import load_set, save_set
from mps_env.task import Task

EDITED = ("mps1", "mps1_gan", "mps2")
SEARCHED = ("mps_o", "mps_5o")


def small(recipe: str, **changes: Any) -> ReproduceConfig:
    return ReproduceConfig(recipe=recipe, quick=True, audit_seeds=1, audit_steps=20, **changes)


def reproduced(config: ReproduceConfig, path: Path) -> dict[str, Any]:
    check_reproduction(config)
    return reproduce(create_recipe_folder(path, config), quiet=True)


@pytest.fixture(scope="module", params=RECIPES.names())
def finished(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    path = tmp_path_factory.mktemp("recipe") / request.param
    reproduced(small(request.param), path)
    return request.param, path


def summary_of(path: Path) -> dict[str, Any]:
    return json.loads((path / "summary.json").read_text())


def test_reproduction_leaves_a_run_folder(finished: tuple[str, Path]) -> None:
    recipe, path = finished
    summary = summary_of(path)
    assert summary["recipe"] == recipe
    assert summary["reported"] is None  # nobody reports figures on digits
    assert summary["dataset"] == "digits"
    for name in ("config.json", "synthetic.npz", "metrics.csv", "contact_sheet.png", "progress.png", "audit.csv"):
        assert (path / name).is_file(), name


def test_agent_begins_from_the_distilled_set_and_stands_beside_a_random_policy(finished: tuple[str, Path]) -> None:
    recipe, path = finished
    summary = summary_of(path)
    if recipe == "gradient_matching":
        assert summary["start"] is None
        assert summary["random_policy"] is None
        return
    assert summary["seconds"] > summary["start"]["seconds"] > 0
    assert summary["start"]["method"] == "kernel_regression"
    assert summary["baseline_initial_test_accuracy"] == summary["start"]["test_accuracy_mean"]
    own, random = (json.loads((path / where / "config.json").read_text()) for where in (".", "random_policy"))
    assert random["agent"] == summary["random_policy"]["method"] == "random"
    assert own["env"] == random["env"]
    assert own["steps"] == random["steps"]
    assert own["patience"] or summary["random_policy"]["env_steps"] == own["steps"]


def test_mps1_edits_the_slot_under_the_cursor_with_the_family_s_dqn(finished: tuple[str, Path]) -> None:
    recipe, path = finished
    if recipe not in EDITED:
        pytest.skip("another recipe's")
    config = json.loads((path / "config.json").read_text())
    assert config["agent"] == "dqn"
    assert config["env"]["observation"] == "slot"
    assert config["env"]["action"] == "edit"
    assert (config["agent_kwargs"] or {}).get("head") == ("softmax" if recipe == "mps2" else None)
    assert config["env"]["pool"] == ("gan" if recipe == "mps1_gan" else "real")


def test_studies_choose_who_acts_and_how(finished: tuple[str, Path]) -> None:
    recipe, path = finished
    if recipe not in SEARCHED:
        pytest.skip("another recipe's")
    summary = summary_of(path)
    studies = summary["studies"]
    best = max(studies, key=lambda agent: studies[agent]["val_accuracy"])
    config = json.loads((path / "config.json").read_text())
    assert summary["method"] == config["agent"] == best
    assert config["agent_kwargs"] == studies[best]["agent_kwargs"]
    assert config["env"]["reward"] == "similarity"
    for agent in studies:
        study = json.loads((path / f"tune-{agent}" / "config.json").read_text())
        assert study["sampler"] == ("tpe" if recipe == "mps_o" else "gp")
        assert (path / f"tune-{agent}" / "study.db").is_file()
        assert study["env"]["proxy"] == "ridge"
    assert config["env"]["proxy"] == "cnn"  # which has the last word on the set
    assert set(summary["further_audits"]) == {"lenet on digits"}


def test_continued_reproduction_repeats_nothing_and_finds_the_same(tmp_path: Path) -> None:
    config = small("mps1", seed=3)
    whole = reproduced(config, tmp_path / "whole")
    shutil.copytree(tmp_path / "whole", tmp_path / "taken_up")
    folder = RecipeFolder(tmp_path / "taken_up")
    for made in ("summary.json", "synthetic.npz", "config.json"):
        (folder.path / made).unlink()
    shutil.rmtree(folder.random_policy.path)
    started = folder.start.summary.stat().st_mtime_ns
    again = reproduce(folder, quiet=True)
    assert folder.start.summary.stat().st_mtime_ns == started
    assert again["test_accuracy_mean"] == whole["test_accuracy_mean"]
    assert load_set(folder.run.synthetic_set).fingerprint == load_set(tmp_path / "whole" / "synthetic.npz").fingerprint
    assert reproduce(folder, quiet=True) == again


@pytest.mark.parametrize("recipe", RECIPES.names())
def test_full_form_keeps_to_the_original_s_sizes(recipe: str) -> None:
    plan = ReproduceConfig(recipe=recipe).plan()
    env = plan.acting.env
    assert {"mps1": 437, "mps1_gan": 874}.get(recipe) == env.n_images
    assert env.proxy == "cnn"
    if recipe in SEARCHED:
        assert set(plan.searches) == {"sb3_dqn", "ddpg", "td3", "ppo"}
        assert all((study.trials, study.steps) == (10, 1_000) for study in plan.searches.values())


def test_budget_is_shared_by_start_and_agent() -> None:
    plan = ReproduceConfig(recipe="mps2", budget_s=100.0).plan()
    assert plan.start is not None
    assert plan.start.budget_s is not None
    assert plan.acting.budget_s is not None
    assert plan.start.budget_s + plan.acting.budget_s == pytest.approx(100.0)


def test_ipc_replaces_the_number_of_images() -> None:
    env = ReproduceConfig(recipe="mps1", quick=True, ipc=3).plan().acting.env
    assert (env.ipc, env.n_images) == (3, None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"recipe": "mps3"}, "unknown recipe 'mps3'"),
        ({"budget_s": -1.0}, "budget_s must be a number > 0"),
        ({"budget_s": "20m"}, "budget_s must be a number > 0, got '20m'. It is in seconds"),
        ({"audit_seeds": 0}, "seeds must be a whole number >= 1"),
    ],
)
def test_bad_config_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ReproduceConfig(**{"recipe": "mps1", **changes})


def test_too_many_images_are_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="The largest ipc possible"):
        check_reproduction(small("mps2", ipc=10_000))


def test_a_factor_is_the_start_s_and_the_agent_s() -> None:
    plan = small("mps2", ipc=1, factor=2).plan()
    assert plan.start is not None
    assert (plan.start.env.factor, plan.acting.env.factor) == (2, 2)


def test_the_audit_is_that_which_was_asked_for() -> None:
    asked = ReproduceConfig(
        recipe="mps2", network="convnet", network_kwargs={"width": 8}, audit_steps=20, audit_augment="slight"
    )
    again = ReproduceConfig.from_json(asked.to_json())
    expected = AuditConfig(network="convnet", network_kwargs={"width": 8}, steps=20, augment="slight")
    assert again.plan().acting.audit == expected


def test_a_budget_in_time_replaces_the_start_s_iterations() -> None:
    without, within = small("mps2").plan().start, small("mps2", budget_s=60.0).plan().start
    assert without is not None
    assert within is not None
    assert (without.iterations, without.budget_s) == (60, None)
    assert (within.iterations, within.budget_s) == (None, 45.0)


def own_data(folder: Path, num_classes: int) -> str:
    images, labels = np.zeros((20 * num_classes, 8, 8), np.uint8), np.arange(20 * num_classes) % num_classes
    path = folder / "own.npz"
    np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    return str(path)


def test_unseen_data_must_have_as_many_classes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="audits on digits as well, which has 10 classes"):
        check_reproduction(small("mps_5o", dataset=own_data(tmp_path, 3)))


def test_a_result_is_audited_on_data_that_no_one_has_seen(tmp_path: Path) -> None:
    config = small("mps_5o", dataset=own_data(tmp_path, 10), ipc=1)
    plan, folder = config.plan(), create_recipe_folder(tmp_path / "recipe", config)
    save_set(folder.run.synthetic_set, Task(plan.acting.env).draw("random", np.random.default_rng(0)))
    audits = _further_audits(folder, plan.acting, plan, quiet=True)
    assert set(audits) == {f"lenet on {config.dataset}", "mps_cnn on digits"}
    assert json.loads(folder.audits.read_text()) == audits


def test_a_moved_run_finds_its_initial_set_and_is_else_as_it_was_begun(tmp_path: Path) -> None:
    acting = small("mps2").plan().acting
    begun = replace(acting, env=replace(acting.env, init="/old/start/synthetic.npz"), steps=7)
    folder = prepared(RunFolder(tmp_path / "run"), begun)
    moved = prepared(folder, replace(acting, env=replace(acting.env, init="/new/start/synthetic.npz"))).read_config()
    assert moved == replace(begun, env=replace(begun.env, init="/new/start/synthetic.npz"))


def test_parts_that_cannot_be_used_are_named_before_any_work(tmp_path: Path) -> None:
    folder = create_recipe_folder(tmp_path / "recipe", small("mps2"))
    folder.check()
    prepared(folder.start, small("mps2").plan().acting)
    folder.check()
    for file in (folder.start.summary, folder.start.synthetic_set):
        file.write_text("{x")
    with pytest.raises(ValueError, match=r"start/summary.json is no JSON.*Remove .*/start, and it is done anew"):
        folder.check()
    folder.start.config.write_text("{x")
    with pytest.raises(ValueError, match=r"start/config.json cannot be used.*Remove .*/start, and it is done anew"):
        folder.check()


def test_damaged_further_audits_are_done_anew(tmp_path: Path) -> None:
    config = small("mps_5o", ipc=1)
    plan, folder = config.plan(), create_recipe_folder(tmp_path / "recipe", config)
    save_set(folder.run.synthetic_set, Task(plan.acting.env).draw("random", np.random.default_rng(0)))
    folder.audits.write_text("{")
    audits = _further_audits(folder, plan.acting, plan, quiet=True)
    assert json.loads(folder.audits.read_text()) == audits


def test_the_audit_of_mps1_gan_looks_at_the_recipe_s_own_validation_images() -> None:
    asked = ReproduceConfig(recipe="mps1_gan").plan().acting.audit
    assert (asked.checkpoint, asked.val_size) == ("best", 110)
    assert ReproduceConfig(recipe="mps1_gan", dataset="mnist").plan().acting.audit.val_size is None
    assert ReproduceConfig(recipe="mps1").plan().acting.audit.checkpoint == "last"


def test_what_the_originals_report_and_what_was_published() -> None:
    reported = {name: dict(RECIPES.get(name).reported) for name in RECIPES.names()}
    assert reported == {
        "mps1": {"mnist": 0.84, "mnist_1000": 0.84},
        "mps1_gan": {"mnist": 0.77, "mnist_1000": 0.77},
        "mps2": {"mnist": 0.64, "fashion_mnist": 0.58, "cifar10": 0.31},
        "gradient_matching": {"mnist": 0.97, "fashion_mnist": 0.83, "cifar10": 0.51},
        "mps_o": {},
        "mps_5o": {},
    }
