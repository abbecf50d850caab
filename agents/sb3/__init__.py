"""Stable-Baselines3's and sb3-contrib's algorithms behind the face that all agents share."""
