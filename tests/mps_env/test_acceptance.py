from mps_env.acceptance import ACCEPTANCES


def keeps(name, before, after):
    rule = ACCEPTANCES.get(name)
    return rule.keeps(rule.rank(*before), rule.rank(*after))


def test_always_keeps_whatever_comes():
    assert keeps("always", (0.9, 0.1), (0.1, 0.9))


def test_improve_compares_accuracy_then_loss():
    assert keeps("improve", (0.5, 0.2), (0.6, 0.9))
    assert keeps("improve", (0.5, 0.2), (0.5, 0.2))
    assert not keeps("improve", (0.5, 0.2), (0.5, 0.3))
    assert not keeps("improve", (0.5, 0.2), (0.4, 0.1))


def test_descend_compares_the_loss_alone():
    assert keeps("descend", (0.5, 0.2), (0.4, 0.1))
    assert not keeps("descend", (0.5, 0.2), (0.6, 0.3))
