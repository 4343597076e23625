import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Misuse, USAGE, WORKLOADS, options } from "./options.mjs";
import { Postgres } from "./postgres.mjs";
import { Processes } from "./processes.mjs";
import { keptPromises } from "./promises.mjs";
import { markdown, summarize } from "./report.mjs";
import { measureScale, say } from "./rounds.mjs";

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
    kernel: os.release(), node: process.version, dotnet: tell("dotnet", ["--version"]), fileSystem: tell("stat", ["-f", "-c", "%T", house.store]),
    commit: tell("git", ["describe", "--always", "--dirty"]),
  };
}

async function measureAll(house, chosen) {
  const machine = describeMachine(house);
  say("starting PostgreSQL");
  house.postgres = await Postgres.start(house.processes, house.store);
  const postgres = await house.postgres.describe();

  // One scale after the other: the servers of all of them at once would measure how they get along.
  const measured = [];
  for (const scale of chosen.scales) measured.push(await measureScale(house, scale, chosen));
  const rounds = measured.flatMap((each) => each.rounds);
  const [{ memory, starts }] = measured;

  const workloads = Object.fromEntries(chosen.workloads.filter((name) => rounds.some((round) => round.workload === name)).map((name) => [name, WORKLOADS[name]]));
  const cells = summarize(rounds, workloads, chosen.noise);
  return { machine, postgres, options: chosen, workloads, targets: chosen.targets, cells, promises: keptPromises({ cells, options: chosen, machine, memory, starts }), memory, starts, rounds };
}

async function main() {
  const chosen = options(process.argv.slice(2));
  if (chosen.help) {
    console.log(USAGE);
    return;
  }
  const bench = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const folder = mkdtempSync(path.join(os.tmpdir(), "quitanda-bench-"));
  const store = chosen.keep === undefined ? folder : path.resolve(chosen.keep);
  // PostgreSQL may run as another user, who must be able to reach its own folder in here. A folder that was there before stays as its owner wants it.
  if (mkdirSync(store, { recursive: true }) !== undefined) chmodSync(store, 0o711);
  chmodSync(folder, 0o711);
  const results = path.join(bench, "results");
  mkdirSync(results, { recursive: true });

  const done = new Map();
  const house = {
    root: path.dirname(bench), bench, folder, store,
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
