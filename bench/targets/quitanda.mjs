import { createHash, createHmac, randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ITERATIONS, passwordHash, signIn } from "./password.mjs";

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
function settings(house, database, secrets) {
  return {
    ...process.env,
    ConnectionStrings__Quitanda: `Host=127.0.0.1;Port=${house.postgres.port};Username=postgres;Database=${database}`,
    Secrets__TokenSigning: secrets.tokenSigning,
    Secrets__DataProtection: secrets.dataProtection,
    // All load comes from one address; it is counted all the same.
    Limits__RequestsPerMinute: "1000000000",
    Accounts__SignInsPerAddress: "1000000",
    Accounts__PasswordIterations: String(ITERATIONS),
  };
}

/** The secrets lie beside the databases, because what a database keeps sealed must open when it is taken from there again. */
function secretsOf(house) {
  return house.once("secrets", () => {
    const file = path.join(house.store, "secrets.json");
    if (!existsSync(file)) writeFileSync(file, JSON.stringify({ tokenSigning: randomBytes(32).toString("hex"), dataProtection: randomBytes(32).toString("hex") }), { mode: 0o600 });
    return JSON.parse(readFileSync(file, "utf8"));
  });
}

const program = (house) => path.join(house.root, "artifacts", "publish", "quitanda");

const publish = (house) => house.once("publish quitanda", () => house.processes.run("dotnet", ["publish", path.join(house.root, "src", "Host"), "-c", "Release", "-o", path.dirname(program(house)), "-v", "q", "-nodeReuse:false"], { cwd: house.root, env: house.dotnet }));

/** What a database is made from: the harness's files and every migration. */
function origins(house) {
  const source = path.join(house.root, "src");
  const migrations = readdirSync(source).map((module) => path.join(source, module, "Migrations")).filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).sort().map((file) => path.join(folder, file)));
  return [...["fast.sql", "schema.sql", "seed.sql", "quitanda.sql"].map((file) => path.join(house.bench, "db", file)), ...migrations];
}

function mainDatabase(house) {
  return house.once(`quitanda ${house.scale}`, () => house.postgres.made(`quitanda_${house.scale}x`, origins(house), async (making) => {
    await house.postgres.query("postgres", `create database ${making}`);
    await house.processes.run(program(house), ["migrate"], { cwd: house.folder, env: settings(house, making, secretsOf(house)) });
    await house.postgres.files(making, ["fast.sql", "quitanda.sql"].map((file) => path.join(house.bench, "db", file)), { hash: passwordHash(), scale: house.scale });
    await house.postgres.tidy(making);
  }));
}

const sameProduct = (product, { id }) => (product.id === id && product.category ? undefined : "another product");
const page = (length) => ({ data, meta }, { inCategory }) => (data.length === length && meta.total === inCategory ? undefined : `not ${length} products of ${inCategory}`);
const foundTwenty = ({ data, meta }) => (data.length === 20 && meta.total > 20 ? undefined : "not 20 products of more");
const foundSome = ({ data, meta }) => (data.length === Math.min(20, meta.total) ? undefined : `not all of ${meta.total} products, nor 20`);
const fullHistory = ({ data }) => (data.length === 20 && data.every((order) => order.items.length > 0) ? undefined : "not 20 orders with their lines");
const twoLines = ({ items }) => (items.length === 2 ? undefined : "not an order of 2 lines");

/**
 * The product: the published host, in one process or several on one database of their own, on the same server. `without` is a setting that
 * leaves something out, so that what it does shows; only the workloads that end in `Miss` are asked of such a one, and of nobody else.
 */
export function quitanda(name, hosts, without) {
  const files = {};
  let database;
  const data = (house) => path.join(house.folder, name);

  async function list(house, kind, sql, count) {
    files[kind] = path.join(house.folder, `${name}.${kind}`);
    await house.postgres.write(database, sql, files[kind]);
    const [rows] = await house.postgres.query(database, `select count(*) from (${sql}) rows`);
    if (Number(rows) !== count) throw new Error(`bench/db/quitanda.sql left ${rows} ${kind} instead of ${count}`);
  }

  return {
    name, hosts,
    async prepare(house) {
      await publish(house);
      database = await mainDatabase(house);
      // A host would do the jobs of another that is not being measured, so each target has its database.
      if (name !== "quitanda") {
        const main = database;
        database = await house.postgres.made(`${name.replace("-", "_")}_${house.scale}x`, origins(house), (making) => house.postgres.query("postgres", `create database ${making} template ${main}`));
      }
      mkdirSync(data(house), { recursive: true });

      await list(house, "users", "select id || '|' || version from bench.target_users order by 1", 1000);
      await list(house, "products", "select id from bench.target_products order by 1", 10_000 * house.scale);
      await list(house, "categories", "select slug from bench.target_categories order by 1", 20);
      const now = Math.floor(Date.now() / 1000);
      const users = readFileSync(files.users, "utf8").trim().split("\n");
      writeFileSync(files.users, users.map((user) => token(secretsOf(house).tokenSigning, user, now)).join("\n"));
    },
    // Its request log goes where the peers' go.
    start: (house, port) => ({ command: program(house), args: ["serve", "--port", String(port), "--no-demo"], cwd: data(house), env: { ...settings(house, database, secretsOf(house)), ...without }, out: "/dev/null" }),
    first: "/health/ready",
    workloads() {
      const product = { path: "/api/v1/products/{id}", ids: files.products, check: sameProduct };
      const listing = { path: "/api/v1/products?category={cat}&page={page}&limit=20", cats: files.categories, check: page(20) };
      const search = { path: "/api/v1/products?search={w}&page=1&limit=20", check: foundTwenty };
      const find = { path: "/api/v1/products/search?q={q}&limit=20", check: foundSome };
      const mine = { path: "/api/v1/orders/mine?limit=20", tokens: files.users, check: fullHistory };
      const order = {
        method: "POST", path: "/api/v1/orders", tokens: files.users, ids: files.products, expect: 201, check: twoLines,
        body: '{"items":[{"productId":"{id}","quantity":{qty}},{"productId":"{id2}","quantity":1}],"fulfillment":"pickup"}',
      };
      const all = {
        // Five products make an answer of about the size of the raw limit's ready bytes.
        cached: { path: "/api/v1/products?category=category-1&page=1&limit=5", check: page(5) },
        product,
        page: listing,
        productSigned: { ...product, tokens: files.users },
        productMiss: product,
        pageMiss: listing,
        search,
        find,
        mine,
        order,
        orderKeyed: { ...order, keyed: true },
        signIn: signIn("/api/v1/auth/login"),
        paced: { ...mine },
        pacedBeside: { ...mine },
        searchPaced: { path: "/api/v1/products?search={w}%20{w}&page=1&limit=20", check: foundSome },
        findPaced: { ...find },
      };
      return Object.fromEntries(Object.entries(all).filter(([workload]) => workload.endsWith("Miss") === (without !== undefined)));
    },
    async reset(house) {
      const [added] = await house.postgres.query(database, "select bench.reset()");
      await house.postgres.tidy(database);
      return Number(added);
    },
  };
}
