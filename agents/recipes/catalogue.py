"""The six systems of the MPS family, as configuration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agents.recipes.recipe import Form, Recipe, Search, Start
from mps_env.evaluation.config import AuditConfig
from mps_env.registry import Registry

# Eight hundred images are few; augmented, they are many.
_FROM_FEW = {"augment_real": True}
_QUICK_START = Start(method="kernel_regression", method_kwargs={"batch_size": 128}, iterations=60)

# The environment of the first three: the DQN sees the image under the cursor. An edit stands where it does not raise
# the validation loss; accuracy moves in steps of one image, which a climb would learn by heart.
_MPS = {"observation": "slot", "action": "edit", "accept": "descend"}
_FIVE_EPOCHS = {"proxy": "cnn", "proxy_kwargs": {"epochs": 5, "batch_size": 32, "augment": "light"}}
_TEN_EPOCHS = {"proxy": "cnn", "proxy_kwargs": {"epochs": 10, "batch_size": 32, "augment": "light"}}

_DQN: dict[str, dict[str, str]] = {"dqn": {}}

_SEARCHED = {
    "sb3_dqn": {"action": "edit"},
    "ddpg": {"action": "perturb"},
    "td3": {"action": "perturb"},
    "ppo": {"action": "edit"},
}
_SIMILARITY = {"observation": "features", "reward": "similarity", "accept": "descend"}
# Ten trials of a thousand steps for each of four agents would take hours under a trained proxy.
_CHEAPLY = {"proxy": "ridge", "proxy_kwargs": None}


def _quick(form: Form, env: dict[str, Any], **changes: Any) -> Form:
    """Return a small form on digits; what is not named stays as it is in full."""
    return replace(
        form, env={**form.env, "dataset": "digits", **env}, audit=replace(form.audit, seeds=2, steps=200), **changes
    )


_MPS1 = Form(
    env={"dataset": "mnist_1000", "n_images": 437, **_MPS, **_FIVE_EPOCHS},
    agents=_DQN,
    steps=100,
    start=Start(method="kernel_regression", method_kwargs=_FROM_FEW, iterations=3_000),
)
MPS1 = Recipe(
    title="a DQN edits 437 images of MNIST",
    reported={"mnist": 0.84, "mnist_1000": 0.84},
    full=_MPS1,
    quick=_quick(_MPS1, {"n_images": 44}, steps=20, rehearsal=100, start=_QUICK_START),
)

_MPS1_GAN = Form(
    # 89 images of each digit are left to draw 88 from.
    env={"dataset": "mnist_1000", "n_images": 874, "val_size": 110, "pool": "gan", **_MPS, **_FIVE_EPOCHS},
    agents=_DQN,
    steps=100,
    start=Start(method="kernel_regression", method_kwargs=_FROM_FEW, iterations=2_000, init="random_and_gan"),
    audit=AuditConfig(checkpoint="best"),
)
MPS1_GAN = Recipe(
    title="437 images of a GAN join them",
    reported={"mnist": 0.77, "mnist_1000": 0.77},
    full=_MPS1_GAN,
    quick=_quick(
        _MPS1_GAN,
        {"n_images": 88, "val_size": None},
        steps=20,
        rehearsal=100,
        start=replace(_QUICK_START, init="random_and_gan"),
    ),
)

_MPS2 = Form(
    env={"dataset": "mnist", "ipc": 10, **_MPS, **_TEN_EPOCHS},
    agents=_DQN,
    agent_kwargs={"head": "softmax"},
    steps=200,
    patience=100,
    start=Start(method="kernel_regression", iterations=4_000),
)
MPS2 = Recipe(
    title="a DQN with a softmax head edits a balanced set",
    reported={"mnist": 0.64, "fashion_mnist": 0.58, "cifar10": 0.31},
    full=_MPS2,
    quick=_quick(_MPS2, {"ipc": 2}, steps=20, rehearsal=100, patience=10, start=_QUICK_START),
)

_GRADIENT_MATCHING = Form(
    env={"dataset": "mnist", "ipc": 10},
    method="gradient_matching",
    # The published schedule takes three hours at one image per class, and a day and a half at ten. At width 32 an
    # iteration with 32 real images per class moves the set as far as one with 128, in a quarter of its time.
    method_kwargs={"network_kwargs": {"width": 32}, "real_batch": 32, "inner_loop": 10},
    budget_s=20 * 60.0,
)
GRADIENT_MATCHING = Recipe(
    title="dataset condensation, the yardstick",
    reported={"mnist": 0.97, "fashion_mnist": 0.83, "cifar10": 0.51},
    full=_GRADIENT_MATCHING,
    quick=_quick(
        _GRADIENT_MATCHING,
        {"ipc": 1},
        method_kwargs={"network_kwargs": {"width": 16}, "real_batch": 32},
        iterations=20,
        budget_s=None,
    ),
)

_MPS_O = Form(
    env={"dataset": "mnist", "ipc": 10, **_SIMILARITY, **_TEN_EPOCHS},
    agents=_SEARCHED,
    steps=200,
    start=Start(method="kernel_regression", iterations=3_000),
    search=Search(sampler="tpe", trials=10, steps=1_000, patience=3, env=_CHEAPLY),
    networks={"lenet": {}, "alexnet": {}, "vgg11": {}},
)
MPS_O = Recipe(
    title="four agents, tuned, rewarded for similarity",
    full=_MPS_O,
    quick=_quick(
        _MPS_O,
        {"ipc": 1},
        agents={name: _SEARCHED[name] for name in ("sb3_dqn", "td3")},
        steps=20,
        start=_QUICK_START,
        search=Search(sampler="tpe", trials=2, steps=20, env=_CHEAPLY),
        networks={"lenet": {}},
    ),
)

_MPS_5O = replace(
    _MPS_O,
    search=Search(sampler="gp", trials=10, steps=1_000, patience=3, env=_CHEAPLY),
    networks={"lenet": {"size": "native"}, "alexnet": {}, "vgg11": {}},
    unseen="digits",
)
MPS_5O = Recipe(
    title="the same by Bayesian optimisation, and on data never seen",
    full=_MPS_5O,
    quick=_quick(
        _MPS_5O,
        {"ipc": 1},
        agents={name: _SEARCHED[name] for name in ("ppo", "ddpg")},
        steps=20,
        start=_QUICK_START,
        search=Search(sampler="gp", trials=2, steps=20, env=_CHEAPLY),
        networks={"lenet": {"size": "native"}},
    ),
)

RECIPES: Registry[Recipe] = Registry("recipe")
for _name, _recipe in {
    "mps1": MPS1,
    "mps1_gan": MPS1_GAN,
    "mps2": MPS2,
    "gradient_matching": GRADIENT_MATCHING,
    "mps_o": MPS_O,
    "mps_5o": MPS_5O,
}.items():
    RECIPES.register(_name, _recipe)
register_recipe = RECIPES.register
