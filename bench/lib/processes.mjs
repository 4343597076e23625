import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const LONGEST_STOP_MS = 10_000;
const LONGEST_COMMAND_MS = 60 * 60_000;
const LONGEST_OUTPUT = 16 * 1024 * 1024;

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error; // It ended by itself in the meantime.
  }
}

/** A port of 127.0.0.1 that is free now: `wanted` when it is, else one the system chooses. */
export async function freePort(wanted = 0) {
  const server = createServer();
  server.listen(wanted, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    if (wanted === 0) throw error;
    return freePort();
  }
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Every process the harness starts, each stopped by its own id when the run ends, however it ends. */
export class Processes {
  #running = [];
  #stopping = false;

  constructor(logs) {
    this.logs = logs;
  }

  /** Starts a server that lives until it is stopped; its output goes to `NAME.log` of the run's folder, or the standard one to `out`. */
  serve(name, { command, args = [], env = process.env, cwd, uid, gid, signal = "SIGTERM", out }) {
    this.#refuseWhenStopping();
    const log = openSync(path.join(this.logs, `${name}.log`), "a");
    const standard = out === undefined ? log : openSync(out, "a");
    // A group of its own, so that a server that forks workers is stopped with all of them.
    const child = spawn(command, args, { env, cwd, uid, gid, detached: true, stdio: ["ignore", standard, log] });
    closeSync(log);
    if (standard !== log) closeSync(standard);
    const server = { name, child, pid: child.pid, signal, ended: false };
    server.exit = new Promise((resolve) => {
      child.on("error", (error) => { server.ended = true; server.why = error.message; resolve(); });
      child.on("exit", (code, by) => { server.ended = true; server.why ??= by ? `signal ${by}` : `exit code ${code}`; resolve(); });
    });
    this.#running.push(server);
    return server;
  }

  async stop(server) {
    if (!server.ended && server.pid) {
      signal(server.pid, server.signal);
      await Promise.race([server.exit, pause(LONGEST_STOP_MS, undefined, { ref: false })]);
      if (!server.ended) {
        signal(-server.pid, "SIGKILL");
        await server.exit;
      }
    }
    this.#running = this.#running.filter((other) => other !== server);
  }

  /** Stops everything, the last started first, and lets nothing new begin. */
  async stopAll() {
    this.#stopping = true;
    while (this.#running.length > 0) await this.stop(this.#running.at(-1));
  }

  /** Runs a command to its end, an hour at the most, and gives its standard output; throws with what it printed when it fails. */
  async run(command, args, { env = process.env, cwd, uid, gid, input } = {}) {
    this.#refuseWhenStopping();
    const child = spawn(command, args, { env, cwd, uid, gid, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    const task = { name: path.basename(command), child, pid: child.pid, signal: "SIGTERM", ended: false };
    let out = "";
    let err = "";
    child.stdout.on("data", (text) => { if (out.length < LONGEST_OUTPUT) out += text; });
    child.stderr.on("data", (text) => { if (err.length < LONGEST_OUTPUT) err += text; });
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
    task.exit = new Promise((resolve) => {
      child.on("error", (error) => { task.ended = true; task.why = error.message; resolve(-1); });
      child.on("close", (code, by) => { task.ended = true; task.why ??= by ? `signal ${by}` : `exit code ${code}`; resolve(code); });
    });
    this.#running.push(task);
    const limit = setTimeout(() => { task.why = "it took longer than an hour"; signal(-task.pid, "SIGKILL"); }, LONGEST_COMMAND_MS);
    const code = await task.exit;
    clearTimeout(limit);
    this.#running = this.#running.filter((other) => other !== task);
    if (code !== 0) throw new Error(`${command} ${args.join(" ")}\n${task.why}\n${`${out}\n${err}`.trim().split("\n").slice(-30).join("\n")}`);
    return out;
  }

  #refuseWhenStopping() {
    if (this.#stopping) throw new Error("the run is ending");
  }
}

/** A process, its parent, and the ticks that it and the children it has reaped have used. */
function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name stands in parentheses and may hold spaces, so the fields are counted from after it.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { pid: Number(pid), parent: Number(fields[1]), ticks: fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) };
  } catch {
    return undefined; // It ended between the listing and the reading.
  }
}

function everyone() {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(stat).filter(Boolean);
}

/** Of the processes given, `pid` and all that descend from it. */
function family(pid, all) {
  const members = all.filter((each) => each.pid === pid);
  for (let i = 0; i < members.length; i++) members.push(...all.filter((each) => each.parent === members[i].pid));
  return members;
}

/** Resident memory of a server and its workers, in megabytes of 1,000,000 bytes. */
export function memoryMegabytes(pid) {
  let kilobytes = 0;
  for (const member of family(pid, everyone())) {
    try {
      kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${member.pid}/status`, "utf8"))?.[1] ?? 0);
    } catch {
      // A worker that has just ended holds no memory.
    }
  }
  return Math.round((kilobytes * 1024) / 1e6);
}

/** The ticks that programs of others have used until now, with those the hypervisor has kept for itself. */
export function foreignTicks() {
  const all = everyone();
  const ours = new Set(family(process.pid, all).map((each) => each.pid));
  const stolen = Number(/^cpu\s+(.*)$/m.exec(readFileSync("/proc/stat", "utf8"))[1].split(" ")[7]);
  // Added up process by process: the machine's own sum counts interrupts apart, and most of those are for the load's sockets.
  return all.reduce((sum, each) => sum + (ours.has(each.pid) ? 0 : each.ticks), stolen);
}
