import path from "node:path";
import { DATABASE, peersData, peersWorkloads, resetPeersData } from "./peers-data.mjs";

/** The limit: Kestrel and Npgsql with the fewest statements and generic plans, and nothing else done. */
export function raw() {
  let tokens;
  const program = (house) => path.join(house.root, "artifacts", "bench", "limits");
  return {
    name: "raw",
    async prepare(house) {
      await house.processes.run("dotnet", ["publish", path.join(house.bench, "limits"), "-c", "Release", "-o", program(house), "-v", "q", "-nodeReuse:false", "-p:RestoreLockedMode=true"], { cwd: house.root, env: house.dotnet });
      tokens = await peersData(house);
    },
    start: (house, port) => ({
      command: path.join(program(house), "limits"),
      cwd: program(house),
      env: { ...process.env, PORT: String(port), NPGSQL: `Host=127.0.0.1;Port=${house.postgres.port};Username=postgres;Database=${DATABASE}`, PGOPT: "-c plan_cache_mode=force_generic_plan" },
    }),
    first: "/raw/products/1",
    workloads: () => ({
      cached: { path: "/bytes" },
      ...peersWorkloads(tokens, { product: "/raw/products", products: "/raw/products", mine: "/raw/my-orders", orders: "/raw/orders" }),
    }),
    reset: resetPeersData,
  };
}
