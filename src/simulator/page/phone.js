// The interface of a phone: shows what is so in it, and tells it what its user wants.

import { openLine } from "./line.js";
import { say, translate } from "./words.js";

/** @typedef {import("./line.js").Picture} Picture */
/** @typedef {import("./line.js").Leg} Leg */
/** @typedef {import("./line.js").Microphone} Microphone */
/** @typedef {import("./line.js").End} End */

/**
 * An element of the page.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
function part(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) {
    throw new TypeError(`#${id} is missing`);
  }
  return element;
}

/** @param {string} id */
const block = (id) => part(id, HTMLElement);

/** @param {string} id */
const button = (id) => part(id, HTMLButtonElement);

/** @param {string} id */
const input = (id) => part(id, HTMLInputElement);

/** The first element of this selector in another. @param {Element} within @param {string} selector */
const inner = (within, selector) => /** @type {HTMLElement} */ (within.querySelector(selector));

translate();
drawKeypad();

const line = openLine({ picture, said, microphone, over });

/** What was last shown. @type {Picture | undefined} */
let shown;

/** When the talk of a call was first seen, by its id. @type {{ call: number, since: number } | undefined} */
let talk;

// What is so.

/** @param {Picture} phone */
function picture(phone) {
  const before = shown;
  shown = phone;
  const focused = document.activeElement;
  showLine(phone);
  showCall(phone);
  showIncoming(phone);
  showQueues(phone);
  const state = phone.call !== null ? "call" : phone.ringing !== null ? "ringing" : "idle";
  block("phone").dataset.state = state;
  block("dial").hidden = state !== "idle";
  block("keypad").hidden = state === "ringing";
  inner(document.body, ".main").hidden = state === "ringing";
  button("place").hidden = state !== "idle";
  button("place").disabled = !phone.connected;
  speak(news(before, phone));
  keepFocus(focused);
}

/** @param {Picture} phone */
function showLine(phone) {
  const state = phone.connected ? "connected" : "disconnected";
  const element = block("line");
  element.dataset.state = state;
  element.textContent = say(state);
  const connection = button("connection");
  connection.textContent = say(phone.connected ? "disconnect" : "connect");
  connection.hidden = phone.call !== null || phone.ringing !== null;
}

/** @param {Picture} phone */
function showCall({ call, consultation, dtmf, muted, recording }) {
  block("call").hidden = call === null;
  button("hang-up").hidden = call === null;
  if (call === null) {
    talk = undefined;
    block("call-time").hidden = true;
    openTransfer(false);
    return;
  }
  if (call.talking && talk?.call !== call.call_id) {
    talk = { call: call.call_id, since: performance.now() };
  }
  block("failure").hidden = true;
  block("call-state").textContent = say(call.talking ? "talking" : "calling");
  block("call").dataset.state = call.talking ? "talking" : "calling";
  block("call-number").textContent = written(call.number);
  block("call-time").hidden = !call.talking;
  showTime();
  const keys = block("call-keys");
  keys.hidden = dtmf === "";
  keys.textContent = dtmf;
  const consulted = block("consultation");
  consulted.hidden = consultation === null;
  if (consultation !== null) {
    const number = written(consultation.number);
    consulted.textContent = say(consultation.talking ? "consulting" : "consultingCalls", { number });
  }
  press(button("mute"), muted);
  inner(button("mute"), "use").setAttribute("href", muted ? "#icon-microphone-off" : "#icon-microphone");
  press(button("record"), recording);
  inner(button("record"), "span").textContent = say(recording ? "recording" : "record");
  button("transfer").disabled = !call.talking || consultation !== null;
  if (button("transfer").disabled) {
    openTransfer(false);
  }
  inner(button("hang-up"), "span").textContent = say(consultation === null ? "hangUp" : "join");
}

/** @param {Picture} phone */
function showIncoming({ call, ringing }) {
  block("incoming").hidden = ringing === null;
  if (ringing !== null) {
    block("caller").textContent = written(ringing.number) || say("unknownNumber");
    // What is hung up beside a call is the call: only alone can a ringing one be declined.
    button("decline").hidden = call !== null;
    inner(button("answer"), "span").textContent = say(call === null ? "answer" : "answerInstead");
  }
}

