import { drawNetwork } from "./diagram.mjs";
import { colours, contour, css, curves, fit, heat, marker, plane, trace } from "./paint.mjs";
import { Laboratory, button, canvas, make, show, small } from "./ui.mjs";

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const whole = (share) => `${Math.round(100 * share)} %`;

/** What the playground shows: everything is read from its network, nothing is computed here. */
export class PlaygroundView extends Laboratory {
  heading = "Playground: a small network learns";

  build() {
    this.trainButton = button("Train", () => (this.running ? this.stop() : this.begin()));
    this.trainButton.className = "nn-main";
    const speeds = [["1", 1], ["5", 5], ["20", 20], ["as many as fit", Infinity]];
    this.speed = make("select", {}, ...speeds.map(([text, n]) => new Option(text, n)));
    this.speed.value = "5";
    this.count = make("span", { className: "nn-count" });
    this.map = canvas("nn-map");
    this.marks = make("canvas", { ariaHidden: true });
    this.charts = [canvas("nn-chart"), canvas("nn-chart")];
    this.diagram = canvas("nn-diagram");
    this.testToo = make("input", { type: "checkbox", onchange: () => this.draw() });
    this.scrubber = make("input", { type: "range", min: 0, oninput: () => this.scrub() });
    this.results = ["Data loss", "Accuracy"].map((name) => [name, make("td"), make("td")]);
    this.penalty = small();
    this.tables = make("div", { className: "nn-scroll", tabIndex: 0, role: "region", ariaLabel: "Weights and biases" });
    this.weights = make("details", { ontoggle: () => this.draw() }, make("summary", {}, "Every weight and bias"));
    const json = () => this.copy(JSON.stringify(this.net.getWeights()), "the weights and biases, as JSON.");
    this.weights.append(this.tables, button("Copy as JSON", json));
    this.live.append(
      make("div", { className: "nn-bar" }, this.trainButton, button("Step", () => this.step()),
        button("Reset", () => this.reset()), button("New weights", () => this.newWeights()), this.count),
      this.statusLine,
      make("div", { className: "nn-panes" },
        make("div", {}, make("div", { className: "nn-stack" }, this.map, this.marks),
          small("● class 0, ■ class 1 · filled: training, hollow: test · strong colour: sure, line: undecided"),
          make("label", { className: "nn-check" }, this.testToo, "Show the test points")),
        make("div", {}, this.resultTable(), this.penalty, ...this.charts, small("Solid: training. Dashed: test."),
          this.labelled("back", "Look back at an epoch", this.scrubber))),
      this.diagram,
      small("Each box: what a unit gives over the plane. Orange, solid: positive; blue, dashed: negative; " +
        "thick: large weight."),
      this.settingsPart(), this.weights,
      make("div", { className: "nn-bar" }, button("Copy as Keras", () => this.copyKeras()),
        this.labelled("speed", "Epochs per picture", this.speed, "nn-field nn-inline")));
  }

  resultTable() {
    const heads = ["Training", "Test"].map((text) => make("th", { scope: "col" }, text));
    const rows = this.results.map(([name, ...cells]) => make("tr", {}, make("th", { scope: "row" }, name), ...cells));
    return make("table", { className: "nn-results" }, make("tr", {}, make("td"), ...heads), ...rows);
  }

  settingsPart() {
    const keys = Object.keys(this.element.options).filter((key) => key !== "controls");
    const wanted = keys.filter((key) => key === "epochs" || this.start.controls.includes(key));
    const fields = make("div", { className: "nn-fields" }, ...wanted.map((key) => this.field(key)));
    return make("details", { open: this.clientWidth >= 520 }, make("summary", {}, "Settings"), fields);
  }

  /** Empty tables for all parameters: their cells stand in the order of the network's theta. */
  makeTables() {
    const { sizes } = this.net;
    const unit = (i) => `unit ${i + 1}`;
    const inputs = (l) => Array.from({ length: sizes[l] }, (_, i) => (l ? unit(i) : `x${"₁₂"[i]}`));
    const tables = sizes.slice(1).map((width, l) => {
      const name = l + 2 === sizes.length ? "Output" : `Hidden layer ${l + 1}`;
      const heads = Array.from({ length: width }, (_, j) => make("th", { scope: "col" }, `to ${unit(j)}`));
      const row = (from) => make("tr", {}, make("th", { scope: "row" }, from), ...heads.map(() => make("td")));
      const rows = [...inputs(l), "bias"].map((from) => row(from));
      return make("table", {}, make("caption", {}, name), make("tr", {}, make("td"), ...heads), ...rows);
    });
    this.tables.replaceChildren(...tables);
    this.cells = this.tables.querySelectorAll("tr > th + td, tr > td + td");
  }

  /** Show everything. While the network trains, each picture has a new map; the rest takes turns. */
  draw() {
    const { log, net } = this;
    const coarse = this.isCoarse();
    const due = (turn, of = coarse ? 12 : 4) => !this.running || this.frames % of === turn;
    if (due(0)) this.paint = colours(this);
    if (due(2)) {
      this.now = this.measure();
      this.points = log[log.length - 1].epoch < this.now.epoch ? [...log, this.now] : log;
    }
    const entry = this.shown ?? this.now;
    const newest = net.theta;
    if (this.shown) net.theta = entry.theta;
    if (due(1, 24)) this.drawMarks();
    this.drawMap();
    if (due(0)) {
      drawNetwork(this.diagram, net, this.range, this.paint);
      if (this.weights.open) this.cells.forEach((cell, k) => { cell.textContent = show(net.theta[k]); });
    }
    net.theta = newest;
    if (due(2)) {
      this.drawCharts(entry);
      this.write(entry);
    }
  }

