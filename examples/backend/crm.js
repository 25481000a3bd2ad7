// The CRM's side: it asks the back end for calls, and shows what the back end tells. It knows nothing of phones.

const find = (selector) => document.querySelector(selector);

const log = (text) => {
  const line = document.createElement("li");
  line.textContent = text;
  find("#log").append(line);
};

const post = async (path, body) => {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.text ?? told.detail);
  return told;
};

const follow = () => {
  // It connects again by itself, and is told what is so then.
  const events = new EventSource("/events");
  events.addEventListener("state", ({ data }) => {
    const { page, line, call, number, ringing } = JSON.parse(data);
    const parts = [page === "ready" ? line : page];
    if (call) parts.push(`${call} ${number}`);
    if (ringing !== null) parts.push(`${ringing || "somebody"} calls`);
    find("#state").textContent = parts.join(", ");
  });
  events.addEventListener("ended", ({ data }) => {
    const { number, reason, seconds } = JSON.parse(data);
    log(`${number}: ${reason}, ${seconds.toFixed(0)} s`);
  });
};

find("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  await post("/login", { agent: new FormData(event.target).get("agent") });
  find("#login").hidden = true;
  find("main").hidden = false;
  follow();
});

// One window for the phone: a second click brings the same one to the front.
find("#open").addEventListener("click", () => open("/phone", "phone", "width=360,height=640"));

for (const button of document.querySelectorAll("[data-number]")) {
  button.addEventListener("click", async () => {
    const { number } = button.dataset;
    try {
      log(`${number}: ${(await post("/call", { number })).outcome}`);
    } catch (error) {
      log(`${number}: ${error.message}`);
    }
  });
}

find("#hangup").addEventListener("click", async () => {
  try {
    await post("/hangup");
  } catch (error) {
    log(error.message);
  }
});
