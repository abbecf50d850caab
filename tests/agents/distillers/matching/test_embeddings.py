import numpy as np
import pytest

from agents.distillers.matching.embeddings import EmbeddingProgram
from agents.distillers.matching.siamese import identity


def test_the_distance_is_between_mean_embeddings_and_falls_along_the_gradient():
    # Of a single layer the embedding is the image itself: means (1, ..., 1) and (3, ..., 3) are 2 apart in 4 pixels.
    program = EmbeddingProgram("linear", {}, (2, 2, 1), 2)
    real = np.ones((3, 2, 2, 1), np.float32)
    ours = np.full((2, 2, 2, 1), 3, np.float32)
    distance, gradients = program.match([real], [ours], [identity()])
    assert distance == pytest.approx(16)
    np.testing.assert_allclose(gradients[0], 2)  # 2 * 2 of the mean, half of it through each of two images
