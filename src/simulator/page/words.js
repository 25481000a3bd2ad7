// What the phone's interface says, in both of its languages. Portuguese is what stands in the page itself.

const english = {
  activeCall: "Call",
  answer: "Answer",
  answerInstead: "Answer and end this call",
  ask: "Ask again",
  backspace: "Delete last digit",
  call: "Call",
  calling: "Calling…",
  closed: "The phone has closed.",
  connect: "Connect",
  connected: "Connected",
  connecting: "Connecting…",
  consult: "Consult",
  consulting: "Consulting {number}",
  consultingCalls: "Calling {number} to consult",
  crashed: "The page has crashed.",
  decline: "Decline",
  disconnect: "Disconnect",
  disconnected: "Disconnected",
  ended: "Call ended",
  extension: "Extension",
  failed: "The call did not go through: {why}",
  gone: "The connection to the phone is lost.",
  hangUp: "Hang up",
  incoming: "Incoming call",
  join: "Hang up and join them",
  keypad: "Keypad",
  micAbsent: "No microphone was found: the others can't hear you.",
  micBusy: "The microphone is in use by another program: the others can't hear you.",
  micLost: "The microphone was taken away: the others can't hear you.",
  micRefused: "The microphone was refused: the others can't hear you.",
  mute: "Mute",
  muted: "Microphone off",
  number: "Number",
  pause: "Pause",
  paused: "paused",
  queue: "Queue {id}",
  queues: "Queues",
  record: "Record",
  recording: "Recording",
  refused: "The phone could not be opened.",
  reload: "Load again",
  resume: "Resume",
  simulated: "Simulated phone",
  star: "star",
  hash: "hash",
  talking: "Talking",
  taken: "The phone was opened elsewhere.",
  transfer: "Transfer",
  transferTo: "Transfer to",
  unknownNumber: "Unknown number",
  unmuted: "Microphone on",
  waiting: "waiting for calls",
};

/** @typedef {keyof typeof english} Word */

/** @type {Record<Word, string>} */
const portuguese = {
  activeCall: "Chamada",
  answer: "Atender",
  answerInstead: "Atender e encerrar esta",
  ask: "Pedir de novo",
  backspace: "Apagar último dígito",
  call: "Ligar",
  calling: "Chamando…",
  closed: "O telefone foi fechado.",
  connect: "Conectar",
  connected: "Conectado",
  connecting: "Conectando…",
  consult: "Consultar",
  consulting: "Consultando {number}",
  consultingCalls: "Chamando {number} para consulta",
  crashed: "A página parou de funcionar.",
  decline: "Recusar",
  disconnect: "Desconectar",
  disconnected: "Desconectado",
  ended: "Chamada encerrada",
  extension: "Ramal",
  failed: "A chamada não foi completada: {why}",
  gone: "A ligação com o telefone caiu.",
  hangUp: "Desligar",
  incoming: "Chamada recebida",
  join: "Desligar e unir os dois",
  keypad: "Teclado",
  micAbsent: "Nenhum microfone foi encontrado: os outros não ouvem você.",
  micBusy: "O microfone está em uso por outro programa: os outros não ouvem você.",
  micLost: "O microfone foi retirado: os outros não ouvem você.",
  micRefused: "O microfone foi recusado: os outros não ouvem você.",
  mute: "Mudo",
  muted: "Microfone desligado",
  number: "Número",
  pause: "Pausar",
  paused: "em pausa",
  queue: "Fila {id}",
  queues: "Filas",
  record: "Gravar",
  recording: "Gravando",
  refused: "O telefone não pôde ser aberto.",
  reload: "Carregar de novo",
  resume: "Retomar",
  simulated: "Telefone simulado",
  star: "asterisco",
  hash: "cerquilha",
  talking: "Em conversa",
  taken: "O telefone foi aberto em outro lugar.",
  transfer: "Transferir",
  transferTo: "Transferir para",
  unknownNumber: "Número desconhecido",
  unmuted: "Microfone ligado",
  waiting: "aguardando chamadas",
};

/** The language of the page: the first that its reader prefers and that it has; else Portuguese. */
export const language = pickLanguage();

const words = language === "en" ? english : portuguese;

function pickLanguage() {
  const wanted = [new URLSearchParams(location.search).get("lang"), ...navigator.languages];
  const known = wanted.map((tag) => tag?.slice(0, 2).toLowerCase()).find((tag) => tag === "pt" || tag === "en");
  return known === "en" ? "en" : "pt-BR";
}

/**
 * A text of the interface, with what stands in its braces.
 * @param {Word} word
 * @param {Record<string, string>} [values]
 */
export function say(word, values = {}) {
  return words[word].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Puts a page into its reader's language: the text of `data-word`, the name of `data-label`. */
export function translate() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = say(/** @type {Word} */ (element.getAttribute("data-word")));
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(/** @type {Word} */ (element.getAttribute("data-label"))));
  }
}
