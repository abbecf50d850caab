import pytest

from agents.runs.config import RunConfig
from agents.runs.folder import RunFolder, create_folder, default_path


def test_a_folder_appears_with_its_config(tmp_path):
    folder = create_folder(tmp_path / "deep" / "run", RunConfig(seed=3))
    assert folder.read_config().seed == 3
    assert not folder.is_finished
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["run"]


def test_an_existing_run_is_not_overwritten(tmp_path):
    create_folder(tmp_path / "run", RunConfig())
    with pytest.raises(FileExistsError, match=r"exists already. Choose another --out, or continue it with --resume"):
        create_folder(tmp_path / "run", RunConfig())


def test_an_empty_folder_may_be_used(tmp_path):
    (tmp_path / "run").mkdir()
    assert create_folder(tmp_path / "run", RunConfig()).config.exists()


def test_a_folder_without_a_config_is_no_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="is no run folder: it has no config.json"):
        RunFolder(tmp_path).read_config()


def test_a_config_that_is_no_json_is_named(tmp_path):
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ValueError, match=r"config.json cannot be used"):
        RunFolder(tmp_path).read_config()


def test_writing_the_summary_finishes_the_run_and_drops_the_checkpoint(tmp_path):
    folder = create_folder(tmp_path / "run", RunConfig())
    folder.synthetic_set.write_bytes(b"")
    folder.write_summary({"test_accuracy_mean": 0.5})
    assert folder.is_finished
    assert folder.read_summary() == {"test_accuracy_mean": 0.5}
    assert not folder.checkpoint.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_a_summary_that_cannot_be_used_is_named(tmp_path, text):
    folder = create_folder(tmp_path / "run", RunConfig())
    folder.summary.write_text(text)
    with pytest.raises(ValueError, match=r"summary.json .*Remove it, and --resume makes it again"):
        folder.read_summary()


def test_default_paths_are_numbered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = default_path(RunConfig())
    assert str(first) == "runs/digits-ipc10-dqn-seed0"
    first.mkdir(parents=True)
    assert str(default_path(RunConfig())) == "runs/digits-ipc10-dqn-seed0-2"
