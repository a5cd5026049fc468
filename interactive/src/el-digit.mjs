import { DigitNetwork, toDigit } from "./digit.mjs";
import { colours, css, fit } from "./paint.mjs";
import { Laboratory, button, canvas, define, make, small } from "./ui.mjs";

const SHEET = 64; // places of the pen along each side
const FINE = 128; // pixels along each side in which the ink is measured
const FULL = 179; // numbers in a drawing: one less than settings.json allows, as a stroke begins with two
const ARROWS = { ArrowLeft: [-4, 0], ArrowRight: [4, 0], ArrowUp: [0, -4], ArrowDown: [0, 4] };
const HOW = "Draw with mouse, finger or keyboard: arrow keys move the cursor, Space or Enter lowers and lifts the pen.";

/** Draw a drawing, see DrawDigit. @param {number} unit pixels from place to place */
function strokes(g, ink, unit) {
  Object.assign(g, { lineWidth: 6 * unit, lineCap: "round", lineJoin: "round" });
  g.beginPath();
  ink.forEach((n, i) => {
    const [x, y] = [(n - 1) % SHEET, Math.floor((n - 1) / SHEET)].map((v) => (v + 0.5) * unit);
    if (n && !ink[i - 1]) g.moveTo(x - 0.01, y); // a dot is a line too
    if (n) g.lineTo(x, y);
  });
  g.stroke();
}

/** Write numbers with bars into a list. @param {string[]} names
 * @param {ArrayLike<number>} [values] none: nothing to show @param {number} [full] of a whole bar */
function bars(list, names, values = [], full = Math.max(...values, 1e-9)) {
  const top = Math.max(...values);
  list.replaceChildren(...names.map((name, i) => make("li", { className: values[i] === top ? "nn-top" : "" }, name,
    make("i", { style: `width:${(100 * values[i]) / full}%` }), values[i]?.toFixed(4) ?? "")));
}

/** A sheet to draw on, and what the network that the page has trained makes of it. A drawing is a
 * list of numbers: 0 begins a stroke, 1 + 64 y + x is a place through which the pen goes. */
class DrawDigit extends Laboratory {
  heading = "Draw a digit";
  cursor = [32, 32];

  build() {
    this.pad = Object.assign(canvas("nn-pad"), {
      tabIndex: 0,
      role: "application", // arrow keys must come here, not to a screen reader
      ariaLabel: HOW,
      onpointerdown: (event) => this.pointer(event, true),
      onpointermove: (event) => this.pointer(event, false),
      onkeydown: (event) => this.key(event),
    });
    this.tiny = Object.assign(canvas("nn-tiny"), { ariaLabel: "The drawing in 28 by 28 pixels" });
    this.digits = make("ol", { ariaLabel: "Probability of each digit" });
    this.units = make("ol", { ariaLabel: "Activation of each hidden unit" });
    this.live.append(
      make("div", { className: "nn-bar" }, button("Clear", () => this.take([])),
        button("Undo", () => this.take(this.settings.ink.slice(0, this.settings.ink.lastIndexOf(0))))),
      this.statusLine,
      make("div", { className: "nn-panes" },
        make("div", {}, this.pad, small(HOW)),
        make("div", {}, this.tiny, small("What the network gets. Below: its probability for each digit"), this.digits)),
      small("Activation of each hidden unit"), this.units);
  }

  pointer({ buttons, isPrimary, pointerId, offsetX, offsetY }, begin) {
    if (buttons !== 1 || !isPrimary || !(begin || this.pad.hasPointerCapture(pointerId))) return;
    this.pad.setPointerCapture(pointerId);
    const [x, y] = [offsetX, offsetY].map((v) => Math.floor((v * SHEET) / this.pad.clientWidth));
    if (!begin && Math.hypot(x - this.cursor[0], y - this.cursor[1]) < 3) return;
    this.keys = this.pen = false;
    this.go([x, y], true, begin);
  }

