import { createHash, createHmac, randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const DATABASE = "quitanda_bench";
const TOKEN_SECONDS = 12 * 3600;

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The only place that knows how the product signs its access tokens. `user` is the row `id|version`. */
function token(secret, user, now) {
  const [sub, ver] = user.split("|");
  const kid = createHash("sha256").update(secret).digest("hex").slice(0, 8);
  const signed = `${base64url({ alg: "HS256", typ: "at+jwt", kid })}.${base64url({ sub, sid: randomUUID(), ver: Number(ver), iat: now, exp: now + TOKEN_SECONDS, iss: "quitanda", aud: "quitanda" })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** The only place that knows the product's settings. */
function settings(house, secrets) {
  return {
    ...process.env,
    ConnectionStrings__Quitanda: `Host=127.0.0.1;Port=${house.postgres.port};Username=postgres;Database=${DATABASE}`,
    Secrets__TokenSigning: secrets.tokenSigning,
    Secrets__DataProtection: secrets.dataProtection,
    // All load comes from one address; it is counted all the same.
    Limits__RequestsPerMinute: "1000000000",
  };
}

const sameProduct = (product, { id }) => (product.id === id && product.category ? undefined : "another product");
const page = (length) => ({ data, meta }) => (data.length === length && meta.total === 500 ? undefined : `not ${length} products of 500`);
const fullHistory = ({ data }) => (data.length === 20 && data.every((order) => order.items.length > 0) ? undefined : "not 20 orders with their lines");
const twoLines = ({ items }) => (items.length === 2 ? undefined : "not an order of 2 lines");

/** The product: the published host on a database of its own, on the same server. */
export function quitanda() {
  const secrets = { tokenSigning: randomBytes(32).toString("hex"), dataProtection: randomBytes(32).toString("hex") };
  const files = {};
  const program = (house) => path.join(house.root, "artifacts", "publish", "quitanda");
  const data = (house) => path.join(house.folder, "quitanda");

  async function list(house, name, sql, count) {
    const rows = await house.postgres.query(DATABASE, sql);
    if (rows.length !== count) throw new Error(`bench/db/quitanda.sql left ${rows.length} ${name} instead of ${count}`);
    files[name] = path.join(house.folder, `quitanda.${name}`);
    return rows;
  }

  return {
    name: "quitanda",
    async prepare(house) {
      await house.processes.run("dotnet", ["publish", path.join(house.root, "src", "Host"), "-c", "Release", "-r", "linux-x64", "--self-contained", "false", "-o", path.dirname(program(house)), "-v", "q", "-nodeReuse:false"], { cwd: house.root, env: house.dotnet });
      await house.postgres.query("postgres", `create database ${DATABASE}`);
      mkdirSync(data(house));
      await house.processes.run(program(house), ["migrate"], { cwd: data(house), env: settings(house, secrets) });
      await house.postgres.file(DATABASE, path.join(house.bench, "db", "quitanda.sql"));
      await house.postgres.tidy(DATABASE);

      const now = Math.floor(Date.now() / 1000);
      const users = await list(house, "users", "select id, version from bench.target_users order by 1", 1000);
      const products = await list(house, "products", "select id from bench.target_products order by 1", 10000);
      const categories = await list(house, "categories", "select slug from bench.target_categories order by 1", 20);
      writeFileSync(files.users, users.map((user) => token(secrets.tokenSigning, user, now)).join("\n"));
      writeFileSync(files.products, products.join("\n"));
      writeFileSync(files.categories, categories.join("\n"));
    },
    // Its request log goes where the peers' go.
    start: (house, port) => ({ command: program(house), args: ["serve", "--port", String(port), "--no-demo"], cwd: data(house), env: settings(house, secrets), out: "/dev/null" }),
    first: "/health/ready",
    workloads() {
      const product = { path: "/api/v1/products/{id}", ids: files.products, check: sameProduct };
      const listing = { path: "/api/v1/products?category={cat}&page={page}&limit=20", cats: files.categories, check: page(20) };
      const order = {
        method: "POST", path: "/api/v1/orders", tokens: files.users, ids: files.products, expect: 201, check: twoLines,
        body: '{"items":[{"productId":"{id}","quantity":{qty}},{"productId":"{id2}","quantity":1}],"fulfillment":"pickup"}',
      };
      return {
        // Five products make an answer of about the size of the raw limit's ready bytes.
        cached: { path: "/api/v1/products?category=category-1&page=1&limit=5", check: page(5) },
        product,
        page: listing,
        // Only anonymous callers are answered from the cache, so a signed-in one shows what a miss costs.
        productMiss: { ...product, tokens: files.users },
        pageMiss: { ...listing, tokens: files.users },
        mine: { path: "/api/v1/orders/mine?limit=20", tokens: files.users, check: fullHistory },
        order,
        orderKeyed: { ...order, keyed: true },
      };
    },
    async reset(house) {
      const [added] = await house.postgres.query(DATABASE, "select bench.reset()");
      await house.postgres.tidy(DATABASE);
      return Number(added);
    },
  };
}
