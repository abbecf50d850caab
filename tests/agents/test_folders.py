import pytest

from agents.folders import check_new, new_folder


def test_a_folder_whose_making_fails_does_not_appear(tmp_path):
    def fill_and_fail():
        with new_folder(tmp_path / "new") as temporary:
            (temporary / "file").write_text("")
            raise KeyError

    with pytest.raises(KeyError):
        fill_and_fail()
    assert list(tmp_path.iterdir()) == []


def test_a_path_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="is a file"):
        check_new(tmp_path / "file" / "run")
