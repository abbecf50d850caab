"""Network architectures by name.

An entry is a function `(image_shape, num_classes, **kwargs) -> keras.Model` whose output is (n, K) **logits**;
whoever wants probabilities applies the softmax. A function raises ValueError for an image size it cannot take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mps_env.keywords import check_keywords
from mps_env.registry import Registry

if TYPE_CHECKING:
    import keras

ImageShape = tuple[int, int, int]
NetworkBuilder = Callable[..., "keras.Model"]

NETWORKS: Registry[NetworkBuilder] = Registry("network")
for _name, _entry in {
    "mps_cnn": "mps_env.networks.mps_cnn:mps_cnn",
    "convnet": "mps_env.networks.convnet:convnet",
    "mlp": "mps_env.networks.mlp:mlp",
    "linear": "mps_env.networks.linear:linear",
    "lenet": "mps_env.networks.lenet:lenet",
    "alexnet": "mps_env.networks.alexnet:alexnet",
    "vgg11": "mps_env.networks.vgg:vgg11",
    "resnet18": "mps_env.networks.resnet:resnet18",
    "alexnet_full": "mps_env.networks.alexnet:alexnet_full",
    "vgg11_full": "mps_env.networks.vgg:vgg11_full",
    "resnet50": "mps_env.networks.applications:resnet50",
    "densenet121": "mps_env.networks.applications:densenet121",
    "inception_v3": "mps_env.networks.applications:inception_v3",
}.items():
    NETWORKS.register(_name, _entry)
register_network = NETWORKS.register


def check_network_name(name: str) -> None:
    """Raise as `NETWORKS.get` does for an unknown name, without importing Keras for a known one."""
    if name not in NETWORKS:
        NETWORKS.get(name)


def build_network(
    name: str, image_shape: ImageShape, num_classes: int, kwargs: Mapping[str, Any] | None = None
) -> keras.Model:
    """Build a network by name.

    Args:
        name: A registered name, or `"module:attribute"`.
        image_shape: (H, W, C).
        num_classes: K.
        kwargs: The network's own arguments, e.g. `{"width": 64}` for `convnet`.

    Returns:
        A model from (n, H, W, C) float32 in [0, 1] to (n, K) logits.

    Raises:
        ValueError: If the name or an argument is unknown, or the network cannot take images of that size.
    """
    # Building is TensorFlow's first operation in many scripts, and afterwards its threads are settled: with others
    # the same training gives other bits.
    from mps_env.threads import share_cores

    share_cores()
    builder = NETWORKS.get(name)
    kwargs = dict(kwargs or {})
    check_keywords(f"network {name!r}", builder, kwargs, skip=("image_shape", "num_classes"))
    return builder(image_shape, num_classes, **kwargs)


def require_stateless(name: str, model: keras.Model) -> None:
    """Check that a network is its trainable weights and nothing else, so that many sets of them can share a model.

    Raises:
        ValueError: If it has batch normalisation or dropout.
    """
    if model.non_trainable_variables:
        raise ValueError(
            f"network {name!r} has batch normalisation or dropout. Use 'convnet' or 'mps_cnn', for example."
        )


__all__ = ["NETWORKS", "build_network", "check_network_name", "register_network", "require_stateless"]
