import base64
import csv
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from agents.benchmark.report import write_report
from agents.benchmark.report.results import read_results


class Page(HTMLParser):
    """The tags of a page, its ids, and its text by section."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def markdown(reported):
    return (reported / "report.md").read_text()


@pytest.fixture(scope="module")
def html(reported):
    return (reported / "report.html").read_text()


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def section(markdown, heading):
    return re.split(r"\n#+ ", markdown.split(f"{heading}\n", 1)[1], maxsplit=1)[0]


def rows_of(table):
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in table.splitlines() if line.startswith("|")]


# --- Markdown ---


def test_the_leaderboard_gives_accuracy_with_interval_and_spread(markdown, reported):
    accuracies = [
        run.figures.test_accuracy
        for run in read_results(reported).finished
        if run.entrant == "ppo" and run.task.dataset == "digits"
    ]
    header, _, *rows = rows_of(section(markdown, "### digits, ipc 1"))
    (row,) = (row for row in rows if row[0].strip() == "ppo")
    cells = dict(zip((name.strip() for name in header), (cell.strip() for cell in row), strict=True))
    middle = 100 * np.mean(sorted(accuracies)[1:-1])  # of five runs the middle half is three
    assert cells["test accuracy, IQM"].startswith(f"{middle:.1f} % [")
    assert cells["mean ± std"] == f"{100 * np.mean(accuracies):.1f} ± {100 * np.std(accuracies, ddof=1):.1f} %"
    assert (cells["runs"], cells["environment steps"], cells["proxy trainings"]) == ("5", "24", "25")
    assert cells["wall time"] == "2.5 s"


def test_everyone_is_compared_with_everyone(markdown):
    header, _, *rows = rows_of(section(markdown, "## Comparisons"))
    names = [name.strip() for name in header[1:]]
    assert len(names) > 2
    assert [row[0].strip() for row in rows] == names


def test_every_table_has_as_many_cells_in_each_row(markdown):
    for table in re.findall(r"(?:^\|.*\n)+", markdown, flags=re.M):
        assert len({len(row) for row in rows_of(table)}) == 1, table


def test_a_warning_stands_beside_figures_of_few_seeds(markdown):
    rows = rows_of(section(markdown, "### digits, ipc 1"))
    warned = {row[0].strip(): "⚠" in "".join(row) for row in rows[2:]}
    assert warned == {"herding\\|x&lt;b> (reference)": False, "ppo": False, "dqn": True, "random real images": False}


def test_a_failed_run_is_listed_with_its_error(markdown):
    assert rows_of(section(markdown, "### Failed runs"))[2] == [
        " ppo ", " letters, ipc 5 ", " 3 ", " MemoryError: no room for \\| &lt;script>alert(1)&lt;/script> ",
    ]  # fmt: skip
    assert "> ⚠ 1 of 24 runs failed (ppo)" in markdown


def test_every_picture_of_the_markdown_is_there_and_can_be_opened(markdown, reported):
    pictures = re.findall(r"!\[(.+)\]\((.+)\)", markdown)
    assert len(pictures) == 3 + 3 + 1 + 2
    for words, path in pictures:
        assert words
        Image.open(reported / path).verify()


def test_both_reports_say_what_command_and_which_versions_made_it(markdown, page):
    for text in (markdown, page.text):
        assert "mps benchmark --agents ppo dqn" in text
        assert "mps-distill 0.1.0, numpy 2.4.6" in text
        assert "the distiller with the highest mean validation accuracy" in text


def test_a_second_report_is_the_same(write_benchmark, contestant):
    out = write_benchmark(tasks=[("digits", 1, 0.6)], contestants=[contestant("ppo", 0.1, seeds=2)])
    write_report(out)
    first = {path.name: path.read_bytes() for path in [*out.glob("report.*"), *out.glob("plots/*")]}
    write_report(out)
    assert first == {path.name: path.read_bytes() for path in [*out.glob("report.*"), *out.glob("plots/*")]}


# --- the page ---


def test_the_page_asks_for_nothing_outside_itself(page, html):
    links = [value for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "href")]
    assert links
    assert all(link.startswith(("#", "data:")) for link in links)
    assert not re.search(r"url\((?!#)|@import|fetch\(", html)


def test_ids_are_unique_and_links_inside_the_page_lead_somewhere(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in page.of("a") + page.of("use")} <= set(ids)


def test_what_users_named_is_text_and_never_markup(page):
    assert page.text.count("herding|x<b>") > 5
    assert "alert(1)" in page.text
    assert not page.of("b")
    assert len(page.of("script")) == 2


def test_pictures_have_alternative_text(page):
    for image in page.of("img"):
        assert image["alt"]
    for drawing in page.of("svg") + page.of("canvas"):
        assert drawing.get("aria-hidden") == "true" or drawing["aria-label"]


def test_the_page_is_small(html):
    assert len(html) < 400_000


def test_the_player_has_an_episode_of_each_task(html):
    (data,) = re.findall(r'<script type="application/json" id="player-data">(.*?)</script>', html, flags=re.S)
    episodes = json.loads(data)
    assert [episode["task"] for episode in episodes] == ["digits, ipc 1", "letters, ipc 5"]
    for episode in episodes:
        assert len(episode["slots"]) == len(episode["images"]) == len(episode["accuracies"]) == 12
        assert base64.b64decode(episode["sheet"].partition(",")[2])[:4] in (b"\x89PNG", b"RIFF")
        assert episode["whose"].startswith(("ppo, seed", "dqn, seed"))


def test_colours_of_a_drawing_follow_the_theme(html):
    plots = re.findall(r'<svg class="plot".*?</svg>', html, flags=re.S)
    assert len(plots) == 2 * 3 + 3 + 1
    for plot in plots:
        assert "var(--series-0)" in plot
        assert not re.search(r"(?:fill|stroke): #(?!none)", plot)


# --- less to report on ---


def test_one_task_needs_no_overall_table(write_benchmark):
    out = write_benchmark(tasks=[("digits", 1, 0.6)])
    write_report(out)
    assert "All tasks" not in (out / "report.md").read_text()


def test_a_benchmark_in_which_all_failed_is_reported(write_benchmark, contestant):
    out = write_benchmark(
        tasks=[("letters", 5, 0.4)], contestants=[contestant("ppo", 0.1, seeds=1)], failed=("ppo", "letters", 0)
    )
    write_report(out)
    assert "Nobody finished a run of every task" in (out / "report.md").read_text()
    assert "MemoryError" in (out / "report.html").read_text()


def test_distillers_alone_are_reported_without_a_player(write_benchmark, contestant):
    distillers = [contestant("herding", 0.05, is_agent=False), contestant("kcenter", 0.01, is_agent=False)]
    out = write_benchmark(contestants=distillers)
    write_report(out)
    html = (out / "report.html").read_text()
    assert Page(html).of("canvas") == []
    assert "learning_curves_env_steps" not in (out / "report.md").read_text()


def test_one_seed_is_reported_without_intervals(write_benchmark, contestant):
    out = write_benchmark(contestants=[contestant("ppo", 0.1, seeds=1)], failed=None)
    write_report(out)
    row = rows_of(section((out / "report.md").read_text(), "### digits, ipc 1"))[2]
    assert "[" not in "".join(row)
    assert "⚠ fewer than 5 seeds" in "".join(row)


def test_many_entrants_are_told_apart_by_dashes(write_benchmark, contestant):
    from agents.benchmark.report.looks import looks_of

    looks = looks_of([f"agent {number}" for number in range(24)])
    assert len(set(looks.values())) == 24


def test_run_folders_without_pictures_leave_a_report_without_them(write_benchmark, contestant):
    out = write_benchmark(tasks=[("digits", 1, 0.6)], contestants=[contestant("ppo", 0.1, seeds=2)])
    for path in [*out.glob("runs/*/trajectory.npz"), *out.glob("runs/*/synthetic.npz")]:
        path.unlink()
    write_report(out)
    page = Page((out / "report.html").read_text())
    assert page.of("img") == page.of("canvas") == []


def test_names_with_special_characters_are_shown_as_they_are(write_benchmark, contestant):
    tasks = [("/x/images", 1, 0.5), ("/y/images", 1, 0.5), ('/z/a "$x_{$<b>.npz', 1, 0.5)]
    out = write_benchmark(tasks=tasks, contestants=[contestant("ppo $\\frac$", 0.1, seeds=2)], failed=None)
    write_report(out)
    markdown, html = (out / "report.md").read_text(), (out / "report.html").read_text()
    pictures = re.findall(r"\]\((plots/[^)]*)\)", markdown)
    assert len(set(pictures)) == len(pictures)
    assert all((out / picture).is_file() for picture in pictures)
    assert "x/images, ipc 1" in markdown
    assert "y/images, ipc 1" in markdown
    assert len(Page(html).of("b")) == 0
    ids = [attributes["id"] for _, attributes in Page(html).tags if "id" in attributes]
    assert len(set(ids)) == len(ids)


def test_one_training_has_no_spread(write_benchmark, contestant):
    out = write_benchmark(contestants=[contestant("ppo", 0.1)], failed=None)
    assert "± 0.4 %" in _written(out)
    results = out / "results.csv"
    results.write_text(results.read_text().replace("mps_cnn,5\n", "mps_cnn,1\n"))
    assert "± 0.4 %" not in _written(out)


def _written(out):
    write_report(out)
    return (out / "report.html").read_text()


def test_what_was_measured_is_said(write_benchmark, contestant):
    agents = [{"name": "ppo", "agent": "ppo"}, {"name": "dqn from digits", "agent": "saved:runs/teacher"}]
    env = {"proxy": "ridge", "proxy_kwargs": {"nets": 2}, "observation": "features", "edits": None, "accept": "always"}
    config = {"agents": agents, "env": env, "audit": {"steps": 10}, "episode_steps": 50}
    out = write_benchmark(contestants=[contestant("ppo", 0.1)], failed=None, config=config)
    results = out / "results.csv"
    rows = list(csv.DictReader(results.read_text().splitlines()))
    with results.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "rehearsal_steps": 2000} for row in rows)
    write_report(out)
    terms = {row[0].strip(): row[1] for row in rows_of(section((out / "report.md").read_text(), "measured"))}
    assert "proxy ridge, observation features, accept always, proxy_kwargs nets 2" in terms["task"]
    assert "episodes of 50 steps, all edits but stop" in terms["task"]
    assert "mps_cnn, 5 trainings a set; steps 10" in terms["audit"]
    assert "ppo rehearses 2,000 steps under the ridge proxy beforehand" in terms["budget"]
    assert "dqn from digits acts as it has learned elsewhere" in terms["budget"]
