"""Dataset distillation as a Gymnasium environment; importing this registers `MPSDistill-v0`."""
