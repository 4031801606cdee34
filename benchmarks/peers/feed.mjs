// Where what is to be said comes from: a socket at BENCH_FEED.
import { createServer } from "node:net";

export function fed(say) {
  createServer((feed) => {
    let rest = "";
    feed.setEncoding("utf8");
    feed.on("data", (data) => {
      const lines = (rest + data).split("\n");
      rest = lines.pop();
      for (const line of lines) say(JSON.parse(line));
    });
  }).listen(process.env.BENCH_FEED);
}
