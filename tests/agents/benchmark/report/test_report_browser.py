"""The report in a real, headless Chromium: opened from its file, watched for errors and requests, and used."""

import json
import shutil
import time

import pytest

pytest.importorskip("selenium", reason="needs selenium: pip install selenium")
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from agents.benchmark.report import write_report

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="needs a browser: install chromium and chromium-driver (Debian), or Chrome and chromedriver",
)

PHONE, DESK = (375, 812), (1280, 900)
AA = 4.5  # the contrast that WCAG 2 asks of body text

CONTRASTS = """
const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = ([red, green, blue]) => [0.2126, 0.7152, 0.0722].reduce((sum, share, index) => {
  const value = [red, green, blue][index] / 255;
  return sum + share * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
}, 0);
const over = (above, below) => {
  const alpha = above.length > 3 ? above[3] : 1;
  return [0, 1, 2].map((index) => alpha * above[index] + (1 - alpha) * below[index]);
};
const behind = (node) => {
  const own = channels(getComputedStyle(node).backgroundColor);
  const rest = node.parentElement ? behind(node.parentElement) : [255, 255, 255];
  return over(own, rest);
};
const found = [];
for (const node of document.querySelectorAll("body *:not(script):not(style):not(option)")) {
  const says = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  if (!says || !node.checkVisibility() || node.closest(".unseen, svg, noscript")) continue;
  const [ink, page] = [light(channels(getComputedStyle(node).color)), light(behind(node))];
  found.push([(Math.max(ink, page) + 0.05) / (Math.min(ink, page) + 0.05), node.outerHTML.slice(0, 80)]);
}
return found;
"""
SMALL_PICTURE = """
const [whole, small] = [document.getElementById("player-set"), document.createElement("canvas")];
[small.width, small.height] = [whole.width, whole.height];
small.getContext("2d").drawImage(whole, 0, 0);
return small.toDataURL();
"""


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser, reported):
    """Open the report: `opened(size=PHONE, theme="dark")`."""

    def open_report(*, size=DESK, theme="light", folder=reported):
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
        for log in ("browser", "performance"):
            browser.get_log(log)  # what an earlier test left
        browser.get((folder / "report.html").as_uri())
        WebDriverWait(browser, 20).until(lambda page: player(page).get_attribute("data-ready") is not None)
        return browser

    return open_report


def player(page):
    return page.find_element(By.ID, "player")


def text(page, part):
    return page.find_element(By.ID, f"player-{part}").text


def step_of(page):
    return int(player(page).get_attribute("data-step"))


def test_it_opens_without_errors_and_without_any_request(opened):
    page = opened()
    page.find_element(By.ID, "player-best").click()
    assert page.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert asked  # of the page itself, so that the log is known to work
    assert all(url.startswith(("file:", "data:")) for url in asked)


def test_the_slider_moves_the_player(opened):
    page = opened()
    before = page.execute_script(SMALL_PICTURE)
    assert text(page, "step") == "Step 0 of 12"
    page.find_element(By.ID, "player-slider").send_keys(Keys.END)
    assert text(page, "step") == "Step 12 of 12"
    assert page.execute_script(SMALL_PICTURE) != before
    page.find_element(By.ID, "player-slider").send_keys(Keys.ARROW_LEFT)
    assert text(page, "step") == "Step 11 of 12"
    assert "on slot" in text(page, "what")
    assert "%" in text(page, "accuracy")
    page.find_element(By.ID, "player-slider").send_keys(Keys.HOME)
    assert page.execute_script(SMALL_PICTURE) == before


def test_the_play_button_plays_and_pauses(opened):
    page = opened()
    Select(page.find_element(By.ID, "player-speed")).select_by_value("2")  # slow: it must not end before the pause
    button = page.find_element(By.ID, "player-play")
    button.send_keys(Keys.SPACE)  # from the keyboard
    assert "Pause" in button.text
    WebDriverWait(page, 10, poll_frequency=0.05).until(lambda page: step_of(page) >= 2)
    button.click()
    stopped = step_of(page)
    assert "Play" in button.text
    time.sleep(0.8)  # more than a step takes
    assert step_of(page) == stopped


def test_playing_begins_anew_after_the_last_step_and_ends_there(opened):
    page = opened()
    page.find_element(By.ID, "player-slider").send_keys(Keys.END)
    page.find_element(By.ID, "player-play").click()  # two seconds for twelve steps
    WebDriverWait(page, 10, poll_frequency=0.05).until(lambda page: 0 < step_of(page) < 12)
    WebDriverWait(page, 10).until(lambda page: "Play" in text(page, "play"))
    assert step_of(page) == 12


