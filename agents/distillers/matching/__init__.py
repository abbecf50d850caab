"""What gradient and distribution matching share: pixels, siamese augmentation, programs that work class by class."""
