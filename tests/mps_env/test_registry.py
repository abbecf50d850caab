import pytest

from mps_env.registry import Registry, import_object, nearest_names


@pytest.fixture
def registry():
    made = Registry("fruit")
    made.register("apple", "operator:add")
    made.register("pear", len)
    return made


def test_a_string_entry_is_imported_on_first_use(registry):
    import operator

    assert registry.get("apple") is operator.add


def test_an_entry_may_be_registered_again_after_its_first_use(registry):
    registry.get("apple")
    registry.register("apple", "operator:add")
    with pytest.raises(ValueError, match="the fruit name 'apple' is taken"):
        registry.register("apple", "operator:sub")


@pytest.mark.parametrize("path", [":x", "math:", ":"])
def test_half_an_import_path_is_refused(path):
    with pytest.raises(ValueError, match="is no import path. Write 'module:attribute'"):
        import_object(path)


def test_an_object_entry_is_returned_as_it_is(registry):
    assert registry.get("pear") is len


def test_register_works_as_a_decorator(registry):
    @registry.register("plum")
    def plum():
        return 1

    assert registry.get("plum") is plum


def test_an_unregistered_module_attribute_is_imported(registry):
    import math

    assert registry.get("math:pi") == math.pi


def test_a_taken_name_is_refused(registry):
    with pytest.raises(ValueError, match="the fruit name 'pear' is taken"):
        registry.register("pear", max)


def test_the_same_entry_may_be_registered_twice(registry):
    registry.register("pear", len)
    assert registry.names() == ("apple", "pear")


def test_a_name_with_a_colon_is_refused(registry):
    with pytest.raises(ValueError, match="contains ':'"):
        registry.register("a:b", len)


def test_an_unknown_name_gets_the_nearest_and_all_known(registry):
    with pytest.raises(ValueError, match=r"unknown fruit 'aple'. Did you mean 'apple'\? Known: apple, pear"):
        registry.get("aple")


def test_a_name_that_is_no_string_is_refused(registry):
    with pytest.raises(TypeError, match="fruit must be given by name, got int"):
        registry.get(3)


def test_a_module_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="'nowhere_at_all:x' names no module"):
        import_object("nowhere_at_all:x")


def test_an_attribute_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="module 'math' has no attribute 'tau2'"):
        import_object("math:tau2")


def test_a_name_far_from_all_gets_no_suggestion():
    assert nearest_names("zzz", ["apple"]) == ""
