"""Kernel ridge regression on the features of a fixed bank of random conv nets."""
