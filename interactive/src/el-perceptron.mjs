import { colours, contour, css, heat, marker, plane, trace } from "./paint.mjs";
import { mistakeBound, perceptronData, perceptronSteps } from "./perceptron.mjs";
import { StepThrough, brief } from "./steps.mjs";
import { button, canvas, define, make, small } from "./ui.mjs";

const pair = ([a, b]) => `(${brief(a)}, ${brief(b)})`;
const sign = (y) => (y > 0 ? "+1" : "−1");

/** Rosenblatt's rule, one sample after the other. */
class Perceptron extends StepThrough {
  heading = "The perceptron, one sample after the other";

  build() {
    const mistake = () => {
      const next = this.steps.findIndex(({ wrong }, i) => wrong && i > this.at);
      this.show(next < 0 ? Infinity : next);
    };
    this.limit = make("p");
    this.frame([button("Next mistake", mistake)],
      [canvas("nn-map"), small("■ y = +1, ● y = −1 · ring: this sample · dashed: the border before it"), this.limit],
      make("div", { className: "nn-fields" }, ...["data", "lr", "seed"].map((key) => this.field(key))),
      button("New draw", () => this.set("seed", String((this.settings.seed + 1) % 1e6))));
  }

  prepare() {
    const { data, seed, lr } = this.settings;
    this.data = perceptronData(data, seed);
    const { events, reason } = perceptronSteps(this.data, { lr });
    const { after, mistakes } = events.at(-1);
    this.steps = [{ after: [0, 0, 0], mistakes: 0 }, ...events, { after, mistakes }];
    const { R, gamma, bound } = mistakeBound(this.data);
    this.bound = gamma ? `at most (R/γ)² = (${brief(R)}/${brief(gamma)})² = ${brief(bound)}` :
      "no line separates these classes, so the rule never ends";
    return ["Start: w = (0, 0), b = 0", ...events.map((event) => this.sentence(event)), reason];
  }

  sentence({ pass, row, x, y, z, wrong, before, after, mistakes }) {
    const rate = `${brief(this.settings.lr)} · (${sign(y)})`;
    return `Pass ${pass}, sample ${row + 1}: x = ${pair(x)}, y = ${sign(y)}, score ${brief(z)}: ` +
      (wrong ? `mistake ${mistakes}. w = ${pair(before)} + ${rate} · ${pair(x)} = ${pair(after)}, ` +
        `b = ${brief(before[2])} + ${rate} = ${brief(after[2])}` : "right");
  }

  /** The present state, for tests and for other scripts. */
  get state() {
    const { settings, at, steps, bound } = this;
    return { settings, at, event: steps[at], bound };
  }

  draw() {
    super.draw();
    const { data: { X, y }, state: { event: { x: point, wrong, before, after, mistakes } } } = this;
    const paint = colours(this);
    this.limit.textContent = `Mistakes: ${mistakes}; ${this.bound}.`;
    const high = Math.max(...X.flat().map(Math.abs)) + 0.5;
    const low = y.length > 4 ? -high : -0.5;
    const scores = ([w1, w2, b], size) => {
      const at = (i) => low + ((high - low) * Math.floor(i)) / (size - 1);
      return Float64Array.from({ length: size * size }, (_, i) => w1 * at(i % size) + w2 * at(i / size) + b);
    };
    const { g, box, x, y: up } = plane(this.picture, [low, high], paint);
    heat(g, scores(after, 40).map((z) => Math.sign(z) / 3), 40, box, paint);
    const border = (theta) => trace(g, contour(scores(theta, 2), 2), 2, box);
    g.strokeStyle = css(paint.ink);
    g.setLineDash([5, 4]);
    if (wrong) border(before);
    g.setLineDash([]);
    g.lineWidth = 2;
    border(after);
    if (point) {
      g.beginPath();
      g.arc(x(point[0]), up(point[1]), 11, 0, 7);
      g.stroke();
    }
    X.forEach((row, i) => marker(g, y[i] > 0, [x(row[0]), up(row[1])], 6, true, paint));
  }
}

define("nn-perceptron", Perceptron);
