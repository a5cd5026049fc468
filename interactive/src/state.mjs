const NUMBER = /^-?\d{1,17}(\.\d{1,30})?(e[+-]?\d{1,3})?$/;
const LONGEST = 1000; // characters of one element's state; the longest honest one has about 250

/** What one option allows, in words. @param {object} option from settings.json @returns {string} */
export function allowed(option) {
  const { type, values, min, max, most } = option;
  if (type === "choice") return `one of ${values.join(", ")}`;
  if (type === "set") return `some of ${values.join(", ")}, separated by commas`;
  if (type === "sizes") return `0, or up to ${most} numbers from ${min} to ${max}, separated by commas`;
  return `${type === "integer" ? "a whole number" : "a number"} from ${min} to ${max}`;
}

/** Text to value. @param {object} option from settings.json @param {string} text
 * @returns {string | number | string[] | number[] | undefined} undefined: not allowed */
export function parseValue(option, text) {
  const { type, values, min, max, most } = option;
  if (type === "choice") return values.includes(text) ? text : undefined;
  const parts = text.split(",");
  if (type === "set") {
    const fits = parts.every((part, i) => values.includes(part) && parts.indexOf(part) === i);
    return fits ? parts : undefined;
  }
  if (type === "sizes" && text === "0") return [];
  if (type === "sizes" ? parts.length > most : parts.length > 1) return undefined;
  const numbers = parts.map((part) => (NUMBER.test(part) ? Number(part) : NaN));
  const whole = type !== "number";
  const fits = numbers.every((n) => n >= min && n <= max && (!whole || Number.isInteger(n)));
  if (!fits) return undefined;
  return type === "sizes" ? numbers : numbers[0] + 0; // + 0: no negative zero
}

/** Value to text; parseValue gives the same value back. @returns {string} */
export function formatValue(option, value) {
  if (option.type === "sizes" && value.length === 0) return "0";
  return Array.isArray(value) ? value.join(",") : String(value);
}

/** Complete settings: the defaults, then a preset if one is named.
 * @param {{options: object, presets: object}} element its part of settings.json
 * @param {string} [preset] @returns {object} by option; nothing shared with settings.json */
export function startState({ options, presets }, preset) {
  if (preset !== undefined && !Object.hasOwn(presets, preset)) {
    throw new Error(`preset must be one of ${Object.keys(presets).join(", ")}, got ${preset}`);
  }
  const state = {};
  for (const key of Object.keys(options)) {
    const value = presets[preset]?.[key] ?? options[key].default;
    state[key] = Array.isArray(value) ? [...value] : value;
  }
  return state;
}

/** Read `key:value;key:value`. Nothing is evaluated; what is not allowed is left out and noted.
 * @param {{options: object}} element its part of settings.json @param {string} text
 * @returns {{changes: object, notes: string[]}} the allowed values, and a sentence for each other */
export function readState({ options }, text) {
  const changes = {};
  const notes = [];
  if (text.length > LONGEST) {
    return { changes, notes: [`Ignored: at most ${LONGEST} characters are read, got ${text.length}.`] };
  }
  const short = (word) => (word.length > 30 ? `${word.slice(0, 30)}…` : word);
  for (const pair of text.split(";").filter(Boolean)) {
    const colon = pair.indexOf(":");
    const key = colon < 0 ? pair : pair.slice(0, colon);
    const value = colon < 0 ? "" : pair.slice(colon + 1);
    if (!Object.hasOwn(options, key)) {
      notes.push(`Ignored: there is no setting “${short(key)}”.`);
    } else if (Object.hasOwn(changes, key)) {
      notes.push(`Ignored: ${key} was given twice; the first is used.`);
    } else {
      const parsed = parseValue(options[key], value);
      if (parsed === undefined) {
        notes.push(`Ignored: ${key} must be ${allowed(options[key])}, got “${short(value)}”.`);
      } else changes[key] = parsed;
    }
  }
  return { changes, notes };
}

/** Write what differs between a state and where it started.
 * @param {{options: object}} element its part of settings.json
 * @param {object} state @param {object} start @returns {string} `key:value;key:value` */
export function writeState({ options }, state, start) {
  return Object.keys(options)
    .map((key) => [key, formatValue(options[key], state[key]), formatValue(options[key], start[key])])
    .filter(([, now, then]) => now !== then)
    .map(([key, now]) => `${key}:${now}`)
    .join(";");
}

function segments(hash) {
  return hash.replace(/^#/, "").split("&").filter(Boolean);
}

/** The state of one element in an address: `#id=key:value;...`, several joined by `&`.
 * @param {{options: object}} element @param {string} hash as in location.hash @param {string} id
 * @returns {{changes: object, notes: string[]}} */
export function readHash(element, hash, id) {
  const mine = segments(hash).find((segment) => segment.startsWith(`${id}=`));
  if (mine === undefined) return { changes: {}, notes: [] };
  let text = mine.slice(id.length + 1);
  try {
    text = decodeURIComponent(text);
  } catch {
    return { changes: {}, notes: ["Ignored: the address holds a broken % sequence."] };
  }
  return readState(element, text);
}

/** The address with the state of one element put in; the others' parts stay.
 * @param {{options: object}} element @param {string} hash @param {string} id
 * @param {object} state @param {object} start @returns {string} "" if nothing is left to say */
export function writeHash(element, hash, id, state, start) {
  const parts = segments(hash).filter((segment) => !segment.startsWith(`${id}=`));
  const text = writeState(element, state, start);
  if (text) parts.push(`${id}=${text}`);
  return parts.length ? `#${parts.join("&")}` : "";
}
