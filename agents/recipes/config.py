"""What a reproduction is called with: all that is needed to repeat it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.recipes.catalogue import RECIPES
from agents.recipes.recipe import Form, Plan, Recipe, make_plan
from agents.runs.config import json_object
from mps_env.keywords import check_keywords


@dataclass(frozen=True, kw_only=True)
class ReproduceConfig:
    """A recipe, and what is changed in it."""

    recipe: str = "mps1"  # a registered recipe
    quick: bool = False  # the small form on digits
    dataset: str | None = None  # None: the recipe's
    data_dir: str | None = None
    ipc: int | None = None  # None: the recipe's
    n_images: int | None = None  # total, instead of ipc; None: the recipe's
    factor: int | None = None  # 2: four small images in the pixels of one; None: the recipe's
    budget_s: float | None = None  # seconds of distillation, the studies and audits apart; None: the recipe's limit
    seed: int = 0
    network: str | None = None  # what the audit trains; None: the recipe's
    network_kwargs: Mapping[str, Any] | None = None  # its own arguments
    audit_seeds: int | None = None  # None: the recipe's
    audit_steps: int | None = None  # None: the recipe's
    audit_points: int | None = None  # None: the recipe's
    audit_augment: str | bool | Mapping[str, Any] | None = None  # as in `AuditConfig`; None: the recipe's

    def __post_init__(self) -> None:
        self.plan()

    @property
    def form(self) -> Form:
        """The form of the recipe that is done."""
        recipe: Recipe = RECIPES.get(self.recipe)
        return recipe.quick if self.quick else recipe.full

    def plan(self) -> Plan:
        """Return the studies and runs.

        Raises:
            ValueError, TypeError: If a name is unknown or a value not allowed.
        """
        env: dict[str, Any] = {
            name: value
            for name in ("dataset", "data_dir", "ipc", "n_images", "factor")
            if (value := getattr(self, name)) is not None
        }
        if self.ipc is not None and self.n_images is None:
            env["n_images"] = None  # a recipe may have one
        if self.dataset not in (None, self.form.env["dataset"]):
            env["val_size"] = None  # a recipe's suits its own data set
        audit: dict[str, Any] = {
            "network": self.network,
            "network_kwargs": self.network_kwargs,
            "seeds": self.audit_seeds,
            "steps": self.audit_steps,
            "eval_points": self.audit_points,
            "augment": self.audit_augment,
        }
        audit = {name: value for name, value in audit.items() if value is not None}
        return make_plan(self.form, env=env, budget_s=self.budget_s, seed=self.seed, audit=audit)

    @property
    def reported(self) -> float | None:
        """The accuracy that the original reports on this data set, a fraction; None where it reports none."""
        recipe: Recipe = RECIPES.get(self.recipe)
        return recipe.reported.get(self.plan().acting.env.dataset)

    def to_json(self) -> str:
        """Return JSON that `from_json` reads."""
        return json.dumps(dataclasses.asdict(self), indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> ReproduceConfig:
        """Rebuild a config.

        Raises:
            ValueError: If the text is not the JSON of a config.
        """
        values = json_object(text, "a reproduction's config")
        check_keywords("a reproduction's config", cls, values)
        return cls(**values)
