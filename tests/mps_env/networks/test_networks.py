"""Every registered network gives logits of the right shape, and says which sizes it takes."""

from __future__ import annotations

import re

import numpy as np
import pytest

from mps_env.networks import NETWORKS, build_network

SMALL = {"convnet": {"width": 8}, "vgg11": {"width": 0.0625}, "resnet18": {"width": 0.0625}}


@pytest.mark.parametrize("name", NETWORKS.names())
@pytest.mark.parametrize("image_shape", [(8, 8, 1), (28, 28, 1), (32, 32, 3)])
def test_output_is_logits_for_each_class(name: str, image_shape: tuple[int, int, int]) -> None:
    model = build_network(name, image_shape, 7, SMALL.get(name))
    images = np.random.default_rng(0).random((2, *image_shape), np.float32)
    logits = np.asarray(model(images))
    assert logits.shape == (2, 7)
    assert not np.allclose(logits.sum(axis=1), 1)


def test_mps_cnn_has_the_published_number_of_weights() -> None:
    # 3*3*1*32+32, 3*3*32*64+64, 3*3*64*64+64, 3*3*64*64+64 (dense on 3x3x64), 64*10+10
    assert build_network("mps_cnn", (28, 28, 1), 10).count_params() == 320 + 18496 + 36928 + 36928 + 650


def test_mps_cnn_pads_below_18_pixels() -> None:
    model = build_network("mps_cnn", (8, 8, 1), 10)
    assert [layer.padding for layer in model.layers if hasattr(layer, "kernel_size")] == ["same"] * 3


@pytest.mark.parametrize("side", [17, 18, 19, 28, 29, 32])
def test_mps_cnn_equals_the_plain_keras_model(side: int) -> None:
    from mps_env.training.keras_reference import build_plain_mps_cnn

    ours, plain = build_network("mps_cnn", (side, side, 1), 10), build_plain_mps_cnn((side, side, 1), 10)
    ours.set_weights(plain.get_weights())
    images = np.random.default_rng(0).random((3, side, side, 1), np.float32)
    exponentials = np.exp(np.asarray(ours(images)))
    np.testing.assert_allclose(exponentials / exponentials.sum(1, keepdims=True), np.asarray(plain(images)), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "side", "kwargs", "message"),
    [
        ("mps_cnn", 3, {}, "takes images of 4x4 pixels and up, got 3x3"),
        ("lenet", 7, {}, "takes images of 8x8 pixels and up, got 7x7"),
        ("convnet", 8, {"depth": 4}, "takes images of 16x16 pixels and up, got 8x8. Use depth=3 or less."),
        ("convnet", 8, {"norm": "group"}, "must be one of instance, batch, layer, none, got 'group'"),
        ("convnet", 8, {"widht": 4}, "takes no argument 'widht'. Did you mean 'width'? Allowed: width, depth, norm."),
        ("mps_cn", 8, {}, "unknown network 'mps_cn'. Did you mean 'mps_cnn'?"),
    ],
)
def test_errors_say_what_is_allowed(name: str, side: int, kwargs: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        build_network(name, (side, side, 1), 10, kwargs)
