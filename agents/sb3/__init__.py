"""Stable-Baselines3's and sb3-contrib's algorithms behind the interface that all agents share."""
