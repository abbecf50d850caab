"""Kernel-regression distillation (FRePo, RFAD)."""