  /** A slow machine gets coarser pictures while it trains, rather than jerky ones. */
  isCoarse() {
    const now = performance.now();
    this.slow = now - this.drawn > 34 ? this.slow + 1 : 0;
    this.drawn = now;
    this.coarse ||= this.slow === 3;
    const coarse = this.coarse && this.running;
    this.size = coarse ? 24 : 40;
    for (const moving of [this.diagram, ...this.charts]) moving.finest = coarse ? 1 : 2;
    this.map.finest = coarse ? 0.75 : 2;
    return coarse;
  }

  /** The axes and the points, on a canvas of their own: they rest while the map below moves. */
  drawMarks() {
    const { net, paint } = this;
    const { g, box, x, y: height } = plane(this.marks, this.range, paint);
    const points = ({ X, y, n }, filled) => {
      const radius = n > 100 ? 3.4 : 5;
      for (let i = 0; i < n; i++) {
        marker(g, y[i], [x(X[2 * i]), height(X[2 * i + 1])], radius, filled, paint);
      }
    };
    if (this.testToo.checked) points(this.test, false);
    points(net.data, true);
    this.box = box;
  }

  drawMap() {
    const { size, range: [low, high], net, paint, box } = this;
    if (this.grid?.length !== 2 * size * size || this.grid.low !== low || this.grid.high !== high) {
      this.grid = new Float64Array(2 * size * size).map((_, k) => {
        const place = (k & 1 ? Math.floor(k / 2 / size) : (k >> 1) % size) / (size - 1);
        return low + (high - low) * place;
      });
      Object.assign(this.grid, { low, high });
    }
    const values = net.predict(this.grid).map((p) => 2 * p - 1);
    const { g } = fit(this.map);
    heat(g, values, size, box, paint);
    g.strokeStyle = css(paint.ink);
    g.lineWidth = 2;
    trace(g, contour(values, size), size, box);
  }

  drawCharts(entry) {
    const { length } = this.points;
    const step = Math.ceil(length / (this.size < 40 ? 100 : length));
    const points = this.points.filter((_, i) => (length - 1 - i) % step === 0);
    const epochs = points.map(({ epoch }) => epoch);
    const mark = this.shown ? entry.epoch : null;
    const lines = (key) => ["train", "test"].map((part) => points.map((point) => point[part][key]));
    const loss = lines("loss");
    // A loss far above that of pure guessing would squeeze everything else.
    const top = Math.min(4, Math.max(0.2, ...loss.flat())) * 1.05;
    const names = ["loss", "accuracy"];
    const charts = [{ lines: loss, top, tick: (v) => v.toFixed(2) }, { lines: lines("accuracy"), top: 1, tick: whole }];
    charts.forEach((chart, i) => curves(this.charts[i], { name: names[i], epochs, mark, ...chart }, this.paint));
    this.scrubber.max = this.points.length - 1;
    if (!this.shown) this.scrubber.value = this.scrubber.max;
  }

  write({ epoch, train, test, penalty }) {
    const { net, settings } = this;
    const updates = this.shown ? "" : ` · update ${net.updates}`;
    this.count.textContent = `Epoch ${Math.floor(epoch)}${updates}`;
    const [loss, accuracy] = this.results;
    [train, test].forEach((part, i) => {
      loss[i + 1].textContent = show(part.loss);
      accuracy[i + 1].textContent = percent(part.accuracy);
    });
    const measure = settings.loss === "mse" ? "squared error" : "cross-entropy";
    this.penalty.textContent = `Data loss: mean ${measure}. Penalty, added while training: ${show(penalty)}.`;
    const now = `Epoch ${Math.floor(epoch)}: loss ${show(train.loss)} training, ${show(test.loss)} test`;
    this.scrubber.setAttribute("aria-valuetext", now);
  }

  summary() {
    const { train, test } = this.now;
    return `Accuracy ${percent(train.accuracy)} training, ${percent(test.accuracy)} test.`;
  }

  /** Say in words what the pictures show: at rest only, not in every frame. */
  describe() {
    const { train, test, epoch } = this.shown ?? this.now;
    const [first] = this.points;
    const at = `at epoch ${Math.floor(epoch)}`;
    const right = `${percent(train.accuracy)} of the training points and ${percent(test.accuracy)} of the test points`;
    this.map.ariaLabel = `Decision map ${at}: ${right} lie in the region of their class.`;
    const course = (name, key, text) => `${name} ${at}, from the start: training from ${text(first.train[key])} to ` +
      `${text(train[key])}, test from ${text(first.test[key])} to ${text(test[key])}.`;
    this.charts[0].ariaLabel = course("Loss", "loss", show);
    this.charts[1].ariaLabel = course("Accuracy", "accuracy", percent);
    this.diagram.ariaLabel = `The network ${this.net.sizes.join("-")} with its weights; the table lists them.`;
  }
}
