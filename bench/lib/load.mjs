import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { readFileSync } from "node:fs";
import path from "node:path";
import { foreignTicks } from "./processes.mjs";

const TICKS_A_SECOND = 100;
// A million products are searched without an index by some.
const LONGEST_PROBE_MS = 60_000;
const PRODUCTS = 10_000;

function lines(file) {
  return readFileSync(file, "utf8").split("\n").filter((line) => line !== "");
}

/** One real request of a workload to each of a target's servers, read to its end, so that a fast wrong answer is found before it is measured. */
export async function probe(house, target, name, { method = "GET", path: template, body, tokens, ids, cats, keyed, expect = 200, check }) {
  const values = { id: ids ? lines(ids)[41] : 42, id2: ids ? lines(ids)[4241] : 4242, cat: cats ? lines(cats)[6] : 7, page: 2, qty: 2, w: "amber", q: "amebr%20bas", user: 43, inCategory: 500 * house.scale };
  const fill = (text) => text?.replace(/\{(\w+)\}/g, (whole, word) => values[word] ?? whole);
  const headers = {};
  if (tokens) headers.authorization = `Bearer ${lines(tokens)[0]}`;
  if (body) headers["content-type"] = "application/json";
  let answer;
  for (const server of target.servers) {
    if (keyed) headers["idempotency-key"] = randomBytes(8).toString("hex");
    const url = server.url + fill(template);
    const response = await fetch(url, { method, headers, body: fill(body), signal: AbortSignal.timeout(LONGEST_PROBE_MS) });
    const text = await response.text();
    let wrong = response.status === expect ? undefined : `${response.status} instead of ${expect}`;
    if (!wrong) {
      try {
        answer = JSON.parse(text);
        wrong = check(answer, values);
      } catch (error) {
        wrong = error.message;
      }
    }
    if (wrong) throw new Error(`${target.name}, ${name}: ${method} ${url} gave ${wrong}\n${text.slice(0, 600)}`);
  }
  return answer;
}

/** One wrk run, with a thread for each of the target's servers. `foreign` is the part of the machine's processor time that went to programs that are not of this run. */
export async function load(house, target, { method = "GET", path: template, body, tokens, ids, cats, keyed, timeout = 2 }, { seconds, connections, seed, pause }) {
  const env = { PATH: process.env.PATH, K_METHOD: method, K_PATH: template, K_SEED: String(seed), K_PRODUCTS: String(PRODUCTS * house.scale) };
  if (body) env.K_BODY = body;
  if (tokens) env.K_TOKENS = tokens;
  if (ids) env.K_IDS = ids;
  if (cats) env.K_CATS = cats;
  if (keyed) env.K_KEYS = randomBytes(8).toString("hex");
  if (pause) env.K_DELAY = String(pause);
  // Every thread needs a connection, so one client asks the first server only.
  const servers = target.servers.slice(0, connections);
  if (servers.length > 1) env.K_SERVERS = servers.map((server) => new URL(server.url).host).join(" ");
  const args = ["-t", String(servers.length), "-c", String(connections), "-d", `${seconds}s`, "--timeout", `${timeout}s`, "-s", path.join(house.bench, "lib", "wrk.lua"), servers[0].url];
  const before = foreignTicks();
  const started = process.hrtime.bigint();
  const out = await house.processes.run("wrk", args, { env });
  const seen = foreignTicks() - before;
  const elapsed = Number(process.hrtime.bigint() - started) / 1e9;
  const found = /^JSON (.*)$/m.exec(out);
  if (!found) throw new Error(`wrk gave no result for ${target.name}\n${out}`);
  const result = JSON.parse(found[1]);
  const errors = Object.values(result.errors).reduce((sum, count) => sum + count, 0);
  return {
    requests: result.requests, errors, errorsByKind: result.errors,
    // A refused request was answered, but not with what was asked for.
    perSecond: (result.requests - result.errors.status) / (result.us / 1e6),
    bytesEach: result.requests > 0 ? Math.round(result.bytes / result.requests) : 0,
    p50: result.p50, p95: result.p95, p99: result.p99, max: result.max,
    foreign: Math.max(0, seen / (elapsed * TICKS_A_SECOND * availableParallelism())),
  };
}
