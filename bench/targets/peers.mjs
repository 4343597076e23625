import path from "node:path";
import { DATABASE, buildPeer, peersData, peersWorkloads, resetPeersData } from "./peers-data.mjs";

/** One of the two peers, with a number of processes of its own. */
export function peer(name, folder, workers) {
  let tokens;
  return {
    name,
    async prepare(house) {
      await buildPeer(house, folder);
      tokens = await peersData(house);
    },
    start: (house, port) => ({
      command: process.execPath,
      args: [path.join("dist", "server.js")],
      cwd: path.join(house.bench, "peers", folder),
      env: { ...process.env, NODE_ENV: "production", PORT: String(port), WORKERS: String(workers), DATABASE_URL: `postgres://postgres@127.0.0.1:${house.postgres.port}/${DATABASE}` },
    }),
    first: "/products/1",
    workloads: () => peersWorkloads(tokens, { product: "/products", products: "/products", mine: "/orders/my-orders", orders: "/orders" }),
    reset: resetPeersData,
  };
}
