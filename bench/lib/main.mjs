import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { load, probe } from "./load.mjs";
import { Postgres } from "./postgres.mjs";
import { Processes, freePort, memoryMegabytes } from "./processes.mjs";
import { keptPromises, markdown, median, summarize } from "./report.mjs";
import { peer } from "../targets/peers.mjs";
import { quitanda } from "../targets/quitanda.mjs";
import { raw } from "../targets/raw.mjs";

const TARGETS = {
  raw,
  fastify: () => peer("fastify", "fastify", 1),
  express: () => peer("express", "express", 1),
  "express-2": () => peer("express-2", "express", 2),
  quitanda,
};

// `basis` names the raw figure to compare with, where it is not the workload's own.
const WORKLOADS = {
  cached: { title: "a finished answer of about 3 kB" },
  product: { title: "one product" },
  productMiss: { title: "one product, on a miss", basis: "product" },
  page: { title: "page of 20 products with category and total" },
  pageMiss: { title: "the same page, on a miss", basis: "page" },
  mine: { title: "my orders, 20 newest with lines" },
  order: { title: "place an order of 2 lines", writes: true },
  orderKeyed: { title: "the same with an Idempotency-Key", basis: "order", writes: true },
};

const LONGEST_ANSWER_MS = 60_000;
const STARTS = 5;

const USAGE = `Usage: bench/run [options]
  --targets a,b       ${Object.keys(TARGETS).join(", ")} (default: all)
  --workloads a,b     ${Object.keys(WORKLOADS).join(", ")} (default: all)
  --rounds N          rounds, each over all targets and workloads (default 3)
  --seconds S         measured seconds of one target and workload in a round (default 8)
  --warmup S          seconds of load before each measure (default 3)
  --connections C     connections of the load (default 64)
  --noise PERCENT     a round is quiet when other programs used no more of the processors (default 10)
  --first-answer      also measure the time from start to the first 200, ${STARTS} starts a target
  --help`;

class Misuse extends Error {}

function options(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        targets: { type: "string", default: Object.keys(TARGETS).join(",") }, workloads: { type: "string", default: Object.keys(WORKLOADS).join(",") },
        rounds: { type: "string", default: "3" }, seconds: { type: "string", default: "8" }, warmup: { type: "string", default: "3" },
        connections: { type: "string", default: "64" }, noise: { type: "string", default: "10" },
        "first-answer": { type: "boolean", default: false }, help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    throw new Misuse(error.message);
  }
  const number = (name, low, high) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < low || value > high) throw new Misuse(`--${name} takes a whole number from ${low} to ${high}`);
    return value;
  };
  const names = (name, known) => {
    const list = [...new Set(values[name].split(","))];
    const unknown = list.find((each) => !(each in known));
    if (unknown !== undefined) throw new Misuse(`--${name} does not know "${unknown}"; it knows ${Object.keys(known).join(", ")}`);
    return Object.keys(known).filter((each) => list.includes(each));
  };
  return {
    help: values.help, firstAnswer: values["first-answer"],
    targets: names("targets", TARGETS), workloads: names("workloads", WORKLOADS),
    rounds: number("rounds", 1, 100), seconds: number("seconds", 1, 600), warmup: number("warmup", 1, 600),
    connections: number("connections", 1, 1000), noise: number("noise", 0, 100) / 100,
  };
}

function say(text) {
  process.stderr.write(`bench: ${text}\n`);
}

/** Waits for the first 200 and gives the seconds it took; throws when the server ends or stays silent. */
async function firstAnswer(target, server) {
  const started = process.hrtime.bigint();
  for (;;) {
    try {
      const response = await fetch(target.url + target.first, { signal: AbortSignal.timeout(5_000) });
      await response.arrayBuffer();
      if (response.status === 200) return Number(process.hrtime.bigint() - started) / 1e9;
    } catch {
      // Nobody listens yet.
    }
    const waited = Number(process.hrtime.bigint() - started) / 1e6;
    if (server.ended || waited > LONGEST_ANSWER_MS) throw new Error(`${target.name} did not answer ${target.first} (${server.why ?? "still starting"}); its log:\n${readFileSync(server.log, "utf8").slice(-3000)}`);
    await pause(5);
  }
}

async function start(house, target) {
  const port = await freePort();
  target.url = `http://127.0.0.1:${port}`;
  const server = house.processes.serve(target.name, target.start(house, port));
  server.log = path.join(house.processes.logs, `${target.name}.log`);
  const seconds = await firstAnswer(target, server);
  return { server, seconds };
}

async function timeStarts(house, target) {
  const times = [];
  for (let i = 0; i < STARTS; i++) {
    const { server, seconds } = await start(house, target);
    times.push(seconds);
    await house.processes.stop(server);
  }
  return median(times);
}

async function measureWrites(house, target, measure) {
  await target.reset(house);
  const { warm, measured } = await measure();
  const written = await target.reset(house);
  // The answers of the last moment may be lost on the wire, so there may be more orders than answers, never fewer.
  const answered = warm.requests - warm.errorsByKind.status + measured.requests - measured.errorsByKind.status;
  if (written < answered) throw new Error(`${target.name} answered ${answered} orders and wrote ${written}`);
  return { ...measured, ordersWritten: written };
}

