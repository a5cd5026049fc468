/** Operations: value of the inputs, and the local derivative with respect to input number i. */
const OPERATIONS = {
  add: { value: (x) => x.reduce((s, v) => s + v), local: () => 1, text: (x) => x.join(" + ") },
  mul: { value: (x) => x[0] * x[1], local: (x, i) => x[1 - i], text: (x) => x.join(" · ") },
  sub: { value: (x) => x[0] - x[1], local: (x, i) => (i ? -1 : 1), text: (x) => x.join(" − ") },
  div: {
    value: (x) => x[0] / x[1],
    local: (x, i) => (i ? -x[0] / (x[1] * x[1]) : 1 / x[1]),
    text: (x) => x.join(" / "),
  },
  square: { value: (x) => x[0] * x[0], local: (x) => 2 * x[0], text: (x) => `${x[0]}²` },
  exp: { value: (x) => Math.exp(x[0]), local: (x, i, y) => y, text: (x) => `exp ${x[0]}` },
  neglog: { value: (x) => -Math.log(x[0]), local: (x) => -1 / x[0], text: (x) => `−ln ${x[0]}` },
  tanh: { value: (x) => Math.tanh(x[0]), local: (x, i, y) => 1 - y * y, text: (x) => `tanh ${x[0]}` },
  sigmoid: { value: (x) => 1 / (1 + Math.exp(-x[0])), local: (x, i, y) => y * (1 - y), text: (x) => `σ(${x[0]})` },
};

/** Ready graphs. leaves: name and value; nodes in an order in which inputs come first:
 * [id, operation, ...ids of the inputs]; the last node is the loss. */
export const GRAPHS = {
  // one sigmoid unit with two inputs and the squared error
  neuron: {
    leaves: { x1: 1, w1: 2, x2: -2, w2: 0.5, b: -0.5, y: 0 },
    nodes: [
      ["p1", "mul", "x1", "w1"], ["p2", "mul", "x2", "w2"], ["z", "add", "p1", "p2", "b"],
      ["a", "sigmoid", "z"], ["e", "sub", "a", "y"], ["L", "square", "e"],
    ],
  },
  // one input, two tanh units, one linear output: at x two paths meet and their gradients add up
  "two-layer": {
    leaves: { x: 0.5, w1: 1, b1: 0, w2: -2, b2: 0.5, v1: 1.5, v2: 1, c: 0, y: 1 },
    nodes: [
      ["p1", "mul", "x", "w1"], ["z1", "add", "p1", "b1"], ["h1", "tanh", "z1"],
      ["p2", "mul", "x", "w2"], ["z2", "add", "p2", "b2"], ["h2", "tanh", "z2"],
      ["q1", "mul", "h1", "v1"], ["q2", "mul", "h2", "v2"], ["o", "add", "q1", "q2", "c"],
      ["e", "sub", "o", "y"], ["L", "square", "e"],
    ],
  },
  // three scores, the second class is the right one; the gradients of z come out as p − y
  "softmax-ce": {
    leaves: { z1: 1, z2: 0.5, z3: -1 },
    nodes: [
      ["e1", "exp", "z1"], ["e2", "exp", "z2"], ["e3", "exp", "z3"], ["s", "add", "e1", "e2", "e3"],
      ["p1", "div", "e1", "s"], ["p2", "div", "e2", "s"], ["p3", "div", "e3", "s"], ["L", "neglog", "p2"],
    ],
  },
};

/** One step to show. forward: a node gets its value. backward: one edge carries incoming * local
 * from a node to one of its inputs, whose gradient so far becomes total.
 * @typedef {{kind: "forward", node: string, formula: string, value: number}
 *   | {kind: "seed", node: string, total: number}
 *   | {kind: "backward", from: string, to: string, incoming: number, local: number,
 *      product: number, total: number}} GraphEvent */

/** All steps through a graph, forward and then backward, and the results.
 * @param {string} name one of GRAPHS @param {Object<string, number>} [leaves] values to replace
 * @returns {{events: GraphEvent[], values: Object<string, number>, gradients: Object<string, number>}} */
export function graphSteps(name, leaves = {}) {
  if (!Object.hasOwn(GRAPHS, name)) {
    throw new Error(`graph must be one of ${Object.keys(GRAPHS).join(", ")}, got ${name}`);
  }
  const graph = GRAPHS[name];
  for (const leaf of Object.keys(leaves)) {
    if (!Object.hasOwn(graph.leaves, leaf)) throw new Error(`graph ${name} has no leaf ${leaf}`);
  }
  const values = { ...graph.leaves, ...leaves };
  const events = [];
  for (const [node, operation, ...inputs] of graph.nodes) {
    const { value, text } = OPERATIONS[operation];
    values[node] = value(inputs.map((id) => values[id]));
    events.push({ kind: "forward", node, formula: text(inputs), value: values[node] });
  }
  const gradients = Object.fromEntries(Object.keys(values).map((id) => [id, 0]));
  const loss = graph.nodes.at(-1)[0];
  gradients[loss] = 1;
  events.push({ kind: "seed", node: loss, total: 1 });
  const reached = new Set([loss]); // the other probabilities of softmax do not touch the loss
  for (const [from, operation, ...inputs] of graph.nodes.toReversed()) {
    if (!reached.has(from)) continue;
    const x = inputs.map((id) => values[id]);
    inputs.forEach((to, i) => {
      const incoming = gradients[from];
      const local = OPERATIONS[operation].local(x, i, values[from]);
      gradients[to] += incoming * local;
      reached.add(to);
      events.push({ kind: "backward", from, to, incoming, local, product: incoming * local, total: gradients[to] });
    });
  }
  return { events, values, gradients };
}
