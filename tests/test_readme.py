"""The README's programs run as they stand, and its table of recipes says what the raw rows do."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_python_programs_of_the_readme_run_one_after_the_other(tmp_path):
    programs = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(programs) >= 3
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(programs)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(README.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert (tmp_path / "my_set.npz").is_file()


def test_the_table_of_recipes_is_the_csv_s():
    with (README.parent / "examples" / "results" / "recipes.csv").open(newline="") as file:
        rows = {row["command"]: row for row in csv.DictReader(file)}
    table = (
        README.read_text(encoding="utf-8")
        .split("| command | test accuracy | random policy", 1)[1]
        .split("\n\n", 1)[0]
        .splitlines()[2:]
    )
    cells = [[cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")] for line in table]
    shown = {row[0].split("`")[1]: row[1:] for row in cells}
    assert shown.keys() == rows.keys()
    for command, row in rows.items():
        spread = f" ± {100 * float(row['test_accuracy_std']):.1f}" if int(row["audit_seeds"]) > 1 else ""
        others = [row[name] for name in ("random_policy", "initial_set", "random_images", "reported")]
        assert shown[command] == [
            f"{100 * float(row['test_accuracy_mean']):.1f}{spread}",
            *(f"{100 * float(one):.1f}" if one else "" for one in others),
            f"{float(row['seconds']):.0f}",
        ]
