// The bridge: the one script in every host page. It inserts the phone, carries texts between the phone's window and the
// program that hosts the page, and tells what becomes of the page. What the texts mean is none of its business, nor is
// anything but the phone's own window. How the two ends speak is written in src/page/envelope.rs.

/** What only this load of the page knows; the core puts it here. */
declare const __WEBPHONE__: {
  /** Which of the hosts below carries texts. */
  host: string;
  /** The load's number: what does not have it is not from the core. */
  nonce: string;
  /** The host page's own origin. */
  origin: string;
  /** Where a browser's page is joined to its server. */
  socket?: string;
  /** The phone, where nobody has to be waited for. */
  start?: Start;
};

/** The phone and how to load it. */
interface Start {
  url: string;
  load: "frame" | "script" | "popup";
  origins: string[];
  allow: string;
  timeout: number;
  title: string;
}

type Item = [string, ...unknown[]];

/** What hosts leave in the script's world. */
declare const webkit: { messageHandlers: { webphone: { postMessage(text: string): void } } };
declare const webphonePost: (text: string) => void;
declare let webphoneHost: { post?(text: string): void; receive?(text: string): void };

const MAX_BATCH = 250;
const MAX_WAITING = 1024;
const MAX_MESSAGE = 65536;
const MAX_BATCH_TEXT = 262144;
/** A load may come before the violation of the policy that led to it: so long one waits for that, in milliseconds. */
const JUDGED_AFTER = 50;
/** The violation may come first too: then the browser shows a page of its own, which takes its time on a busy machine. */
const LED_TO_BY = 2000;
/** The close code by which a server says that another page took this one's place. */
const REPLACED = 4001;

const config = __WEBPHONE__;
const page = window;
const root = document;

