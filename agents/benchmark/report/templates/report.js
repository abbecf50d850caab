"use strict";

/* Which cost the curves are drawn against. */
for (const choice of document.querySelectorAll("[data-chooses]")) {
  choice.addEventListener("change", (event) => {
    for (const shown of document.querySelectorAll(choice.dataset.chooses)) {
      shown.dataset.shown = event.target.value;
    }
    for (const input of document.querySelectorAll(`[data-chooses="${choice.dataset.chooses}"] input`)) {
      input.checked = input.value === event.target.value;
    }
  });
}

/* The player: a set at any step of an episode, from its distinct images and the list of what was done. */
(() => {
  const root = document.getElementById("player");
  if (!root) return;
  const episodes = JSON.parse(document.getElementById("player-data").textContent);
  const part = (name) => document.getElementById(`player-${name}`);
  const [picture, before, after] = ["set", "before", "after"].map(part);
  const [slider, playButton, bestButton, speed] = ["slider", "play", "best", "speed"].map(part);
  const [stepText, whatText, accuracyText, line] = ["step", "what", "accuracy", "line"].map(part);
  const WIDTH = 720; // of the picture at most, in its own pixels
  const LINE = { width: 340, height: 110, left: 44, right: 6, top: 8, bottom: 18 };

  let episode, sheet, step, timer;

  const percent = (accuracy) => `${(100 * accuracy).toFixed(1)} %`;
  const count = (number) => number.toLocaleString("en");

  /* The number of each slot's image after a number of steps. */
  function imagesAfter(steps) {
    const images = episode.initial.slice();
    for (let index = 0; index < steps; index++) images[episode.slots[index]] = episode.images[index];
    return images;
  }

  function drawImage(context, image, left, top, scale) {
    const { width, height, sheet_columns: columns } = episode;
    const from = [(image % columns) * width, Math.floor(image / columns) * height];
    context.imageSmoothingEnabled = false;
    context.drawImage(sheet, ...from, width, height, left, top, width * scale, height * scale);
  }

  function drawSet(images) {
    const { width, height, columns, cells, slots } = episode;
    const rows = Math.ceil(images.length / columns);
    const scale = Math.max(1, Math.floor(WIDTH / (columns * (width + 1) + 1)));
    picture.width = (columns * (width + 1) + 1) * scale;
    picture.height = (rows * (height + 1) + 1) * scale;
    const context = picture.getContext("2d");
    const corner = (slot) => [
      ((cells[slot] % columns) * (width + 1) + 1) * scale,
      (Math.floor(cells[slot] / columns) * (height + 1) + 1) * scale,
    ];
    images.forEach((image, slot) => drawImage(context, image, ...corner(slot), scale));
    if (step === 0) return;
    const [left, top] = corner(slots[step - 1]);
    const line = Math.max(3, Math.min(scale, 6));
    context.lineWidth = line;
    context.strokeStyle = getComputedStyle(root).getPropertyValue("--mark");
    context.strokeRect(left - line / 2, top - line / 2, width * scale + line, height * scale + line);
  }

  function drawOne(canvas, image, label) {
    const scale = Math.max(1, Math.floor(176 / Math.max(episode.width, episode.height)));
    canvas.width = episode.width * scale;
    canvas.height = episode.height * scale;
    if (image !== null) drawImage(canvas.getContext("2d"), image, 0, 0, scale);
    canvas.setAttribute("aria-label", label);
  }

  function at(index) {
    const { accuracies } = episode;
    const [low, high] = [Math.min(...accuracies), Math.max(...accuracies)];
    const x = LINE.left + ((LINE.width - LINE.left - LINE.right) * index) / Math.max(1, accuracies.length);
    const share = high > low ? (accuracies[index - 1] - low) / (high - low) : 0.5;
    return [x, LINE.top + (LINE.height - LINE.top - LINE.bottom) * (1 - share)];
  }

  function element(name, attributes, text = "") {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  }

  /* The accuracy of the whole episode, drawn once; the cursor moves on it. */
  function drawLine() {
    const { accuracies } = episode;
    const points = accuracies.map((_, index) => at(index + 1).map((value) => value.toFixed(1)).join(","));
    const [low, high, base] = [Math.min(...accuracies), Math.max(...accuracies), LINE.height - LINE.bottom];
    line.setAttribute("viewBox", `0 0 ${LINE.width} ${LINE.height}`);
    line.replaceChildren(
      element("text", { x: LINE.left - 6, y: LINE.top + 5, "text-anchor": "end" }, percent(high)),
      element("text", { x: LINE.left - 6, y: base, "text-anchor": "end" }, low < high ? percent(low) : ""),
      element("text", { x: LINE.left, y: LINE.height - 4 }, "start"),
      element("text", { x: LINE.width - LINE.right, y: LINE.height - 4, "text-anchor": "end" }, `step ${count(accuracies.length)}`),
      element("path", { d: `M${LINE.left} ${base}H${LINE.width - LINE.right}`, stroke: "var(--rule)" }),
      element("polyline", { points: points.join(" "), fill: "none", stroke: "currentColor", "stroke-width": 1.3, "stroke-linejoin": "round" }),
      element("path", { id: "player-cursor", stroke: "var(--mark)", "stroke-width": 1.5 }),
      element("circle", { id: "player-dot", r: 3.5, fill: "var(--mark)" }),
    );
    line.setAttribute("aria-label", `Validation accuracy over ${accuracies.length} steps, between ${percent(low)} and ${percent(high)}.`);
  }

  function moveCursor() {
    const [x, y] = step === 0 ? [LINE.left, null] : at(step);
    part("cursor").setAttribute("d", `M${x} ${LINE.top}V${LINE.height - LINE.bottom}`);
    part("dot").setAttribute("cx", x);
    part("dot").setAttribute("cy", y ?? 0);
    part("dot").setAttribute("opacity", y === null ? 0 : 1);
  }

  /* What a step did, in words. */
  function describe() {
    if (step === 0) return { what: "The set that the episode began with.", accuracy: "" };
    const index = step - 1;
    const slot = episode.slots[index];
    const name = episode.class_names[episode.classes[slot]];
    const stood = episode.accepted[index] ? "" : ", taken back";
    const change = index > 0 ? 100 * (episode.accuracies[index] - episode.accuracies[index - 1]) : 0;
    const sign = change > 0.049 ? "▲ +" : change < -0.049 ? "▼ −" : "";
    const changed = sign ? ` ${sign}${Math.abs(change).toFixed(1)} points` : "";
    return {
      what: `${episode.edit_names[episode.edits[index]]} on slot ${slot} of class ${name}${stood}`,
      accuracy: `${percent(episode.accuracies[index])}${changed}`,
    };
  }

  function show(wanted) {
    step = Math.max(0, Math.min(episode.slots.length, wanted));
    const images = imagesAfter(step);
    const slot = step ? episode.slots[step - 1] : null;
    const { what, accuracy } = describe();
    drawSet(images);
    drawOne(before, step ? imagesAfter(step - 1)[slot] : null, step ? `Slot ${slot} before the edit.` : "No edit yet.");
    drawOne(after, step ? images[slot] : null, step ? `Slot ${slot} after the edit.` : "No edit yet.");
    moveCursor();
    slider.value = step;
    stepText.textContent = `Step ${count(step)} of ${count(episode.slots.length)}`;
    whatText.textContent = what;
    accuracyText.textContent = accuracy || "—";
    slider.setAttribute("aria-valuetext", `step ${step}: ${what} ${accuracy}`);
    picture.setAttribute("aria-label", `The ${images.length} images of the set after step ${step}. ${what}`);
    root.dataset.step = step;
  }

  /* The next step whose edit stood: what was taken back changes nothing that could be seen. */
  function nextStep() {
    let next = step + 1;
    while (next < episode.slots.length && !episode.accepted[next - 1]) next++;
    return next;
  }

  function pause() {
    clearTimeout(timer);
    timer = undefined;
    playButton.textContent = "▶ Play";
    whatText.setAttribute("aria-live", "polite");
  }

  function play() {
    if (step >= episode.slots.length) show(0);
    playButton.textContent = "❚❚ Pause";
    whatText.setAttribute("aria-live", "off"); // nobody wants eight steps a second read out
    const tick = () => {
      show(nextStep());
      if (step >= episode.slots.length) pause();
      else timer = setTimeout(tick, 1000 / Number(speed.value));
    };
    timer = setTimeout(tick, 1000 / Number(speed.value));
  }

  async function load(number) {
    pause();
    episode = episodes[number];
    sheet = new Image();
    sheet.src = episode.sheet;
    await sheet.decode();
    if (episode !== episodes[number]) return; // another was chosen meanwhile
    slider.max = episode.slots.length;
    part("whose").textContent = episode.whose;
    drawLine();
    show(0);
    root.dataset.ready = number;
  }

  slider.addEventListener("input", () => { pause(); show(Number(slider.value)); });
  playButton.addEventListener("click", () => (timer === undefined ? play() : pause()));
  bestButton.addEventListener("click", () => {
    pause();
    show(1 + episode.accuracies.indexOf(Math.max(...episode.accuracies)));
  });
  for (const input of root.querySelectorAll("input[name=episode]")) {
    input.addEventListener("change", () => load(Number(input.value)));
  }
  const scrub = (event) => {
    if (event.buttons !== 1 && event.type !== "pointerdown") return;
    const box = line.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * LINE.width - LINE.left;
    pause();
    show(Math.round((x / (LINE.width - LINE.left - LINE.right)) * episode.slots.length));
  };
  line.addEventListener("pointerdown", scrub);
  line.addEventListener("pointermove", scrub);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(step));
  load(0);
})();
