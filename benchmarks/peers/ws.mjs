// A server that says to everybody what comes through its feed: lines with a JSON array of texts.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { fed } from "./feed.mjs";

const server = createServer((_, answer) => answer.end());
const sockets = new WebSocketServer({ server, perMessageDeflate: false });

fed((texts) => {
  for (const text of texts) for (const client of sockets.clients) client.send(text);
});
server.listen(Number(process.argv[2]), "127.0.0.1", 4096);
