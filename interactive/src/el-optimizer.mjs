import { colours, contour, css, curves, marker, plane, trace } from "./paint.mjs";
import { StepThrough, brief } from "./steps.mjs";
import { SURFACES, stabilityLimit, trajectory } from "./surfaces.mjs";
import { canvas, define, make, show, small } from "./ui.mjs";

const GRID = 61; // points along each axis from which the contours are made
const LEVELS = 14;
// Of the methods in the order of the settings: signs in text, as marker() draws them; colours and dashes.
const SIGNS = "●■○□";
const LOOKS = [["ink", []], ["zero", [7, 3]], ["test", [2, 3]], ["one", [9, 3, 2, 3]]];

/** The ways of several update rules over one loss surface, from the same start. */
class Paths extends StepThrough {
  heading = "Paths of optimisers over a loss surface";

  build() {
    const { values, names } = this.element.options.methods;
    this.map = canvas("nn-map");
    this.map.onclick = ({ offsetX, offsetY }) => {
      const [left, upper, side] = this.square;
      const place = (share) => String(Math.round(400 * share - 200) / 100);
      this.set("x", place((offsetX - left) / side));
      this.set("y", place((upper + side - offsetY) / side));
    };
    this.chart = canvas("nn-chart");
    this.scrubber = make("input", { type: "range", oninput: () => this.show(Number(this.scrubber.value)) });
    this.note = small();
    const hint = small("Listed: the loss at (w₁, w₂). Click the map for another start.");
    this.frame([], [this.map, hint, this.labelled("look", "Look at a step", this.scrubber)], this.note, this.chart);
    const onchange = () => {
      this.set("methods", values.filter((_, i) => this.checks[i].checked).join());
      this.showFields(); // the last one stays
    };
    this.checks = values.map((value) => make("input", { type: "checkbox", value, onchange }));
    const label = (check, i) => make("label", { className: "nn-check" }, check, `${SIGNS[i]} ${names[i]}`);
    this.fields.methods = make("div", { className: "nn-bar" }, ...this.checks.map(label));
    const fields = ["surface", "lr", "x", "y"].map((key) => this.field(key));
    for (const key of ["lr", "x", "y"]) Object.assign(this.fields[key], { min: "", step: 0.01 });
    this.live.prepend(make("div", { className: "nn-fields" }, ...fields), this.fields.methods);
  }

  showFields(changed) {
    super.showFields(changed);
    for (const check of this.checks) check.checked = this.settings.methods.includes(check.value);
  }

  /** Another surface has another customary start. */
  set(key, text) {
    if (key === "surface") [this.settings.x, this.settings.y] = SURFACES[text].start;
    super.set(key, text);
  }

  /** Any change leads to new paths; the step looked at stays. */
  update([key]) {
    if (key === "step") return;
    this.fill(this.prepare());
    this.show(key ? this.at : this.settings.step);
  }

  prepare() {
    const { surface, methods, lr, steps, x, y } = this.settings;
    const { values, names } = this.element.options.methods;
    const { halfWidth } = SURFACES[surface];
    this.makeContours(SURFACES[surface]);
    this.runs = methods.map((method) => {
      const i = values.indexOf(method);
      const run = trajectory(surface, { method, lr, steps, start: [x, y] });
      const far = run.path.findIndex((v) => Math.abs(v) > 2 * halfWidth); // from there on it is said, not drawn
      return { i, name: names[i], drawn: far < 0 ? steps + 1 : (far >> 1) + 1, ...run };
    });
    const edge = stabilityLimit(surface, "sgd");
    const sides = this.runs.map(({ i, name }) => {
      const limit = stabilityLimit(surface, values[i]);
      const side = lr < limit ? "below" : lr > limit ? "above" : "at";
      return limit ? ` ${name}: the rate is ${side} its limit ${brief(limit)}.` : "";
    });
    this.note.textContent = edge ? `On this bowl 2/λmax = ${brief(edge)}.${sides.join("")}` : "";
    return Array.from({ length: steps + 1 }, (_, k) => this.runs.map(({ i, name, path, heights, stopped }) => {
      if (k >= heights.length) return `${name}: ${stopped}`;
      const place = [...path.slice(2 * k, 2 * k + 2)];
      const out = place.some((v) => Math.abs(v) > halfWidth);
      const where = out ? "out of the picture" : `at (${place.map((v) => brief(Number(v.toFixed(2)))).join(", ")})`;
      return `${SIGNS[i]} ${name} ${show(heights[k])} ${where}`;
    }).join(";\n"));
  }

  /** Lines of equal height, dense where it is low: the course of a path is decided there. */
  makeContours(surface) {
    if (this.surface === surface) return;
    this.surface = surface;
    const at = (i) => surface.halfWidth * ((2 * i) / (GRID - 1) - 1);
    const height = (_, i) => surface.value(at(i % GRID), at(Math.floor(i / GRID)));
    const heights = Array.from({ length: GRID * GRID }, height);
    const low = Math.min(...heights);
    const range = Math.max(...heights) - low;
    const levels = Array.from({ length: LEVELS }, (_, i) => low + range * ((i + 0.7) / LEVELS) ** 3);
    this.contours = levels.flatMap((level) => contour(heights.map((v) => v - level), GRID));
  }

  draw() {
    super.draw();
    const { runs, scrubber, at, surface: { halfWidth }, settings: { steps } } = this;
    const paint = colours(this);
    const { g, box, x, y } = plane(this.map, [-halfWidth, halfWidth], paint, "w");
    this.square = box;
    g.save();
    g.beginPath();
    g.rect(...box, box[2]);
    g.clip();
    g.strokeStyle = css(paint.line);
    trace(g, this.contours, GRID, box);
    g.lineWidth = 2;
    for (const { i, path, drawn } of runs) {
      const [name, dash] = LOOKS[i];
      const colour = paint[name];
      const points = Array.from({ length: Math.min(at + 1, drawn) }, (_, k) => [x(path[2 * k]), y(path[2 * k + 1])]);
      g.strokeStyle = g.fillStyle = css(colour);
      g.setLineDash(dash);
      g.beginPath();
      points.forEach(([px, py]) => g.lineTo(px, py));
      g.stroke();
      g.setLineDash([]);
      points.forEach(([px, py]) => g.fillRect(px - 1.5, py - 1.5, 3, 3));
      marker(g, i % 2, points[points.length - 1], 7, i < 2, { paper: paint.paper, zero: colour, one: colour });
    }
    g.restore();
    const lines = runs.map(({ heights, drawn }) => [...heights.slice(0, drawn)]);
    curves(this.chart, {
      name: "loss", unit: "step", epochs: Array.from({ length: steps + 1 }, (_, k) => k), lines, mark: at,
      low: Math.min(0, ...lines.flat()), top: Math.max(0.1, 1.05 * lines[0][0]),
      looks: runs.map(({ i }) => LOOKS[i]), tick: (v) => brief(Number(v.toFixed(2))),
    }, paint);
    this.chart.ariaLabel = `Loss over ${steps} steps, as the list says`;
    scrubber.max = steps;
    scrubber.value = at;
    scrubber.setAttribute("aria-valuetext", `Step ${at}: ${this.list.children[at].textContent}`);
  }

  /** The present state, for tests and other scripts. */
  get state() {
    return { settings: { ...this.settings }, step: this.at };
  }
}

define("nn-optimizer", Paths);
