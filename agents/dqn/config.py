"""The settings of the Keras DQN; the defaults are the MPS family's, with the field's repairs switched on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from agents.settings import require

Head = Literal["linear", "softmax"]


@dataclass(frozen=True, kw_only=True)
class DQNConfig:
    """How the DQN learns. Switch off the fields of the second group to get the family's original."""

    hidden: tuple[int, ...] = (24, 24)  # ReLU units of each dense layer
    # linear: squared error (MPS1); softmax: categorical cross-entropy (MPS2), whose values share one unit of
    # probability and so rank actions of the next step well, but not those of a longer future
    head: Head = "linear"
    gamma: float = 0.95  # discount of the next step's value
    epsilon_start: float = 1.0  # share of random actions at first
    epsilon_end: float = 0.01
    epsilon_decay: float = 0.995  # epsilon is multiplied by this at every replay
    learning_rate: float = 1e-3  # of Adam
    batch_size: int = 32  # transitions per replay
    memory_size: int = 10_000  # transitions kept, the oldest go first
    memory_bytes: int = 512 * 2**20  # bound on the memory's arrays; large observations get fewer transitions
    train_every: int = 1  # steps between replays

    batched: bool = True  # one update per replay; off: the family's loop, one per transition
    target_network: bool = True  # bootstrap from a copy that lags behind; off: from the network itself
    target_update_every: int = 100  # replays between copies
    double: bool = True  # choose the next action by the network, value it by the target network
    mask_actions: bool = True  # leave forbidden actions out of acting and of the bootstrap's maximum
    bootstrap_truncated: bool = True  # from the last state of a truncated episode; off: it counts as terminated
    normalize: bool | None = None  # values relative to what the last reward predicts; None: with the linear head

    def __post_init__(self) -> None:
        require("head", self.head, self.head in get_args(Head), f"one of {', '.join(get_args(Head))}")
        require("gamma", self.gamma, 0 <= self.gamma < 1, "in [0, 1)")
        require("epsilon_start", self.epsilon_start, 0 <= self.epsilon_start <= 1, "in [0, 1]")
        require("epsilon_end", self.epsilon_end, 0 <= self.epsilon_end <= 1, "in [0, 1]")
        require("epsilon_decay", self.epsilon_decay, 0 < self.epsilon_decay <= 1, "in (0, 1]")
        require("learning_rate", self.learning_rate, self.learning_rate > 0, "positive")
        for name in ("batch_size", "memory_size", "memory_bytes", "train_every", "target_update_every"):
            value = getattr(self, name)
            require(name, value, isinstance(value, int) and value >= 1, "a whole number >= 1")
        object.__setattr__(self, "hidden", tuple(self.hidden))  # JSON gives a list
        require("hidden", self.hidden, all(isinstance(n, int) and n >= 1 for n in self.hidden), "sizes >= 1")
        if self.memory_size < self.batch_size:
            raise ValueError(
                f"memory_size must be >= batch_size ({self.batch_size}), got {self.memory_size}. Raise it."
            )
        if self.normalize and self.head == "softmax":
            raise ValueError("normalize=True needs head='linear': a softmax holds no negative values. Leave it None.")

    @property
    def normalizes(self) -> bool:
        """Whether values are normalised."""
        return self.head == "linear" if self.normalize is None else self.normalize