async function measureRounds(house, targets, { rounds, workloads, warmup, seconds, connections }) {
  const results = [];
  for (let round = 1; round <= rounds; round++) {
    for (const workload of workloads) {
      // Each round begins with another target, so that no target always follows the same one.
      for (const target of targets.map((_, i) => targets[(i + round - 1) % targets.length])) {
        const request = target.requests[workload];
        if (!request) continue;
        const measure = async () => {
          const warm = await load(house, target, request, { seconds: warmup, connections, seed: 1000 + round });
          const measured = await load(house, target, request, { seconds, connections, seed: round });
          // A server goes on with requests whose sender has left; they would disturb the reset and slow the next target.
          await house.postgres.settle();
          return { warm, measured };
        };
        const result = WORKLOADS[workload].writes ? await measureWrites(house, target, measure) : (await measure()).measured;
        results.push({ round, workload, target: target.name, ...result });
        say(`round ${round}, ${workload}, ${target.name}: ${Math.round(result.perSecond)}/s, p95 ${result.p95.toFixed(1)} ms${result.errors > 0 ? `, ${result.errors} errors` : ""}, others ${(result.foreign * 100).toFixed(0)} %`);
      }
    }
  }
  return results;
}

function describeMachine(house) {
  const tell = (command, args) => {
    try {
      return execFileSync(command, args, { encoding: "utf8", cwd: house.root, stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
      return "unknown";
    }
  };
  return {
    startedAt: new Date().toISOString(), processors: os.availableParallelism(), model: os.cpus()[0]?.model ?? "unknown", memoryGigabytes: Math.round(os.totalmem() / 1e9),
    kernel: os.release(), node: process.version, dotnet: tell("dotnet", ["--version"]), fileSystem: tell("stat", ["-f", "-c", "%T", house.folder]),
    commit: tell("git", ["describe", "--always", "--dirty"]),
  };
}

async function measureAll(house, chosen) {
  const machine = describeMachine(house);
  say("starting PostgreSQL");
  house.postgres = await Postgres.start(house.processes, house.folder);
  const postgres = await house.postgres.describe();

  const targets = chosen.targets.map((name) => TARGETS[name]());
  for (const target of targets) {
    say(`preparing ${target.name}`);
    await target.prepare(house);
  }

  let firstAnswers;
  if (chosen.firstAnswer) {
    firstAnswers = {};
    for (const target of targets) {
      firstAnswers[target.name] = await timeStarts(house, target);
      say(`${target.name}: first 200 after ${firstAnswers[target.name].toFixed(2)} s`);
    }
  }

  const memory = {};
  for (const target of targets) {
    ({ server: target.server } = await start(house, target));
    target.requests = target.workloads();
  }
  // A second of rest, so that what a start leaves to do is done.
  await pause(1000);
  for (const target of targets) memory[target.name] = { idle: memoryMegabytes(target.server.pid) };
  for (const target of targets) {
    for (const workload of chosen.workloads.filter((name) => target.requests[name])) await probe(target, workload, target.requests[workload]);
  }

  const rounds = await measureRounds(house, targets, chosen);
  for (const target of targets) memory[target.name].after = memoryMegabytes(target.server.pid);

  const workloads = Object.fromEntries(chosen.workloads.filter((name) => rounds.some((round) => round.workload === name)).map((name) => [name, WORKLOADS[name]]));
  const cells = summarize(rounds, workloads, chosen.targets, chosen.noise);
  return { machine, postgres, options: chosen, workloads, targets: chosen.targets, cells, promises: keptPromises(cells), memory, firstAnswer: firstAnswers, rounds };
}

async function main() {
  const chosen = options(process.argv.slice(2));
  if (chosen.help) {
    console.log(USAGE);
    return;
  }
  const bench = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const folder = mkdtempSync(path.join(os.tmpdir(), "quitanda-bench-"));
  // PostgreSQL may run as another user, who must be able to reach its own folder in here.
  chmodSync(folder, 0o711);
  const results = path.join(bench, "results");
  mkdirSync(results, { recursive: true });

  const done = new Map();
  const house = {
    root: path.dirname(bench), bench, folder,
    processes: new Processes(folder),
    dotnet: { ...process.env, DOTNET_CLI_USE_MSBUILD_SERVER: "0", DOTNET_CLI_TELEMETRY_OPTOUT: "1", DOTNET_NOLOGO: "1" },
    once(what, make) {
      if (!done.has(what)) done.set(what, make());
      return done.get(what);
    },
  };
  let interrupted;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(name, () => {
      interrupted = name;
      say("stopping what was started");
      house.processes.stopAll();
    });
  }
  try {
    const report = await measureAll(house, chosen);
    const text = markdown(report);
    const name = path.join(results, report.machine.startedAt.replaceAll(":", "").replace(/\.\d+/, ""));
    writeFileSync(`${name}.json`, `${JSON.stringify(report, null, 2)}\n`);
    writeFileSync(`${name}.md`, text);
    console.log(text);
    say(`written to ${path.relative(process.cwd(), name)}.json and .md`);
  } catch (error) {
    if (!interrupted) throw error;
    process.exitCode = 130;
  } finally {
    await house.processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  say(error.message);
  if (error instanceof Misuse) console.error(USAGE);
  process.exitCode = error instanceof Misuse ? 2 : 1;
}
