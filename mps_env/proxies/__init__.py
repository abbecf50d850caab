"""Proxies by name: registered ones, and every registered network as a trained proxy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mps_env.keywords import check_keywords
from mps_env.networks import NETWORKS
from mps_env.proxies.base import Proxy, Score
from mps_env.registry import Registry, nearest_names

if TYPE_CHECKING:
    from mps_env.data.dataset import Dataset

PROXIES: Registry[type[Proxy]] = Registry("proxy")
PROXIES.register("cnn", "mps_env.proxies.trained:TrainedProxy")
PROXIES.register("ridge", "mps_env.proxies.ridge:RidgeProxy")
register_proxy = PROXIES.register


def proxy_names() -> tuple[str, ...]:
    """Return every name that `make_proxy` takes: proxies first, then networks."""
    return (*PROXIES.names(), *(name for name in NETWORKS.names() if name not in PROXIES))


def make_proxy(name: str, dataset: Dataset, proxy_kwargs: Mapping[str, Any] | None = None) -> Proxy:
    """Build a proxy by name.

    Args:
        name: A registered proxy, a registered network (a trained proxy of that network), or "module:attribute".
        dataset: What it is scored on.
        proxy_kwargs: The proxy's own arguments.

    Raises:
        TypeError: If `name` is no string or `proxy_kwargs` no mapping.
        ValueError: If the name or an argument is unknown; the message lists what is known.
    """
    if not isinstance(name, str):
        raise TypeError(f"proxy must be given by name, got {type(name).__name__}. Known: {', '.join(proxy_names())}.")
    if not isinstance(proxy_kwargs, Mapping | None):
        raise TypeError(f"proxy_kwargs must be a mapping or None, got {type(proxy_kwargs).__name__}.")
    if name not in PROXIES and name not in NETWORKS and ":" not in name:
        known = proxy_names()
        raise ValueError(
            f"unknown proxy {name!r}.{nearest_names(name, known)} Known proxies: {PROXIES.listing()};"
            f" networks: {NETWORKS.listing()}; or 'module:attribute'."
        )
    kwargs = dict(proxy_kwargs or {})
    # What an import path leads to is a proxy if it is a class, and builds a network if it is a function.
    is_network = name not in PROXIES and (name in NETWORKS or not isinstance(PROXIES.get(name), type))
    proxy_class = PROXIES.get("cnn" if is_network else name)
    fixed = ("self", "dataset", *(("network",) if is_network else ()))
    check_keywords(f"proxy {name!r}", proxy_class, kwargs, skip=fixed)
    if is_network:
        kwargs["network"] = name
    return proxy_class(dataset, **kwargs)  # type: ignore[call-arg]


__all__ = ["PROXIES", "Proxy", "Score", "make_proxy", "proxy_names", "register_proxy"]
