"""Policies that do not learn: random, one edit for ever, greedy local search."""