// Reloading, and injecting hosts, may bring this script into pages that are not ours.
if (location.origin === config.origin && page === page.top) {
  const { host, nonce } = config;
  if (root.currentScript) root.currentScript.remove();

  // To the program: a batch once a task, so that a flood costs little.

  let send: ((text: string) => void) | undefined;
  let seq = 0;
  const waiting: Item[] = [];
  let length = 0;
  let dropped = 0;
  let due = false;
  // Timers are slowed down in the background, messages are not.
  const task = new MessageChannel();

  const flush = () => {
    due = false;
    while (send && (dropped || waiting[0])) {
      const batch = waiting.splice(0, MAX_BATCH);
      if (dropped) batch.push(["notice", "messages_dropped", dropped]);
      dropped = length = 0;
      send(JSON.stringify({ webphone: 1, nonce, seq: ++seq, batch }));
    }
  };
  task.port1.onmessage = flush;

  const later = () => {
    if (!due) task.port2.postMessage(0);
    due = true;
  };

  const say = (...item: Item) => {
    waiting.push(item);
    later();
  };

  const notice = (word: string) => say("notice", word);

  const carry = (text: string) => {
    if (text.length > MAX_MESSAGE || waiting.length > MAX_WAITING) {
      dropped++;
      return later();
    }
    length += text.length;
    say("message", text);
    if (waiting.length >= MAX_BATCH || length > MAX_BATCH_TEXT) flush();
  };

  // The phone.

  let start: Start | undefined;
  let stopped = false;
  /** The frame that is the phone; unknown until it speaks or loads. */
  let frame: HTMLIFrameElement | undefined;
  let popup: Window | null = null;
  let pin: string | undefined;
  /** Which document of the phone it is. */
  let document_ = 1;
  let gone = false;
  let violatedAt = -1e9;
  let judging = 0;
  /** What came while it was not clear which document there is. */
  let held: (() => void)[] = [];
  const loaded = new Set<HTMLIFrameElement>();
  const frames = new Set<HTMLIFrameElement>();
  let patience = 0;
  let watch = 0;

  const isPhone = (url: string) => {
    try {
      return (start as Start).origins.includes(new URL(url).origin);
    } catch {
      return false;
    }
  };

  const target = () => popup || frame?.contentWindow;

  /** The JSON text of a message of the phone's language; nothing for all else. */
  const textOf = (data: unknown) => {
    try {
      const long = typeof data === "string" && data.length > MAX_MESSAGE;
      const message = typeof data === "string" && !long ? JSON.parse(data) : data;
      return long || (message.message && typeof message.message === "string") ? JSON.stringify(data) : "";
    } catch {
      return "";
    }
  };

  const onMessage = (event: MessageEvent) => {
    const { source, origin } = event;
    let from = frame;
    if (!popup && !pin) for (const one of frames) if (one.contentWindow === source) from = one;
    if (!start || stopped || !source || source !== (popup || from?.contentWindow)) return;
    if (!start.origins.includes(origin)) return;
    const text = textOf(event.data);
    if (!text) return;
    // Another origin in the same window: the document that loads there speaks already.
    if (judging || (pin && pin !== origin)) {
      if (held.length < MAX_WAITING) held.push(() => onMessage(event));
      else dropped++;
      return;
    }
    if (!pin) {
      frame = from;
      pin = origin;
      clearTimeout(patience);
      say("pinned", pin);
    }
    carry(text);
  };

  const release = () => {
    const now = held;
    held = [];
    for (const one of now) one();
  };

  /** Another document is in the phone's place. */
  const renew = () => {
    document_++;
    pin = undefined;
    gone = false;
    say("loaded", document_);
    release();
  };

  const onLoad = (one: HTMLIFrameElement) => {
    if (stopped || !isPhone(one.src) || (frame && frame !== one)) return;
    if (!loaded.has(one)) {
      loaded.add(one);
      clearTimeout(patience);
      if (!pin) frame = start && start.load === "frame" ? one : frame;
      if (gone) renew();
      else say("loaded", document_);
      return;
    }
    const at = performance.now();
    clearTimeout(judging);
    judging = page.setTimeout(() => {
      judging = 0;
      if (violatedAt > at - LED_TO_BY) {
        // The phone that was there may live on: its next message decides.
        violatedAt = -1e9;
        notice("navigation_blocked");
        release();
      } else renew();
    }, JUDGED_AFTER);
  };

  const onViolation = (event: SecurityPolicyViolationEvent) => {
    if (event.effectiveDirective !== "frame-src" || stopped || !start) return;
    if (!pin && violatedAt < 0) say("failed", "blocked");
    violatedAt = performance.now();
  };

  /** Looks at every frame that a script may have made. */
  const look = () => {
    if (!start) return;
    for (const one of root.querySelectorAll("iframe")) {
      if (!isPhone(one.src)) continue;
      if (one.allow !== start.allow) {
        // It takes effect when the frame is inserted; in this task that costs no second request.
        const { parentNode, nextSibling } = one;
        one.allow = start.allow;
        one.remove();
        if (parentNode) parentNode.insertBefore(one, nextSibling);
      }
      if (!frames.has(one)) {
        frames.add(one);
        one.addEventListener("load", () => onLoad(one));
      }
    }
    for (const one of frames) {
      if (one.isConnected) continue;
      frames.delete(one);
      loaded.delete(one);
      if (frame ? frame === one : !frames.size) {
        frame = pin = undefined;
        gone = true;
        say("closed");
      }
    }
  };
  const observer = new MutationObserver(look);

  const insert = (name: "iframe" | "script", url: string) => {
    const element = root.createElement(name);
    element.referrerPolicy = "no-referrer";
    element.onerror = () => say("failed", "script");
    element.src = url;
    return element;
  };

  const openPopup = (url: string) => {
    popup = open(url);
    watch = page.setInterval(() => {
      if (!popup) return;
      if (popup.closed) {
        popup = null;
        clearInterval(watch);
        say("closed");
      } else if (patience) {
        try {
          // Ours to read until the phone's document is there.
          void popup.location.href;
        } catch {
          clearTimeout(patience);
          patience = 0;
          say("loaded", document_);
        }
      }
    }, 200);
    return popup;
  };

  const orders: Record<string, (...values: never[]) => void> = {
    start(given: Start) {
      if (start || stopped) return;
      start = given;
      const { url, load, title } = given;
      const body = root.body;
      patience = page.setTimeout(() => say("failed", "timeout"), given.timeout);
      if (load === "popup") {
        if (openPopup(url)) return;
        notice("popup_blocked");
        const button = root.createElement("button");
        button.textContent = title;
        button.onclick = () => openPopup(url) && button.remove();
        body.append(button);
        return;
      }
      observer.observe(root, { childList: true, subtree: true, attributeFilter: ["src"] });
      if (load === "script") {
        body.append(insert("script", url));
      } else {
        const made = insert("iframe", url) as HTMLIFrameElement;
        made.allow = given.allow;
        made.title = title;
        body.append(made);
        frame = made;
        look();
      }
    },
    post(n: number, number: number, text: string) {
      if (judging) {
        held.push(() => (orders.post as (...values: unknown[]) => void)(n, number, text));
        return;
      }
      const to = !frame && frames.size ? [...frames][0].contentWindow : target();
      const ok = !!to && !!start && !stopped && number === document_ && !gone;
      if (ok && start) for (const origin of pin ? [pin] : start.origins) to.postMessage(JSON.parse(text), origin);
      say("posted", n, ok);
    },
    stop() {
      stopped = true;
      observer.disconnect();
      clearTimeout(patience);
      clearInterval(watch);
      for (const one of frames) one.remove();
      if (popup) popup.close();
    },
  };

  // From the program.

  const read = (text: unknown) => {
    try {
      const envelope = JSON.parse(text as string);
      return envelope.webphone === 1 && envelope.nonce === nonce ? (envelope.batch as Item[]) : undefined;
    } catch {
      return undefined;
    }
  };

  const receive = (text: unknown) => {
    for (const [word, ...values] of read(text) || []) {
      if (Object.keys(orders).includes(word)) orders[word](...(values as never[]));
    }
  };

  const connect = (given: (text: string) => void) => {
    send = given;
    flush();
  };

  const call = (given: (text: string) => void) => {
    (globalThis as unknown as { webphoneHost: unknown }).webphoneHost = { receive };
    connect(given);
  };

  let pause = 500;

  /** Who carries texts: one entry for each kind of host. */
  const hosts: Record<string, () => void> = {
    handler: () => call((text) => webkit.messageHandlers.webphone.postMessage(text)),
    binding: () => call(webphonePost),
    hook() {
      const given = webphoneHost;
      call((text) => given.post?.(text));
    },
    port() {
      const take = (event: MessageEvent) => {
        const [port] = event.ports;
        // A page can imitate the missing source, but not the empty origin.
        if (event.origin !== "" || event.source || event.ports.length !== 1 || !read(event.data)) return;
        page.removeEventListener("message", take);
        port.onmessage = ({ data }) => receive(data);
        connect((text) => port.postMessage(text));
      };
      page.addEventListener("message", take);
    },
    socket() {
      const socket = new WebSocket(config.socket as string);
      socket.onmessage = ({ data }) => receive(data);
      socket.onopen = () => {
        if (seq) notice("reconnected");
        pause = 500;
        connect((text) => socket.send(text));
      };
      socket.onclose = ({ code }) => {
        send = undefined;
        if (code === REPLACED) orders.stop();
        pause = Math.min(pause * 2, 15000);
        if (!stopped) setTimeout(hosts.socket, pause);
      };
    },
  };

  // The microphone, as far as this page can see it.

  const told: Record<string, boolean> = {};
  const tell = (bad: boolean, badWord: string, goodWord: string) => {
    if (!!told[badWord] === bad) return;
    told[badWord] = bad;
    notice(bad ? badWord : goodWord);
  };
  const { mediaDevices, permissions } = navigator;
  // Android's web view answers `denied` to whoever asks, also while the phone has the microphone, and lists none before the
  // app may use it: there the program tells. By Chromium's source; never seen on a device.
  const asks = host !== "port";
  if (asks && permissions) {
    permissions.query({ name: "microphone" as PermissionName }).then((status) => {
      const onChange = () => tell(status.state === "denied", "microphone_refused", "microphone_granted");
      status.onchange = onChange;
      onChange();
    }, Boolean);
  }
  if (asks && mediaDevices) {
    const count = () =>
      mediaDevices.enumerateDevices().then((all) => {
        tell(!all.some(({ kind }) => kind === "audioinput"), "microphone_missing", "microphone_found");
      }, Boolean);
    mediaDevices.addEventListener("devicechange", count);
    count();
  }

  page.addEventListener("message", onMessage);
  root.addEventListener("securitypolicyviolation", onViolation);
  page.addEventListener("pagehide", () => {
    say("left");
    flush();
  });
  // A page that comes back from the browser's cache has lost its place.
  page.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });

  const begin = () => {
    say("hello");
    hosts[host]();
    if (config.start) orders.start(config.start as never);
  };
  // A host that injects this may be too early for a phone to be inserted.
  if (root.body) begin();
  else root.addEventListener("DOMContentLoaded", begin);
}
