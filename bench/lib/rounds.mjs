import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { load, probe } from "./load.mjs";
import { STARTS, TARGETS, WORKLOADS } from "./options.mjs";
import { freePort, memoryMegabytes } from "./processes.mjs";
import { median } from "./report.mjs";

const LONGEST_ANSWER_MS = 60_000;

export function say(text) {
  process.stderr.write(`bench: ${text}\n`);
}

/** Waits for the first 200 of every server; throws when one ends or stays silent. */
async function answers(target, servers) {
  const started = Date.now();
  await Promise.all(servers.map(async (server) => {
    for (;;) {
      try {
        const response = await fetch(server.url + target.first, { signal: AbortSignal.timeout(5_000) });
        await response.arrayBuffer();
        if (response.status === 200) return;
      } catch {
        // Nobody listens yet.
      }
      if (server.ended || Date.now() - started > LONGEST_ANSWER_MS) throw new Error(`${target.name} did not answer ${target.first} (${server.why ?? "still starting"}); its log:\n${readFileSync(server.log, "utf8").slice(-3000)}`);
      await pause(5);
    }
  }));
}

/** Starts a target's servers at once and gives the seconds until all of them answer. */
async function start(house, target) {
  const ports = [];
  while (ports.length < (target.hosts ?? 1)) ports.push(await freePort());
  const started = process.hrtime.bigint();
  target.servers = ports.map((port, i) => {
    const name = ports.length === 1 ? target.name : `${target.name}.${i + 1}`;
    const server = house.processes.serve(name, target.start(house, port));
    return Object.assign(server, { url: `http://127.0.0.1:${port}`, log: path.join(house.processes.logs, `${name}.log`) });
  });
  await answers(target, target.servers);
  return Number(process.hrtime.bigint() - started) / 1e9;
}

async function stop(house, target) {
  await Promise.all(target.servers.map((server) => house.processes.stop(server)));
}

const memoryOf = (target) => target.servers.reduce((sum, server) => sum + memoryMegabytes(server.pid), 0);

async function timeStarts(house, target) {
  const times = [];
  const memories = [];
  for (let i = 0; i < STARTS; i++) {
    times.push(await start(house, target));
    // A second of rest, so that what a start leaves to do is done.
    await pause(1000);
    memories.push(memoryOf(target));
    await stop(house, target);
  }
  return { seconds: median(times), megabytes: median(memories) };
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

/** Warm-up and measure, with the load from others beside both where the workload has one. */
async function loadTwice(house, target, workload, { seconds, warmup, clients, round }) {
  const { pause: rest, beside } = WORKLOADS[workload];
  const request = target.requests[workload];
  const others = beside && load(house, target, target.requests[beside.workload], { seconds: warmup + seconds + 1, connections: beside.connections, seed: 2000 + round });
  const inFront = async () => {
    const warm = await load(house, target, request, { seconds: warmup, connections: clients, seed: 1000 + round, pause: rest });
    return { warm, measured: await load(house, target, request, { seconds, connections: clients, seed: round, pause: rest }) };
  };
  const [result, signedIn] = await Promise.all([inFront(), others]);
  if (signedIn && signedIn.requests - signedIn.errorsByKind.status === 0) throw new Error(`${target.name}, ${workload}: nobody was served beside it`);
  // A server goes on with requests whose sender has left; they would disturb the reset and slow the next target.
  await house.postgres.settle();
  return result;
}

async function measureOne(house, target, workload, chosen) {
  const measure = () => loadTwice(house, target, workload, chosen);
  if (WORKLOADS[workload].writes) return measureWrites(house, target, measure);
  const { measured } = await measure();
  if (WORKLOADS[workload].leaves) await target.reset(house);
  return measured;
}

const turned = (list, round) => list.map((_, i) => list[(i + round - 1) % list.length]);

async function measureRounds(house, targets, { rounds, workloads, connections, clients, scales, seconds, warmup }) {
  const isFirst = house.scale === scales[0];
  const results = [];
  for (let round = 1; round <= rounds; round++) {
    for (const workload of workloads) {
      const own = WORKLOADS[workload].connections;
      // Each round begins with another number of clients and another target, so that none always follows the same one.
      for (const count of own ? [own] : turned([...new Set([connections, ...(isFirst ? clients : [])])], round)) {
        for (const target of turned(targets, round)) {
          if (!target.requests[workload]) continue;
          const result = await measureOne(house, target, workload, { seconds, warmup, clients: count, round });
          // What has connections of its own stands in the same table as all the others.
          results.push({ scale: house.scale, clients: own ? connections : count, round, workload, target: target.name, ...result });
          say(`${house.scale}x, round ${round}, ${workload}, ${count} clients, ${target.name}: ${Math.round(result.perSecond)}/s, p95 ${result.p95.toFixed(1)} ms${result.errors > 0 ? `, ${result.errors} errors` : ""}, others ${(result.foreign * 100).toFixed(0)} %`);
        }
      }
    }
  }
  return results;
}

/** Asks every workload of every target once; all who search must find as many. */
async function probeAll(house, targets, workloads) {
  const found = new Map();
  for (const target of targets) {
    for (const workload of workloads.filter((name) => target.requests[name])) {
      const answer = await probe(house, target, workload, target.requests[workload]);
      if (!workload.startsWith("search")) continue;
      const search = WORKLOADS[workload].basis ?? workload;
      const { total } = answer.meta ?? answer.pagination;
      if ((found.get(search) ?? total) !== total) throw new Error(`${target.name}, ${workload}: found ${total} products, and another side ${found.get(search)}`);
      found.set(search, total);
    }
  }
}

/** Everything at one scale: the databases, the starts when they are asked for, all rounds, and the memory before and after them. */
export async function measureScale(house, scale, chosen) {
  house.scale = scale;
  const targets = chosen.targets.map((name) => TARGETS[name]());
  for (const target of targets) {
    say(`preparing ${target.name}${scale > 1 ? ` at ${scale} times the data` : ""}`);
    await target.prepare(house);
    // Whoever was interrupted has left orders in the databases that are kept.
    if (chosen.keep !== undefined) await target.reset(house);
  }

  const starts = {};
  for (const target of chosen.firstAnswer ? targets : []) {
    starts[target.name] = await timeStarts(house, target);
    say(`${target.name}: first 200 after ${starts[target.name].seconds.toFixed(2)} s, ${starts[target.name].megabytes} MB`);
  }

  const memory = {};
  for (const target of targets) {
    await start(house, target);
    target.requests = target.workloads(house);
  }
  await pause(1000);
  for (const target of targets) memory[target.name] = { idle: memoryOf(target) };
  await probeAll(house, targets, chosen.workloads);
  const rounds = await measureRounds(house, targets, chosen);
  for (const target of targets) memory[target.name].after = memoryOf(target);
  for (const target of targets) await stop(house, target);
  return { rounds, memory, starts: chosen.firstAnswer ? starts : undefined };
}
