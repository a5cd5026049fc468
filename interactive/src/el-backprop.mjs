import { GRAPHS, graphSteps } from "./graph.mjs";
import { StepThrough, brief } from "./steps.mjs";
import { define, make, small } from "./ui.mjs";

// Rows of nodes from top to bottom, in each the places from left to right; a dot is a free place.
// The gaps between the rows are free of nodes: there is room for the label of an edge.
const ROWS = {
  neuron: "x1 w1 x2 w2/p1 b p2/z/. a y/e/L",
  "two-layer": "w1 x w2/b1 p1 p2 b2/z1 z2/v1 h1 h2 v2/q1 c q2/. o y/e/L",
  "softmax-ce": "z1 z2 z3 ./e1 e2 e3 ./. . . s/p1 p2 p3 ./. L . .",
};
const ROW = 72; // pixels: 40 for a node (as in nn.css), and the gap below it

const low = (text) => text.replace(/\d/g, (digit) => "₀₁₂₃"[digit]);

function sentence({ node, formula, value, from, to, incoming, local, product, total }) {
  if (formula) return `${low(`${node} = ${formula}`)} = ${brief(value)}`;
  if (node) return `Now backward: ${node} has gradient 1`;
  const sum = total === product ? "" : `, in all ${brief(total)}`;
  return `${low(`${from} → ${to}`)}: incoming ${brief(incoming)} · local ${brief(local)} = ${brief(product)}${sum}`;
}

/** A small graph: values forward, then gradients backward, one edge at a time. */
class Backprop extends StepThrough {
  heading = "Backpropagation through a small graph";

  build() {
    this.inputs = make("div", { className: "nn-fields nn-leaves" });
    this.frame([], [make("div", { className: "nn-graph", role: "img" }),
      small("∂: gradient so far · at the orange edge: incoming gradient · local derivative")],
    this.field("graph"), this.inputs);
  }

  prepare() {
    this.leaves = { ...GRAPHS[this.settings.graph].leaves };
    this.inputs.replaceChildren(...Object.entries(this.leaves).map(([leaf, value]) => {
      const input = make("input", { type: "number", min: -10, max: 10, step: "any", required: true, value });
      // Another number in a leaf: the same step with other numbers.
      input.onchange = () => {
        if (!input.reportValidity()) return;
        this.leaves[leaf] = input.valueAsNumber;
        this.fill(this.compute());
        this.step(0);
      };
      return this.labelled(leaf, low(leaf), input);
    }));
    return this.compute();
  }

  compute() {
    this.events = graphSteps(this.settings.graph, this.leaves).events;
    const given = Object.entries(this.leaves).map(([leaf, value]) => `${low(leaf)} = ${brief(value)}`);
    return [`Given: ${given.join(", ")}`, ...this.events.map(sentence)];
  }

  /** The present state, for the picture, for tests and for other scripts. */
  get state() {
    const { settings, at, leaves, events } = this;
    const [values, gradients, passed] = [{ ...leaves }, {}, {}];
    for (const event of events.slice(0, at)) {
      const { node, value, from, to = node, total } = event;
      if (total !== undefined) gradients[to] = total;
      else values[node] = value;
      passed[[from, to]] = event;
    }
    return { settings, at, event: events[at - 1] ?? {}, values, gradients, passed };
  }

  draw() {
    super.draw();
    const { settings: { graph }, event, values, gradients, passed } = this.state;
    const rows = ROWS[graph].split("/");
    const place = {};
    let [edges, nodes] = ["", ""];
    const put = (look, x, y, words) => {
      nodes += `<span class="${look}" style="left:${x}%;top:${y}px">${words}</span>`;
    };
    rows.forEach((row, r) => row.split(" ").forEach((id, i, { length }) => {
      const [x, y] = place[id] = [(100 * (i + 0.5)) / length, r * ROW];
      const number = (numbers, sign) => (id in numbers ? sign + brief(numbers[id]) : "");
      const now = id === (event.to ?? event.node) ? "nn-now" : "";
      if (id !== ".") put(now, x, y, `<b>${low(id)}</b>${number(values, " ")}<br>${number(gradients, "∂ ")}`);
    }));
    for (const [to, , ...inputs] of GRAPHS[graph].nodes) {
      for (const from of inputs) {
        const [[x1, y1], [x2, y2]] = [place[from], place[to]];
        const back = passed[[to, from]];
        const now = back ? back === event : event.formula && event.node === to;
        const look = `${back ? "nn-backward" : ""} ${now ? "nn-now" : ""}`;
        edges += `<line class="${look}" x1="${x1}%" x2="${x2}%" y1="${y1 + 40}" y2="${y2}"/>`;
        const middle = Math.max(20, Math.min(80, (x1 + x2) / 2)); // or a label would leave a phone
        if (back && now) put("nn-label", middle, y2 - 25, `↑ ${brief(back.incoming)} · ${brief(back.local)}`);
      }
    }
    this.picture.innerHTML = `<svg height="${rows.length * ROW - 30}">${edges}</svg>${nodes}`;
  }
}

define("nn-backprop", Backprop);
