import numpy as np

from agents.distillers.packing import pack, unpack


def test_a_slot_holds_its_small_images_row_by_row():
    levels = np.array([0.1, 0.2, 0.3, 0.4], np.float32)
    images = np.ones((4, 8, 8, 1), np.float32) * levels[:, None, None, None]
    slot = pack(images, 2)
    assert slot.shape == (1, 8, 8, 1)
    np.testing.assert_allclose(slot[0, ::4, ::4, 0], [[0.1, 0.2], [0.3, 0.4]], rtol=1e-6)
    np.testing.assert_allclose(unpack(slot, 2).numpy(), images, rtol=1e-6)


def test_whole_images_stay_as_they_are():
    images = np.random.default_rng(0).random((3, 8, 8, 1), np.float32)
    np.testing.assert_array_equal(pack(images, 1), images)
    np.testing.assert_array_equal(unpack(images, 1).numpy(), images)
