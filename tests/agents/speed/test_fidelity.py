from scipy.stats import spearmanr

from agents.speed.fidelity import measure_fidelity
from agents.speed.steps import growth_exponent
from mps_env.evaluation import AuditConfig


def test_thirty_sets_are_rated_and_the_search_stands_by_itself():
    kinds = []
    found = measure_fidelity(
        ["ridge"],
        dataset="digits",
        data_dir=None,
        n_images=20,
        search_steps=4,
        audit_config=AuditConfig(network="linear", seeds=1, steps=100, eval_points=1),
        on_audit=kinds.append,
    )["ridge"]
    assert found["sets"] == len(kinds) == len(found["rows"]) == 30
    for name, sign in (("loss", -1), ("accuracy", 1)):
        expected = spearmanr([sign * row[name] for row in found["rows"]], [row["audited"] for row in found["rows"]])
        assert found[f"spearman_{name}"] == expected.statistic
    assert {"random", "herding", "kcenter", "k-means", "50% wrong labels", "search 1, step 4"} <= set(kinds)
    assert found["search"]["audited_at_start"] > 0


def test_the_growth_exponent_of_cubes_is_three():
    assert round(growth_exponent([10, 20, 40], [1, 8, 64]), 6) == 3
