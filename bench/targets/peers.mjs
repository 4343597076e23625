import path from "node:path";
import { buildPeer, peersData, peersWorkloads, resetPeersData } from "./peers-data.mjs";

/** One of the two peers, with a number of processes of its own. */
export function peer(name, folder, workers) {
  let data;
  return {
    name,
    async prepare(house) {
      await buildPeer(house, folder);
      data = await peersData(house);
    },
    start: (house, port) => ({
      command: process.execPath,
      args: [path.join("dist", "server.js")],
      cwd: path.join(house.bench, "peers", folder),
      env: { ...process.env, NODE_ENV: "production", PORT: String(port), WORKERS: String(workers), DATABASE_URL: `postgres://postgres@127.0.0.1:${house.postgres.port}/${data.database}` },
    }),
    first: "/products/1",
    workloads: () => peersWorkloads(data.tokens, { product: "/products", products: "/products", search: "/products", mine: "/orders/my-orders", orders: "/orders", login: "/auth/login" }),
    reset: resetPeersData,
  };
}