/** @param {Picture} phone */
function showQueues({ queues }) {
  const section = block("queues");
  section.hidden = queues.length === 0;
  const list = inner(section, "ul");
  const known = new Map([...list.children].map((row) => [row.getAttribute("data-queue"), row]));
  // A row that stays keeps its focus.
  const rows = queues.map(({ id, paused }) => {
    const row = known.get(id) ?? newQueue(id);
    inner(row, "span").textContent = say(paused ? "paused" : "waiting");
    row.toggleAttribute("data-paused", paused);
    const toggle = inner(row, "button");
    toggle.textContent = say(paused ? "resume" : "pause");
    toggle.setAttribute("aria-label", `${toggle.textContent}: ${say("queue", { id })}`);
    return row;
  });
  if (rows.length !== list.children.length || rows.some((row, n) => list.children[n] !== row)) {
    list.replaceChildren(...rows);
  }
}

/** @param {string} id */
function newQueue(id) {
  const row = document.createElement("li");
  row.dataset.queue = id;
  const name = document.createElement("b");
  name.textContent = say("queue", { id });
  const state = document.createElement("span");
  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.className = "quiet";
  toggle.addEventListener("click", () => {
    const paused = row.hasAttribute("data-paused");
    line.post({ message: paused ? "despausarNaFila" : "pausarNaFila", filaId: id });
  });
  row.append(name, state, toggle);
  return row;
}

/** @param {HTMLButtonElement} toggle @param {boolean} pressed */
function press(toggle, pressed) {
  toggle.setAttribute("aria-pressed", String(pressed));
}

/** A number with the gaps by which it is read; everything else as it is. @param {string} number */
function written(number) {
  return number.replace(/^(\d{2})(\d{4,5})(\d{4})$/, "$1 $2-$3");
}

function showTime() {
  if (talk === undefined) {
    return;
  }
  const seconds = Math.floor((performance.now() - talk.since) / 1000);
  /** @param {number} count */
  const two = (count) => String(count).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const short = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  block("call-time").textContent = hours > 0 ? `${hours}:${short}` : short;
}

setInterval(showTime, 250);

// What is heard.

/**
 * What changed, for those who hear the page instead of seeing it.
 * @param {Picture | undefined} before
 * @param {Picture} now
 */
function news(before, now) {
  const words = [];
  if (before?.connected !== now.connected) {
    words.push(say(now.connected ? "connected" : "disconnected"));
  }
  if (now.ringing !== null && before?.ringing?.call_id !== now.ringing.call_id) {
    words.push(`${say("incoming")}: ${written(now.ringing.number) || say("unknownNumber")}`);
  }
  if (now.call === null && before?.call) {
    words.push(say("ended"));
  } else if (
    now.call !== null &&
    (before?.call?.call_id !== now.call.call_id || before.call.talking !== now.call.talking)
  ) {
    words.push(`${say(now.call.talking ? "talking" : "calling")} ${written(now.call.number)}`);
  } else if (before !== undefined && before.muted !== now.muted) {
    words.push(say(now.muted ? "muted" : "unmuted"));
  }
  return words.join(". ");
}

/** @param {string} text */
function speak(text) {
  if (text !== "") {
    block("spoken").textContent = text;
  }
}

/** @param {unknown} message */
function said(message) {
  const why = /** @type {any} */ (message)?.status_erro;
  if (/** @type {any} */ (message)?.message === "status_erro" && typeof why === "string") {
    const failure = block("failure");
    inner(failure, "p").textContent = say("failed", { why });
    failure.hidden = false;
  }
}

/** @param {Microphone} how */
function microphone(how) {
  const troubles = { refused: "micRefused", absent: "micAbsent", busy: "micBusy", lost: "micLost" };
  const word = how in troubles ? troubles[/** @type {keyof typeof troubles} */ (how)] : undefined;
  const trouble = block("trouble");
  if (how !== "asked") {
    trouble.hidden = word === undefined;
  }
  if (word !== undefined) {
    inner(trouble, "p").textContent = say(/** @type {import("./words.js").Word} */ (word));
  }
}

