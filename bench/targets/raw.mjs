import path from "node:path";
import { peersData, peersWorkloads, resetPeersData } from "./peers-data.mjs";

/** The limit: Kestrel and Npgsql with the fewest statements and generic plans, and nothing else done. */
export function raw() {
  let data;
  const program = (house) => path.join(house.root, "artifacts", "bench", "limits");
  return {
    name: "raw",
    async prepare(house) {
      await house.once("publish limits", () => house.processes.run("dotnet", ["publish", path.join(house.bench, "limits"), "-c", "Release", "-o", program(house), "-v", "q", "-nodeReuse:false", "-p:RestoreLockedMode=true"], { cwd: house.root, env: house.dotnet }));
      data = await peersData(house);
      // Beside the tables of all: the peers search as their authors wrote it.
      const [has] = await house.postgres.query(data.database, "select to_regclass('products_search') is not null");
      if (has !== "t") {
        await house.postgres.files(data.database, [path.join(house.bench, "db", "fast.sql"), path.join(house.bench, "limits", "limits.sql")]);
        await house.postgres.tidy(data.database, ["products_search"]);
      }
    },
    start: (house, port) => ({
      command: path.join(program(house), "limits"),
      cwd: program(house),
      env: { ...process.env, PORT: String(port), NPGSQL: `Host=127.0.0.1;Port=${house.postgres.port};Username=postgres;Database=${data.database}`, PGOPT: "-c plan_cache_mode=force_generic_plan" },
    }),
    first: "/raw/products/1",
    workloads: () => ({
      cached: { path: "/bytes", check: ({ data: ready }) => (ready.length === 10 ? undefined : "other bytes") },
      ...peersWorkloads(data.tokens, { product: "/raw/products", products: "/raw/products", search: "/trgm/products", mine: "/raw/my-orders", orders: "/raw/orders", login: "/raw/login" }),
    }),
    reset: resetPeersData,
  };
}
