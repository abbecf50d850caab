"""Every registered network gives logits of the right shape, and says which sizes it takes."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest

from mps_env.networks import NETWORKS, build_network

SMALL = {
    "convnet": {"width": 8},
    **{name: {"width": 0.0625} for name in ("vgg11", "resnet18", "alexnet_full", "vgg11_full")},
}
APPLICATIONS = ("resnet50", "densenet121", "inception_v3")  # seconds to build, and no smaller form of them
SHAPES = [(8, 8, 1), (28, 28, 1), (32, 32, 3)]


def networks_and_shapes() -> list[object]:
    """Every network with every shape; of the costly ones only the smallest images are in the default suite."""
    return [
        pytest.param(name, shape, marks=pytest.mark.slow if name in APPLICATIONS and shape != SHAPES[0] else ())
        for name in NETWORKS.names()
        for shape in SHAPES
    ]


@pytest.mark.parametrize(("name", "image_shape"), networks_and_shapes())
def test_output_is_logits_for_each_class(name: str, image_shape: tuple[int, int, int]) -> None:
    model = build_network(name, image_shape, 7, SMALL.get(name))
    assert model.input_shape == (None, *image_shape)
    images = np.random.default_rng(0).random((2, *image_shape), np.float32)
    logits = np.asarray(model(images))
    assert logits.shape == (2, 7)
    assert not np.allclose(logits.sum(axis=1), 1)


def test_mps_cnn_has_the_published_number_of_weights() -> None:
    # 3*3*1*32+32, 3*3*32*64+64, 3*3*64*64+64, 3*3*64*64+64 (dense on 3x3x64), 64*10+10
    assert build_network("mps_cnn", (28, 28, 1), 10).count_params() == 320 + 18496 + 36928 + 36928 + 650


@pytest.mark.parametrize(
    ("name", "features", "published"),
    [("resnet50", 2048, 23_587_712), ("densenet121", 1024, 7_037_504), ("inception_v3", 2048, 21_802_784)],
)
def test_a_dense_head_of_1024_stands_on_the_published_network(name: str, features: int, published: int) -> None:
    model = build_network(name, (32, 32, 3), 10)
    assert model.count_params() == published + features * 1024 + 1024 + 1024 * 10 + 10
    assert [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)] == [1024, 10]
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert {layer.momentum for layer in norms} == {0.9}


@pytest.mark.slow
@pytest.mark.parametrize(
    # AlexNet's 62,378,344 are those of the form without groups; VGG's 2 x 2,752 on top are moving statistics.
    ("name", "published"),
    [("alexnet_full", 62_378_344), ("vgg11_full", 132_868_840 + 2 * 2_752)],
)
def test_the_full_forms_have_the_published_number_of_weights(name: str, published: int) -> None:
    assert build_network(name, (8, 8, 3), 1000, {"size": "native"}).count_params() == published


@pytest.mark.parametrize("name", ["alexnet_full", "vgg11_full"])
def test_the_full_forms_drop_half_of_two_dense_layers(name: str) -> None:
    layers = build_network(name, (8, 8, 1), 10, SMALL[name]).layers
    assert [layer.units for layer in layers if isinstance(layer, keras.layers.Dense)] == [256, 256, 10]
    assert [layer.rate for layer in layers if isinstance(layer, keras.layers.Dropout)] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("name", "side"), [("lenet", 32), ("alexnet", 32), ("vgg11", 32), ("resnet18", 32), ("vgg11_full", 224)]
)
def test_native_size_is_a_resizing_layer(name: str, side: int) -> None:
    model = build_network(name, (8, 8, 1), 10, {**SMALL.get(name, {}), "size": "native"})
    resizing = [layer for layer in model.layers if isinstance(layer, keras.layers.Resizing)]
    assert [(layer.height, layer.width) for layer in resizing] == [(side, side)]


def test_lenet_sees_28_pixels_as_they_are_unless_told() -> None:
    def dense_inputs(**kwargs: object) -> int:
        layers = build_network("lenet", (28, 28, 1), 10, kwargs).layers
        return next(layer for layer in layers if isinstance(layer, keras.layers.Dense)).kernel.shape[0]

    # 28 padded -> pool 14 -> conv 10 -> pool 5, and 32 -> conv 28 -> the same.
    assert dense_inputs() == dense_inputs(size=32) == 16 * 5 * 5
    assert dense_inputs(size=64) == 16 * 13 * 13  # 64 -> 60 -> 30 -> 26 -> 13


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
        ("convnet", 8, {"width": 0.5}, "convnet's width must be a whole number >= 1, got 0.5"),
        ("mlp", 8, {"depth": 0}, "mlp's depth must be a whole number >= 1, got 0"),
        ("vgg11", 8, {"width": 0}, "vgg11's width must be a number > 0, got 0. 1.0 is the published size."),
        ("vgg11_full", 8, {"width": "half"}, "vgg11_full's width must be a number > 0, got 'half'"),
        ("linear", 8, {"size": 16}, "network 'linear' takes no argument 'size'. Allowed: none."),
        ("lenet", 8, {"size": 7}, "takes sizes of 8 pixels and up, got size=7. Use size=8, or size='native' for 32."),
        ("resnet50", 8, {"size": 31}, "takes sizes of 32 pixels and up, got size=31. Use size=32, or size='native'"),
        ("inception_v3", 8, {"size": 32}, "takes sizes of 75 pixels and up, got size=32. Use size=75"),
        ("alexnet_full", 8, {"size": 66}, "takes sizes of 67 pixels and up, got size=66. Use size=67"),
        ("mps_cn", 8, {}, "unknown network 'mps_cn'. Did you mean 'mps_cnn'?"),
    ],
)
def test_errors_say_what_is_allowed(name: str, side: int, kwargs: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        build_network(name, (side, side, 1), 10, kwargs)
