import { createHash } from "node:crypto";
import { existsSync, mkdirSync, chmodSync, chownSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "./processes.mjs";

const OLDEST = 15;
const WANTED_PORT = 55432;
const LONGEST_START_MS = 30_000;
// Hundreds of searches without an index may be waiting.
const LONGEST_SETTLING_MS = 10 * 60_000;

// The same for every target. Checkpoints are made between the rounds, so the timed one is put out of the way.
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  shared_buffers: "512MB",
  max_connections: "200",
  checkpoint_timeout: "30min",
  max_wal_size: "4GB",
};
const SHOWN = [...Object.keys(SETTINGS).filter((name) => name !== "listen_addresses" && name !== "unix_socket_directories"),
  "fsync", "synchronous_commit", "full_page_writes", "wal_level", "autovacuum", "jit", "work_mem", "effective_cache_size"];

async function findBinaries(processes) {
  const folders = [];
  if (process.env.BENCH_PGBIN) folders.push(process.env.BENCH_PGBIN);
  else {
    const debian = "/usr/lib/postgresql";
    if (existsSync(debian)) folders.push(...readdirSync(debian).map(Number).filter((version) => version >= OLDEST).sort((a, b) => b - a).map((version) => path.join(debian, String(version), "bin")));
    try {
      folders.push((await processes.run("pg_config", ["--bindir"])).trim());
    } catch {
      // Without pg_config only Debian's folder is looked into.
    }
  }
  const found = folders.find((folder) => ["postgres", "initdb", "psql"].every((name) => existsSync(path.join(folder, name))));
  if (!found) throw new Error(`no PostgreSQL ${OLDEST} or newer was found; install the package postgresql, or name the folder of its programs in BENCH_PGBIN`);
  return found;
}

/** A PostgreSQL of the run's own, on 127.0.0.1 with trusted connections, in the folder given; it ends with the run. A cluster that is there already is used as it is. */
export class Postgres {
  static async start(processes, folder) {
    const bin = await findBinaries(processes);
    const data = path.join(folder, "postgres");
    const isKept = existsSync(path.join(data, "PG_VERSION"));
    mkdirSync(data, { recursive: true });
    chmodSync(data, 0o700);

    // PostgreSQL refuses to run as root, so root lends the cluster to the user the package made.
    const owner = {};
    if (process.getuid() === 0) {
      owner.uid = Number(await processes.run("id", ["-u", "postgres"]));
      owner.gid = Number(await processes.run("id", ["-g", "postgres"]));
      chownSync(data, owner.uid, owner.gid);
    }
    // Variables such as PGOPTIONS would change what is measured without a word in the report.
    const env = { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PG"))), LC_ALL: "C.UTF-8" };
    if (!isKept) await processes.run(path.join(bin, "initdb"), ["-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"], { ...owner, env, cwd: "/" });

    const port = await freePort(WANTED_PORT);
    const args = ["-D", data, "-p", String(port), ...Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
    // SIGINT is PostgreSQL's fast stop: it ends the sessions instead of waiting for them.
    const server = processes.serve("postgres", { command: path.join(bin, "postgres"), args, env, cwd: "/", ...owner, signal: "SIGINT" });
    const postgres = new Postgres(processes, bin, port, env);
    for (const started = Date.now(); ;) {
      try {
        await postgres.query("postgres", "select 1");
        break;
      } catch (error) {
        if (server.ended || Date.now() - started > LONGEST_START_MS) throw new Error(`PostgreSQL did not start (${server.why ?? "no answer"})\n${error.message}\n${readFileSync(path.join(processes.logs, "postgres.log"), "utf8").slice(-1000)}`);
        await pause(100);
      }
    }
    return postgres;
  }

  constructor(processes, bin, port, env) {
    Object.assign(this, { processes, bin, port, env });
  }

  #psql(database, args) {
    return this.processes.run(path.join(this.bin, "psql"), ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", String(this.port), "-U", "postgres", "-d", database, ...args], { env: this.env });
  }

  /** The rows of a query, each row one string with `|` between its columns. */
  async query(database, sql) {
    return (await this.#psql(database, ["-c", sql])).split("\n").filter((line) => line !== "");
  }

  async file(database, file, variables = {}) {
    await this.files(database, [file], variables);
  }

  /** Runs files, and between them statements, in one session. */
  async files(database, steps, variables = {}) {
    await this.#psql(database, [...Object.entries(variables).flatMap(([name, value]) => ["-v", `${name}=${value}`]), ...steps.flatMap((step) => (step.endsWith(".sql") ? ["-f", step] : ["-c", step]))]);
  }

  /** Writes the rows of a query to a file, without holding them. */
  async write(database, sql, file) {
    await this.#psql(database, ["-o", file, "-c", sql]);
  }

  /**
   * Has a database made by `make` unless it is there, and gives its name. The name holds a fingerprint of what it is made from (files): when that
   * changes it is made anew and the old one dropped. Until it is whole it has another name, so that half of one is never measured.
   */
  async made(name, files, make) {
    const hash = createHash("sha256");
    for (const file of files) hash.update(readFileSync(file));
    const whole = `${name}_${hash.digest("hex").slice(0, 8)}`;
    const like = await this.query("postgres", `select datname from pg_database where datname ~ '^${name}_(making|[0-9a-f]{8})$'`);
    if (like.includes(whole)) return whole;
    for (const old of like) await this.query("postgres", `drop database ${old}`);
    await make(`${name}_making`);
    await this.query("postgres", `alter database ${name}_making rename to ${whole}`);
    return whole;
  }

  /** Waits until the servers have finished what the load left in their queues: three looks in a row at which nobody asks for anything. */
  async settle() {
    const started = Date.now();
    for (let quiet = 0; quiet < 3;) {
      const [busy] = await this.query("postgres", "select count(*) from pg_stat_activity where backend_type = 'client backend' and state <> 'idle' and pid <> pg_backend_pid()");
      quiet = busy === "0" ? quiet + 1 : 0;
      if (Date.now() - started > LONGEST_SETTLING_MS) throw new Error(`${busy} sessions were still at work ${LONGEST_SETTLING_MS / 1000} s after the load`);
      if (quiet < 3) await pause(100);
    }
  }

  /** Leaves the database as tidy as after loading: dead rows gone, statistics fresh, nothing waiting to be written. */
  async tidy(database, tables = []) {
    await this.query(database, `vacuum analyze ${tables.join(", ")}`);
    await this.query(database, "checkpoint");
  }

  async describe() {
    const [version] = await this.query("postgres", "show server_version");
    const rows = await this.query("postgres", `select name, current_setting(name) from pg_settings where name in (${SHOWN.map((name) => `'${name}'`).join(", ")}) order by name`);
    return { version, settings: Object.fromEntries(rows.map((row) => row.split("|"))) };
  }
}
