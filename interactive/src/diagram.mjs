import { css, fit, heat } from "./paint.mjs";

const SIDE = 11; // points of a unit's picture along each axis

/** The network as a picture: in each unit its output over the input plane, between them the weights
 * (orange and solid: positive; blue and dashed: negative; thick: large).
 * @param {HTMLCanvasElement} canvas @param {object} net Network
 * @param {number[]} range lowest and highest coordinate @param {Record<string, number[]>} paint */
export function drawNetwork(canvas, net, [low, high], paint) {
  const { g, w, h } = fit(canvas);
  const { sizes, units, kernels, theta } = net;
  const last = sizes.length - 1;
  const outputs = Array.from(net.a, () => new Float64Array(SIDE * SIDE));
  const X = new Float64Array(2);
  for (let i = 0; i < SIDE * SIDE; i++) {
    X[0] = low + ((high - low) * (i % SIDE)) / (SIDE - 1);
    X[1] = low + ((high - low) * Math.floor(i / SIDE)) / (SIDE - 1);
    net.forward(X, 0);
    outputs.forEach((values, u) => { values[i] = u < units[last] ? net.a[u] : net.z[u]; });
  }
  const [left, right, bottom] = [24, 6, 20];
  const side = Math.min(36, (h - bottom) / Math.max(...sizes) - 4, (w - left - right) / (1.7 * last + 1));
  const corner = (l, i) => [
    left + ((w - left - right - side) * l) / last,
    (h - bottom) * ((i + 0.5) / sizes[l]) - side / 2,
  ];
  const bent = (l, i, j) => {
    const [x1, y1, x2, y2] = [...corner(l, i), ...corner(l + 1, j)];
    const middle = (x1 + side + x2) / 2;
    g.beginPath();
    g.moveTo(x1 + side, y1 + side / 2);
    g.bezierCurveTo(middle, y1 + side / 2, middle, y2 + side / 2, x2, y2 + side / 2);
  };
  for (let l = 0; l < last; l++) {
    for (let k = 0; k < sizes[l] * sizes[l + 1]; k++) {
      const weight = theta[kernels[l] + k];
      bent(l, Math.floor(k / sizes[l + 1]), k % sizes[l + 1]);
      g.strokeStyle = css(weight < 0 ? paint.zero : paint.one, 0.75);
      g.lineWidth = Math.min(5, 0.3 + 0.9 * Math.abs(weight));
      g.setLineDash(weight < 0 ? [5, 3] : []);
      g.stroke();
    }
  }
  g.setLineDash([]);
  g.fillStyle = css(paint.muted);
  g.textAlign = "center";
  sizes.forEach((width, l) => {
    for (let i = 0; i < width; i++) {
      const [x, y] = corner(l, i);
      const values = outputs[units[l] + i];
      const largest = values.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-9);
      heat(g, values.map((v) => v / largest), SIDE, [x, y, side], paint);
      g.strokeStyle = css(paint.muted);
      g.lineWidth = 1;
      g.strokeRect(x, y, side, side);
      if (l === 0) g.fillText(i ? "x₂" : "x₁", x - 12, y + side / 2 + 4);
    }
    const name = l === 0 ? "inputs" : l === last ? "output" : `hidden ${last > 2 ? l : ""}`;
    g.textAlign = l === 0 ? "left" : l === last ? "right" : "center";
    g.fillText(name, corner(l, 0)[0] + (l === 0 ? 0 : l === last ? side : side / 2), h - 4);
    g.textAlign = "center";
  });
}
