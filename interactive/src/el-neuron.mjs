import { activate, activationCode, slope } from "./activations.mjs";
import { colours, contour, css, curves, heat, marker, plane, trace } from "./paint.mjs";
import { brief } from "./steps.mjs";
import { Laboratory, canvas, define, make } from "./ui.mjs";

const CELLS = 41; // points of the map along each axis
const factor = (v) => (v < 0 ? `(${brief(v)})` : brief(v));

/** One neuron. @param {{inputs: number, act: string, w1: number, w2: number, b: number, x1: number,
 *   x2: number}} settings @returns {{z: number, a: number, rise: number}} rise: slope of a over z */
export function neuron({ inputs, act, w1, w2, b, x1, x2 }) {
  const z = w1 * x1 + (inputs > 1 ? w2 * x2 : 0) + b;
  const code = activationCode(act);
  const a = activate(code, z);
  return { z, a, rise: slope(code, z, a) };
}

/** A neuron with one or two inputs, all of its numbers under the reader's hand. */
class Neuron extends Laboratory {
  heading = "One neuron";

  build() {
    this.sum = make("p", { className: "nn-sum" });
    this.curve = canvas("nn-diagram");
    this.map = canvas("nn-map");
    const sliders = ["w1", "w2", "b", "x1", "x2"].map((key) => this.slider(key));
    const fields = make("div", { className: "nn-fields" }, this.field("inputs"), this.field("act"), ...sliders);
    const right = make("div", {}, fields, this.sum, this.statusLine);
    this.live.append(make("div", { className: "nn-panes" }, this.map, right), this.curve);
  }

  slider(key) {
    const { label, min, max } = this.element.options[key];
    const control = make("input", {
      type: "range", min, max, step: 0.1,
      // The address is written when the hand rests: browsers refuse too many changes of it.
      onchange: () => this.set(key, control.value),
      oninput: () => {
        this.settings[key] = Number(control.value);
        this.draw();
      },
    });
    this.fields[key] = control;
    const field = this.labelled(key, `${label} `, control);
    field.firstChild.append(make("b", { ariaHidden: "true" })); // the slider itself says its value
    return field;
  }

  update() {
    this.draw();
    const { a, rise } = neuron(this.settings);
    const flat = Math.abs(rise) < 0.02 ? " It is nearly flat here: small changes hardly move it." : "";
    this.say(`Output ${brief(a)}.${flat}`);
  }

  draw() {
    const { settings, fields } = this;
    const { inputs, act, w1, w2, b, x1, x2 } = settings;
    const { z, a, rise } = neuron(settings);
    const two = inputs > 1;
    for (const key of ["w1", "w2", "b", "x1", "x2"]) {
      const control = fields[key];
      const value = brief(settings[key]);
      control.parentNode.hidden = !two && key[1] === "2";
      control.previousSibling.lastChild.textContent = value;
      control.setAttribute("aria-valuetext", `${value}, output ${brief(a)}`);
    }
    const product = (w, x) => `${factor(w)} · ${factor(x)} + `;
    const border = two ? "z = 0 on the dark line, z > 0 on its orange side"
      : w1 ? `z = 0 at x₁ = −b/w₁ = ${brief(-b / w1)}` : "";
    const [names, numbers] = two ? ["w₂x₂ + ", product(w2, x2)] : ["", ""];
    this.sum.textContent = `z = w₁x₁ + ${names}b = ${product(w1, x1)}${numbers}${factor(b)} = ${brief(z)}\n` +
      `a = σ(z) = ${brief(a)}\nslope σ′(z) = ${brief(rise)}\n${border}`;
    this.curve.ariaLabel = `Activation and present point: ${this.sum.textContent}`;
    this.map.ariaLabel = `Output over the input: ${this.sum.textContent}`;
    const paint = colours(this);
    const code = activationCode(act);
    this.graph(this.curve, "a = σ(z)", "z =", Math.max(6, Math.ceil(Math.abs(z))), z, (v) => activate(code, v), paint);
    if (two) this.drawMap(paint, z);
    else this.graph(this.map, "a over x₁", "x₁ =", 5, x1, (v) => neuron({ ...settings, x1: v }).a, paint);
  }

  /** A curve from -reach to reach, and the present point on it. */
  graph(place, name, unit, reach, at, f, paint) {
    const epochs = Array.from({ length: 201 }, (_, i) => reach * (i / 100 - 1));
    const values = epochs.map(f);
    const [low, top] = [Math.min(0, ...values), Math.max(1, ...values)];
    const chart = { name, unit, epochs, lines: [values], low, top, mark: at, tick: (v) => brief(Number(v.toFixed(1))) };
    const { g, x, y } = curves(place, chart, paint);
    marker(g, 1, [x(at), y(f(at))], 6, true, paint);
  }

  drawMap(paint, z) {
    const { settings } = this;
    const { g, box, x, y } = plane(this.map, [-5, 5], paint);
    const at = (i) => (10 * i) / (CELLS - 1) - 5;
    const sums = Array.from({ length: CELLS * CELLS }, (_, i) => (
      neuron({ ...settings, x1: at(i % CELLS), x2: at(Math.floor(i / CELLS)) }).z));
    heat(g, sums, CELLS, box, paint);
    g.strokeStyle = css(paint.ink);
    g.lineWidth = 2;
    trace(g, contour(sums, CELLS), CELLS, box);
    marker(g, z > 0, [x(settings.x1), y(settings.x2)], 6, true, paint);
  }

  /** The present state, for tests and other scripts. */
  get state() {
    return { settings: { ...this.settings }, ...neuron(this.settings) };
  }
}

define("nn-neuron", Neuron);
