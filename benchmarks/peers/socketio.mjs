// The same with socket.io, for clients that come with a WebSocket at once.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { fed } from "./feed.mjs";

const server = createServer((_, answer) => answer.end());
const io = new Server(server, {
  transports: ["websocket"],
  serveClient: false,
  pingInterval: 600_000,
  perMessageDeflate: false,
});

fed((texts) => {
  for (const text of texts) io.emit("event", JSON.parse(text));
});
server.listen(Number(process.argv[2]), "127.0.0.1", 4096);
