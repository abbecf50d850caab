"""PPO in one file, in the manner of CleanRL, on `gym.make_vec`: NumPy, PyTorch and Gymnasium, nothing else.

    python examples/cleanrl_ppo.py

Prints after each update the mean validation accuracy of the environments' sets and the mean return of the episodes that
ended. The loss and its terms are those of Schulman et al. (2017), the advantages those of Schulman et al. (2016).
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import gymnasium as gym
import numpy as np
import torch
from gymnasium.vector import AutoresetMode
from torch import nn
from torch.distributions import Categorical

import mps_env  # noqa: F401 (registers MPSDistill-v0)


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings of the run."""

    steps: int = 4_096  # environment steps
    num_envs: int = 8
    rollout: int = 64  # steps of each environment between two updates
    epochs: int = 4  # passes over a rollout
    minibatch: int = 64
    learning_rate: float = 1e-3
    discount: float = 0.95
    gae_lambda: float = 0.95
    clip: float = 0.2
    entropy: float = 0.01  # weight of the entropy bonus
    value: float = 0.5  # weight of the value loss
    max_gradient: float = 0.5  # norm
    seed: int = 0


class ActorCritic(nn.Module):
    """Two small networks: logits of actions, and the value of a state."""

    def __init__(self, observation_size: int, num_actions: int) -> None:
        super().__init__()
        self.actor = self._network(observation_size, num_actions, scale=0.01)
        self.critic = self._network(observation_size, 1, scale=1.0)

    def forward(self, observations: torch.Tensor) -> tuple[Categorical, torch.Tensor]:
        """Return the distribution of actions and the values (n,) for (n, D) observations."""
        return Categorical(logits=self.actor(observations)), self.critic(observations).squeeze(-1)

    @staticmethod
    def _network(inputs: int, outputs: int, *, scale: float) -> nn.Sequential:
        last = nn.Linear(64, outputs)
        nn.init.orthogonal_(last.weight, scale)
        return nn.Sequential(nn.Linear(inputs, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), last)


def advantages_of(
    rewards: torch.Tensor, values: torch.Tensor, dones: torch.Tensor, last_values: torch.Tensor, config: Config
) -> torch.Tensor:
    """Return generalised advantages; all (T, n) but `last_values` (n,). `dones` marks steps that end an episode."""
    advantages = torch.zeros_like(rewards)
    running = torch.zeros_like(last_values)
    following = last_values
    for step in reversed(range(len(rewards))):
        alive = 1.0 - dones[step]
        error = rewards[step] + config.discount * following * alive - values[step]
        running = error + config.discount * config.gae_lambda * alive * running
        advantages[step], following = running, values[step]
    return advantages


def update(
    agent: ActorCritic, optimizer: torch.optim.Optimizer, batch: dict[str, torch.Tensor], config: Config
) -> None:
    """Take `epochs` passes over a rollout, whose entries have one row per step."""
    for _ in range(config.epochs):
        for rows in torch.randperm(len(batch["actions"])).split(config.minibatch):
            part = {name: entry[rows] for name, entry in batch.items()}
            policy, values = agent(part["observations"])
            ratio = (policy.log_prob(part["actions"]) - part["log_probabilities"]).exp()
            advantages = (part["advantages"] - part["advantages"].mean()) / (part["advantages"].std() + 1e-8)
            clipped = ratio.clamp(1 - config.clip, 1 + config.clip)
            policy_loss = -torch.minimum(ratio * advantages, clipped * advantages).mean()
            value_loss = nn.functional.mse_loss(values, part["returns"])
            loss = policy_loss + config.value * value_loss - config.entropy * policy.entropy().mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), config.max_gradient)
            optimizer.step()


def train(config: Config) -> ActorCritic:
    """Train and return an agent."""
    torch.manual_seed(config.seed)
    torch.set_num_threads(1)  # on networks this small, several only wait for each other
    envs = gym.make_vec(
        "MPSDistill-v0",
        num_envs=config.num_envs,
        proxy="ridge",
        observation="features",
        reward="gain",
        # An episode that ends is followed by the next in the same step, so that every step of a rollout counts.
        autoreset_mode=AutoresetMode.SAME_STEP,
    )
    agent = ActorCritic(envs.single_observation_space.shape[0], int(envs.single_action_space.n))
    optimizer = torch.optim.Adam(agent.parameters(), config.learning_rate)
    observations = torch.from_numpy(envs.reset(seed=config.seed)[0])
    returns, finished = np.zeros(config.num_envs), []
    per_update = config.rollout * config.num_envs

    for done_steps in range(per_update, max(config.steps, per_update) + 1, per_update):
        rollout: dict[str, list[torch.Tensor]] = {}
        for _ in range(config.rollout):
            with torch.no_grad():
                policy, values = agent(observations)
                actions = policy.sample()
            following, rewards, terminated, truncated, infos = envs.step(actions.numpy())
            dones = terminated | truncated
            returns += rewards
            finished += returns[dones].tolist()
            returns[dones] = 0.0
            for name, entry in (
                ("observations", observations),
                ("actions", actions),
                ("log_probabilities", policy.log_prob(actions)),
                ("values", values),
                ("rewards", torch.from_numpy(rewards).float()),
                ("dones", torch.from_numpy(dones).float()),
            ):
                rollout.setdefault(name, []).append(entry)
            observations = torch.from_numpy(following)
        steps = {name: torch.stack(entries) for name, entries in rollout.items()}  # (T, n, ...)
        with torch.no_grad():
            last_values = agent(observations)[1]
        advantages = advantages_of(steps["rewards"], steps["values"], steps["dones"], last_values, config)
        steps |= {"advantages": advantages, "returns": advantages + steps["values"]}
        update(agent, optimizer, {name: entry.flatten(0, 1) for name, entry in steps.items()}, config)
        gained = f", return {np.mean(finished[-20:]):+.3f}" if finished else ""
        print(f"{done_steps:>6} steps: validation accuracy {infos['val_accuracy'].mean():.1%}{gained}")
    envs.close()
    return agent


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=Config.steps)
    train(Config(steps=parser.parse_args().steps))
