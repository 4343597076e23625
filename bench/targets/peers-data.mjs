import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { passwordHash, signIn } from "./password.mjs";

// The database, the tokens and the reset that the raw limit and both peers share.

const SECRET = "bench-secret";
const USERS = 1000;
const ORDERS = 20_000;
const TOKEN_SECONDS = 12 * 3600;
const TABLES = ["orders", "order_items", "products"];

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function token(user, now) {
  const signed = `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url({ sub: String(user), email: `user${user}@example.test`, role: "customer", iat: now, exp: now + TOKEN_SECONDS })}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

async function load(house) {
  const file = (name) => path.join(house.bench, "db", name);
  const name = `bench_${house.scale}x`;
  const { postgres, scale } = house;
  const origins = [...["fast.sql", "schema.sql", "seed.sql"].map(file), path.join(house.bench, "limits", "limits.sql")];
  const database = await postgres.made(name, origins, async (making) => {
    await postgres.query("postgres", `create database ${making}`);
    await postgres.files(making, [file("fast.sql"), file("schema.sql"), "select pg_temp.put_indexes_off(array['public'])", file("seed.sql"), "select pg_temp.make_indexes()"], { hash: passwordHash(), scale });
    await postgres.tidy(making);
  });
  const tokens = path.join(house.folder, "peers.tokens");
  const now = Math.floor(Date.now() / 1000);
  writeFileSync(tokens, Array.from({ length: USERS }, (_, i) => token(i + 1, now)).join("\n"));
  return { database, tokens };
}

/** Loads the shared database of a scale once; gives its name and the file with a token for each of its users. */
export function peersData(house) {
  return house.once(`peers-data ${house.scale}`, () => load(house));
}

/** Installs and compiles a peer once a run. */
export function buildPeer(house, peer) {
  return house.once(`build ${peer}`, async () => {
    const cwd = path.join(house.bench, "peers", peer);
    // Install scripts are left out: they only fetch or compile what these packages bring along or do not need here.
    await house.processes.run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd });
    // Prisma's generator looks for a schema engine it does not use.
    if (peer === "express") await house.processes.run("npx", ["--no-install", "prisma", "generate"], { cwd, env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true", CHECKPOINT_DISABLE: "1" } });
    await house.processes.run("npx", ["--no-install", "tsc", "-p", "."], { cwd });
  });
}

/** Deletes the orders the last load added and restores the stock; gives how many orders there were. */
export async function resetPeersData(house) {
  const { database } = await peersData(house);
  const orders = ORDERS * house.scale;
  const [added] = await house.postgres.query(database, `select count(*) from orders where id > ${orders}`);
  await house.postgres.file(database, path.join(house.bench, "db", "reset.sql"), { orders });
  await house.postgres.tidy(database, TABLES);
  return Number(added);
}

const sameProduct = ({ data }, { id }) => (data.id === id && data.category ? undefined : "another product");
const fullPage = ({ data, pagination }, { inCategory }) => (data.length === 20 && pagination.total === inCategory ? undefined : `not 20 products of ${inCategory}`);
const foundTwenty = ({ data, pagination }, { w }) => (data.length === 20 && pagination.total > 20 && data.every((each) => `${each.name} ${each.description}`.toLowerCase().includes(w)) ? undefined : `not 20 products with ${w}`);
const fullHistory = ({ data }) => (data.length === 20 && data.every((order) => order.items.length > 0) ? undefined : "not 20 orders with their lines");
const twoLines = (answer) => ((answer.data ?? answer).items.length === 2 ? undefined : "not an order of 2 lines");

/** The workloads as the raw limit and the peers serve them; the paths differ, the questions do not. */
export function peersWorkloads(tokens, { product, products, search, mine, orders, login }) {
  return {
    product: { path: `${product}/{id}`, check: sameProduct },
    page: { path: `${products}?category={cat}&page={page}&limit=20`, check: fullPage },
    search: { path: `${search}?search={w}&page=1&limit=20`, check: foundTwenty },
    mine: { path: mine, tokens, check: fullHistory },
    order: { method: "POST", path: orders, tokens, expect: 201, check: twoLines, body: '{"items":[{"productId":{id},"quantity":{qty}},{"productId":{id2},"quantity":1}]}' },
    signIn: signIn(login),
  };
}
