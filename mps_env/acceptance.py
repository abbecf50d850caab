"""Which edits stand, and which of two sets is the better one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mps_env.registry import Registry

Rank = tuple[float, ...]


@dataclass(frozen=True)
class Acceptance:
    """A rule by name.

    Args:
        rank: (validation accuracy, validation loss) -> what sets are compared by; higher is better.
        takes_back: Whether an edit that lowers the rank is taken back.
    """

    rank: Callable[[float, float], Rank]
    takes_back: bool

    def keeps(self, before: Rank, after: Rank) -> bool:
        """Whether an edit that led from one rank to another stands."""
        return not self.takes_back or after >= before


def by_accuracy(accuracy: float, loss: float) -> Rank:
    """Compare by accuracy, and where that is equal by loss."""
    return accuracy, -loss


def by_loss(accuracy: float, loss: float) -> Rank:
    """Compare by loss alone.

    Accuracy moves in steps of one validation image, and a long climb on it learns which images those are; the loss
    weighs all of them. On MNIST with the ridge proxy, a climb by loss audits several points above one by accuracy.
    """
    return (-loss,)


ACCEPTANCES: Registry[Acceptance] = Registry("accept")
ACCEPTANCES.register("always", Acceptance(by_accuracy, takes_back=False))
ACCEPTANCES.register("improve", Acceptance(by_accuracy, takes_back=True))
ACCEPTANCES.register("descend", Acceptance(by_loss, takes_back=True))
