// What a page gets that loads a hidden phone's URL as a script: a frame with the same address, which is the phone.
(() => {
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const frame = document.createElement("iframe");
  frame.allow = "microphone; autoplay";
  frame.title = "Webphone";
  frame.style.display = "none";
  frame.src = script.src;
  // The phone may close itself (`fechar_fim`), which a frame can't: the way to have it done.
  frame.addEventListener("load", () => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => frame.remove();
    frame.contentWindow?.postMessage({ webphone_script: 1 }, "*", [port2]);
  });
  (document.getElementById("widget-evoline-api-container") ?? document.body ?? document.documentElement).append(frame);
  Object.assign(window, { webphone: frame });
})();