  key(event) {
    const by = ARROWS[event.key];
    const toggle = [" ", "Enter"].includes(event.key);
    if (!(by || toggle) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.keys = true;
    if (toggle) this.pen = !this.pen;
    this.go(this.cursor.map((v, i) => v + (by?.[i] ?? 0)), this.pen, toggle);
  }

  /** Move the cursor. @param {boolean} pen is it down? @param {boolean} begin a new stroke? */
  go(place, pen, begin) {
    const { ink } = this.settings;
    const [x, y] = this.cursor = place.map((v) => Math.max(0, Math.min(SHEET - 1, v)));
    const more = [0, 1 + SHEET * y + x].slice(begin ? 0 : 1);
    this.take(pen && ink.length < FULL ? [...ink, ...more] : ink);
  }

  /** Show a drawing at once; put it into the address and into words when the hand rests. */
  take(ink) {
    this.settings.ink = ink;
    this.draw();
    clearTimeout(this.later);
    this.later = setTimeout(() => this.set("ink", this.settings.ink.join() || "0"), 400);
  }

  draw() {
    const { ink } = this.settings;
    const paint = colours(this);
    const { g, w } = fit(this.pad);
    g.strokeStyle = css(paint.ink);
    strokes(g, ink, w / SHEET);
    if (this.keys) {
      const [x, y] = this.cursor.map((v) => ((v + 0.5) * w) / SHEET - 8);
      g.lineWidth = this.pen ? 5 : 2;
      g.strokeStyle = css(paint.one);
      g.strokeRect(x, y, 16, 16);
    }
    const fine = new OffscreenCanvas(FINE, FINE).getContext("2d");
    strokes(fine, ink, FINE / SHEET);
    const { data } = fine.getImageData(0, 0, FINE, FINE);
    this.image = toDigit(data.filter((_, k) => k % 4 === 3), FINE, FINE)?.map((alpha) => alpha / 255);
    this.tiny.width = this.tiny.height = 28; // clears it
    const dots = this.tiny.getContext("2d");
    this.image?.forEach((value, k) => {
      dots.fillStyle = css(paint.ink, value);
      dots.fillRect(k % 28, Math.floor(k / 28), 1, 1);
    });
    if (this.image) this.fetch();
    this.answer = (this.image && this.net?.forward(this.image)) || {};
    bars(this.digits, [..."0123456789"], this.answer.probabilities, 1);
    bars(this.units, Array.from({ length: 15 }, (_, i) => `unit ${i + 1}`), this.answer.hidden);
  }

  /** Load the weights, once and only for somebody who draws: a plain script works from disk too. */
  fetch() {
    if (this.script) return;
    const onload = () => {
      this.net = new DigitNetwork(nnWeights);
      const said = this.statusLine.textContent;
      this.update();
      if (said.startsWith("Ignored")) this.say(`${this.statusLine.textContent} ${said}`); // still true
    };
    this.script = make("script", { src: this.getAttribute("weights"), onload });
    document.head.append(this.script);
  }

  update() {
    this.draw();
    const { settings, image, answer: { probabilities }, keys, pen, cursor } = this;
    const best = Math.max(...(probabilities ?? []));
    const said = probabilities
      ? `Read as ${probabilities.indexOf(best)}, probability ${best.toFixed(4)}.${nnWeights.note}`
      : image ? "The weights of the network have not arrived." : "The sheet is blank.";
    const [x, y] = cursor.map((v) => 1 + Math.floor(v / 4));
    const full = settings.ink.length < FULL ? "" : " The sheet is full.";
    this.say(said + full + (keys ? ` Pen ${pen ? "down" : "up"}, column ${x}, row ${y} of 16.` : ""));
  }

  /** The present state, for tests and other scripts. */
  get state() {
    const { settings, keys, pen, cursor, image, answer } = this;
    return JSON.parse(JSON.stringify({ settings, keys, pen, cursor, image, ...answer }));
  }
}

define("nn-digit", DrawDigit);
