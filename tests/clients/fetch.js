// Asks for a webphone with the vendor's client for Node. usage: node fetch.js PARAMETERS
const TotalVoice = require("totalvoice-node");

const { TOTALVOICE_ACCESS_TOKEN, WEBPHONE_BASE_URL } = process.env;
const client = new TotalVoice(TOTALVOICE_ACCESS_TOKEN, WEBPHONE_BASE_URL);
client.central
  .webphone(JSON.parse(process.argv[2]))
  // A refusal comes as a rejected promise that carries the answer.
  .catch((refusal) => refusal.data)
  .then((answer) => console.log(JSON.stringify(answer)));