/** @param {End} why */
function over(why) {
  block("phone").hidden = true;
  const aside = block("aside");
  inner(aside, "h1").textContent = say(why);
  aside.hidden = false;
  aside.focus();
}

// What its user wants.

function drawKeypad() {
  const letters = ["", "ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ", "", "", ""];
  const keys = [..."123456789*0#"].map((digit, n) => {
    const key = document.createElement("button");
    key.type = "button";
    key.value = digit;
    key.textContent = digit;
    if (digit === "*" || digit === "#") {
      key.setAttribute("aria-label", say(digit === "*" ? "star" : "hash"));
    }
    // Also where there are none: the digits of a row stand on one line.
    const small = document.createElement("small");
    small.setAttribute("aria-hidden", "true");
    small.textContent = letters[n] ?? "";
    key.append(small);
    key.addEventListener("click", () => dialled(digit));
    return key;
  });
  block("keypad").replaceChildren(...keys);
}

/** A key: of the number that is written, or, in a call, for the other side. @param {string} digit */
function dialled(digit) {
  if (shown?.call) {
    line.post({ message: "enviaDTMF", dtmf: digit });
  } else {
    input("number").value += digit;
    wrote();
  }
}

function wrote() {
  button("backspace").hidden = input("number").value === "";
}

/** @param {boolean} open */
function openTransfer(open) {
  block("transfer-form").hidden = !open;
  button("transfer").setAttribute("aria-expanded", String(open));
  if (!open) {
    input("target").value = "";
  }
}

/** Who had the focus on something that went away gets it on what came instead. @param {Element | null} focused */
function keepFocus(focused) {
  if (focused === null || focused === document.body || isSeen(focused)) {
    return;
  }
  const next = [button("hang-up"), button("answer"), input("number")].find(isSeen);
  next?.focus();
}

/** @param {Element} element */
function isSeen(element) {
  return element.isConnected && element.getClientRects().length > 0 && !(/** @type {any} */ (element).disabled);
}

block("dial").addEventListener("submit", (event) => {
  event.preventDefault();
  const number = input("number").value.trim();
  if (number === "") {
    input("number").focus();
    return;
  }
  line.post({ message: "chamaNumero", numero: number });
  input("number").value = "";
  wrote();
});
input("number").addEventListener("input", wrote);
button("backspace").addEventListener("click", () => {
  input("number").value = input("number").value.slice(0, -1);
  wrote();
  if (button("backspace").hidden) {
    input("number").focus();
  }
});

block("transfer-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { submitter } = /** @type {SubmitEvent} */ (event);
  const consults = /** @type {HTMLButtonElement | null} */ (submitter)?.value === "consult";
  line.post({ message: consults ? "transferirConsulta" : "transferir", numeroTelefone: input("target").value });
  openTransfer(false);
  button("transfer").focus();
});
button("transfer").addEventListener("click", () => {
  const open = button("transfer").getAttribute("aria-expanded") === "false";
  openTransfer(open);
  if (open) {
    input("target").focus();
  }
});

/** @type {[string, () => object][]} */
const buttons = [
  ["answer", () => ({ message: "answer" })],
  ["decline", () => ({ message: "hangup" })],
  ["hang-up", () => ({ message: "hangup" })],
  ["mute", () => ({ message: "mute" })],
  ["record", () => ({ message: shown?.recording ? "recStop" : "recStart" })],
  ["connection", () => ({ message: shown?.connected ? "desconectar" : "conectar" })],
];
for (const [id, message] of buttons) {
  button(id).addEventListener("click", () => line.post(message()));
}
inner(block("trouble"), "button").addEventListener("click", () => line.askForMicrophone());
inner(block("aside"), "button").addEventListener("click", () => location.reload());

// In a call the keyboard is the keypad, wherever nothing is being written.
addEventListener("keydown", (event) => {
  const writes = event.target instanceof HTMLInputElement;
  if (shown?.call && !writes && /^[0-9*#]$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
    event.preventDefault();
    dialled(event.key);
  }
});