def test_the_edited_slot_is_marked_where_it_is(opened):
    page = opened()
    page.find_element(By.ID, "player-slider").send_keys(Keys.ARROW_RIGHT)
    marked = page.execute_script("""
        const picture = document.getElementById("player-set");
        const mark = getComputedStyle(document.getElementById("player")).getPropertyValue("--mark").match(/\\w\\w/g);
        const [red, green, blue] = mark.map((pair) => parseInt(pair, 16));
        const { data } = picture.getContext("2d").getImageData(0, 0, picture.width, picture.height);
        const columns = [], rows = [];
        for (let pixel = 0; pixel < data.length / 4; pixel++) {
          if (data[4 * pixel] === red && data[4 * pixel + 1] === green && data[4 * pixel + 2] === blue) {
            columns.push(pixel % picture.width);
            rows.push(Math.floor(pixel / picture.width));
          }
        }
        const middle = (values) => (Math.min(...values) + Math.max(...values)) / 2;
        return [middle(columns) / picture.width, middle(rows) / picture.height];
    """)
    episode = json.loads(page.find_element(By.ID, "player-data").get_attribute("textContent"))[0]
    row, column = divmod(episode["cells"][episode["slots"][0]], episode["columns"])
    assert marked == pytest.approx([(column + 0.5) / episode["columns"], (row + 0.5) / 2], abs=0.02)


def test_the_button_for_the_highest_accuracy_goes_there(opened):
    page = opened()
    page.find_element(By.ID, "player-best").click()
    accuracies = json.loads(page.find_element(By.ID, "player-data").get_attribute("textContent"))[0]["accuracies"]
    assert step_of(page) == 1 + accuracies.index(max(accuracies))
    assert text(page, "accuracy").startswith(f"{100 * max(accuracies):.1f} %")


def test_another_task_can_be_chosen(opened):
    page = opened()
    page.find_elements(By.CSS_SELECTOR, "#player input[name=episode]")[1].send_keys(Keys.SPACE)
    WebDriverWait(page, 10).until(lambda page: player(page).get_attribute("data-ready") == "1")
    size = page.execute_script("const { width, height } = document.getElementById('player-set'); return width / height")
    assert size == pytest.approx(0.5, abs=0.05)  # five images per class: five columns, ten rows


@pytest.mark.parametrize("cost", ["env_steps", "proxy_trainings", "seconds"])
def test_curves_are_drawn_against_the_chosen_cost_alone(opened, cost):
    page = opened()
    page.find_element(By.CSS_SELECTOR, f"#learning input[value={cost}]").send_keys(Keys.SPACE)
    shown = {
        part.get_attribute("data-cost")
        for part in page.find_elements(By.CSS_SELECTOR, "#learning [data-cost]")
        if part.is_displayed()
    }
    assert shown == {cost}


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_page_does_not_scroll_sideways(opened, size):
    page = opened(size=size)
    page.execute_script("for (const part of document.querySelectorAll('details')) part.open = true")
    assert page.execute_script("return document.documentElement.scrollWidth") <= size[0]
    assert page.execute_script("return document.body.scrollWidth") <= size[0]


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_long_names_do_not_widen_the_page(opened, write_benchmark, contestant, size):
    name, data = "my_laboratory.distillation_agents.experimental:VeryLongNameOfAnAgent", "/data/" + "d" * 60 + ".npz"
    out = write_benchmark(tasks=[(data, 1, 0.5)], contestants=[contestant(name, 0.1)], failed=None)
    write_report(out)
    page = opened(size=size, folder=out)
    assert page.execute_script("return document.documentElement.scrollWidth") <= size[0]


def test_on_a_phone_a_wide_table_scrolls_in_its_own_box(opened):
    page = opened(size=PHONE)
    boxes = page.find_elements(By.CSS_SELECTOR, "#leaderboard .scroll")
    assert boxes
    for box in boxes:
        moved = page.execute_script("arguments[0].scrollLeft = 60; return arguments[0].scrollLeft", box)
        assert moved == 60
        assert box.get_attribute("tabindex") == "0"  # so that the keyboard can scroll it


def test_all_pictures_say_what_they_show(opened):
    page = opened()
    unnamed = page.execute_script("""
        return [...document.querySelectorAll("img, canvas, svg")]
          .filter((shown) => !shown.closest("[aria-hidden=true]"))
          .filter((shown) => !(shown.alt || shown.getAttribute("aria-label")))
          .map((shown) => shown.outerHTML.slice(0, 80));
    """)
    assert unnamed == []
    assert all(image.get_property("naturalWidth") > 0 for image in page.find_elements(By.TAG_NAME, "img"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(opened, theme):
    page = opened(theme=theme)
    page.execute_script("for (const part of document.querySelectorAll('details')) part.open = true")
    contrasts = page.execute_script(CONTRASTS)
    assert len(contrasts) > 100
    assert [(round(contrast, 2), what) for contrast, what in contrasts if contrast < AA] == []


def test_light_and_dark_differ(opened):
    colours = [
        opened(theme=theme).find_element(By.TAG_NAME, "body").value_of_css_property("background-color")
        for theme in ("light", "dark")
    ]
    assert colours[0] != colours[1]
