"""The six systems of the MPS family as recipes over the package's own parts."""

from __future__ import annotations

from agents.recipes.catalogue import RECIPES, register_recipe
from agents.recipes.config import ReproduceConfig
from agents.recipes.recipe import Form, Recipe, Search, Start

__all__ = ["RECIPES", "Form", "Recipe", "ReproduceConfig", "Search", "Start", "register_recipe"]
