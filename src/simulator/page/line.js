// The page's end of the wire to its phone. The phone itself lives in the simulator: here texts go in and out, and nothing
// is decided.

/**
 * What a page shows of its phone; a hidden one shows nothing.
 * @typedef {object} View
 * @property {(phone: Picture) => void} [picture] What is so in the phone by now.
 * @property {(message: unknown) => void} [said] The phone said something to the host.
 * @property {(how: Microphone) => void} [microphone] How the microphone is.
 * @property {(why: End) => void} [over] The page is out of use until it is loaded again.
 */

/**
 * @typedef {object} Leg
 * @property {number} call_id
 * @property {string} number
 * @property {boolean} talking
 */

/**
 * @typedef {object} Picture
 * @property {boolean} connected
 * @property {Leg | null} call
 * @property {Leg | null} consultation
 * @property {Leg | null} ringing
 * @property {boolean} muted
 * @property {boolean} recording
 * @property {string} dtmf
 * @property {{ id: string, paused: boolean }[]} queues
 */

/** @typedef {"asked" | "live" | "refused" | "absent" | "busy" | "lost"} Microphone */

/** @typedef {"closed" | "crashed" | "taken" | "refused" | "gone"} End */

/**
 * Something that the phone did not say.
 * @typedef {object} Say
 * @property {any} message
 * @property {number} times
 * @property {number | null} per_second
 * @property {number} padding
 * @property {boolean} cyclic
 */

/** The longest text of the host that is passed on. */
const LONGEST = 65536;

/**
 * Whose phone this is: the window that opened it, else the one that frames it.
 * @type {Window | null}
 */
const host = window.opener ?? (window.parent === window ? null : window.parent);

/**
 * Opens the wire.
 * @param {View} view
 */
export function openLine(view) {
  const address = new URL(`/w3/link${location.search}`, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address);

  /** What was to be told before the wire stood. @type {string[]} */
  let early = [];
  /** The other end of a script that made this frame. @type {MessagePort | undefined} */
  let script;
  let served = false;
  let over = false;

  /** @param {object} what */
  const tell = (what) => {
    const text = JSON.stringify(what);
    if (socket.readyState === WebSocket.CONNECTING) {
      early.push(text);
    } else if (socket.readyState === WebSocket.OPEN) {
      socket.send(text);
    }
  };

  /** @param {End} why */
  const end = (why) => {
    if (over) {
      return;
    }
    over = true;
    socket.close();
    microphone.release();
    view.over?.(why);
  };

  const microphone = openMicrophone((how) => {
    tell({ microphone: how });
    view.microphone?.(how);
  });

  /** @param {Picture} phone */
  const picture = (phone) => {
    microphone.use(phone);
    view.picture?.(phone);
  };

  /** @param {unknown} message */
  const post = (message) => {
    // To whoever it is, as the vendor's documentation has it.
    host?.postMessage(message, "*");
    view.said?.(message);
  };

  /** What the simulator's control has the page itself do. @type {Record<string, () => void>} */
  const orders = {
    reload: () => location.reload(),
    crash: () => end("crashed"),
    leave: () => end("taken"),
    close: () => {
      end("closed");
      script?.postMessage("close");
      window.close();
    },
  };

  socket.addEventListener("open", () => {
    for (const text of early) {
      socket.send(text);
    }
    early = [];
  });
  socket.addEventListener("message", ({ data }) => {
    const told = JSON.parse(data);
    served = true;
    if (told.picture !== undefined) {
      picture(told.picture);
    } else if (typeof told.order === "string") {
      orders[told.order]?.();
    } else if (told.order !== undefined) {
      say(told.order.say, () => over);
    } else {
      post(told.post);
    }
  });
  socket.addEventListener("close", () => end(served ? "gone" : "refused"));

  addEventListener("message", (event) => {
    if (host === null || event.source !== host) {
      return;
    }
    const told = asText(event.data);
    if (told === undefined || told.length > LONGEST) {
      return;
    }
    if (event.data?.webphone_script !== undefined && event.ports.length === 1) {
      [script] = event.ports;
      script?.addEventListener("message", ({ data }) => tell({ found: String(data) }));
      script?.start();
      return;
    }
    tell({ post: event.data });
  });
  // A page that comes back from the browser's store has lost its wire.
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  return {
    /** The user of the page tells the phone something. @param {object} message */
    post: (message) => tell({ post: message }),
    /** The user wants the microphone to be asked for again. */
    askForMicrophone: () => microphone.ask(),
  };
}

/**
 * A message as JSON; nothing for one that JSON can't hold.
 * @param {unknown} message
 */
function asText(message) {
  try {
    return JSON.stringify(message);
  } catch {
    return undefined;
  }
}

/**
 * The microphone of the page: asked for when it opens and again with each call, as long as there is none.
 * @param {(how: Microphone) => void} tell
 */
function openMicrophone(tell) {
  /** @type {MediaStreamTrack | undefined} */
  let track;
  let asking = false;
  let inCall = false;
  let muted = false;
  let released = false;

  const ask = async () => {
    if (track !== undefined || asking || released) {
      return;
    }
    asking = true;
    tell("asked");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const taken of stream.getAudioTracks()) {
        track = taken;
        taken.enabled = !muted;
        taken.addEventListener("ended", () => {
          track = undefined;
          tell("lost");
        });
        if (released) {
          taken.stop();
        }
      }
      tell("live");
    } catch (error) {
      // Without a secure context there is nothing to ask.
      const name = error instanceof DOMException ? error.name : "";
      tell(name === "NotFoundError" ? "absent" : name === "NotReadableError" ? "busy" : "refused");
    }
    asking = false;
  };

  navigator.mediaDevices?.addEventListener("devicechange", ask);
  void ask();
  return {
    ask,
    /** @param {Picture} phone */
    use: (phone) => {
      muted = phone.muted;
      if (track !== undefined) {
        track.enabled = !muted;
      }
      const calls = phone.call !== null || phone.ringing !== null;
      if (calls && !inCall) {
        void ask();
      }
      inCall = calls;
    },
    release: () => {
      released = true;
      track?.stop();
    },
  };
}

/**
 * Posts something that the phone did not say, as often and as fast as wanted.
 * @param {Say} what
 * @param {() => boolean} isOver
 */
function say({ message, times, per_second, padding, cyclic }, isOver) {
  if (padding > 0) {
    message.padding = "x".repeat(padding);
  }
  if (cyclic) {
    message.itself = message;
  }
  const start = performance.now();
  let said = 0;
  const turn = () => {
    const due = per_second === null ? times : 1 + ((performance.now() - start) * per_second) / 1000;
    for (; said < Math.min(due, times); said++) {
      host?.postMessage(message, "*");
    }
    if (said < times && !isOver()) {
      setTimeout(turn, 4);
    }
  };
  turn();
}
