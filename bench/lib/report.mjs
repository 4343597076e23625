import { ITERATIONS } from "../targets/password.mjs";

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The medians of each scale, workload, number of clients and target over its quiet rounds, or over all of them when none was quiet. */
export function summarize(rounds, workloads, noise) {
  const groups = new Map();
  for (const round of rounds) {
    const key = [round.scale, round.workload, round.clients, round.target].join();
    groups.set(key, [...(groups.get(key) ?? []), round]);
  }
  const cells = [...groups.values()].map((all) => {
    const quiet = all.filter((round) => round.foreign <= noise);
    const used = quiet.length > 0 ? quiet : all;
    const of = (name) => median(used.map((round) => round[name]));
    const [{ scale, workload, clients, target }] = all;
    return {
      scale, workload, clients, target, perSecond: of("perSecond"), p50: of("p50"), p95: of("p95"), p99: of("p99"), bytesEach: of("bytesEach"),
      lowest: Math.min(...used.map((round) => round.perSecond)), highest: Math.max(...used.map((round) => round.perSecond)),
      rounds: all.length, quietRounds: quiet.length, errors: all.reduce((sum, round) => sum + round.errors, 0),
    };
  });
  for (const cell of cells) {
    const basis = cells.find((other) => other.target === "raw" && other.workload === (workloads[cell.workload].basis ?? cell.workload) && other.scale === cell.scale && other.clients === cell.clients);
    if (basis && basis.perSecond > 0) cell.toRaw = cell.perSecond / basis.perSecond;
  }
  return cells;
}

function table(head, rows, texts = 1) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i < texts ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** Whole numbers where there is enough of them to read. */
function figure(value) {
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString("en-US");
}

const marks = (cell) => (cell.errors > 0 ? " !" : "") + (cell.quietRounds === 0 ? " ~" : "");

/** The same question at several points (scales, numbers of clients), a row for each workload and target that was asked at more than one. */
function course(report, points, at, show, last) {
  const rows = Object.entries(report.workloads).flatMap(([workload, { title }]) => report.targets.flatMap((target) => {
    const cells = points.map((point) => report.cells.find((cell) => cell.workload === workload && cell.target === target && at(cell, point)));
    return cells.filter(Boolean).length > 1 ? [[title, target, ...cells.map((cell) => (cell ? show(cell) : "")), ...(last ? [last(cells)] : [])]] : [];
  }));
  return rows;
}

function growth(report) {
  const { scales, connections } = report.options;
  const cost = (cells) => (cells[0] && cells.at(-1)?.perSecond > 0 ? (cells[0].perSecond / cells.at(-1).perSecond).toFixed(2) : "");
  const rows = course(report, scales, (cell, scale) => cell.scale === scale && cell.clients === connections, (cell) => `${figure(cell.perSecond)} (${cell.p95.toFixed(1)})${marks(cell)}`, cost);
  return [
    `## How it grows\nRequests a second (p95 in milliseconds) with ${scales.map((scale) => `${figureOfScale(scale)}`).join(", ")}; then what a request costs at the last, times the first. The scales were measured one after the other.`,
    table(["workload", "target", ...scales.map((scale) => `${scale}x`), "costs"], rows, 2),
  ];
}

const figureOfScale = (scale) => `${(10_000 * scale).toLocaleString("en-US")} products and ${(20_000 * scale).toLocaleString("en-US")} orders`;

function clients(report) {
  const counts = [...new Set([report.options.connections, ...report.options.clients])].sort((a, b) => a - b);
  const [scale] = report.options.scales;
  const rows = course(report, counts, (cell, count) => cell.scale === scale && cell.clients === count, (cell) => `${figure(cell.perSecond)} (${cell.p50.toFixed(1)} / ${cell.p99.toFixed(1)})${marks(cell)}`);
  return ["## By number of clients\nRequests a second (p50 / p99 in milliseconds).", table(["workload", "target", ...counts.map(String)], rows, 2)];
}

function processes({ targets, memory, starts }) {
  const row = (title, show) => [title, ...targets.map((target) => show(target) ?? "")];
  return [
    "## Process\nMemory is resident, summed over a target's processes, in MB.",
    table(["", ...targets], [
      row("memory idle", (target) => String(memory[target].idle)),
      row("memory after the load", (target) => String(memory[target].after)),
      ...(starts ? [row("first 200 after start, s", (target) => starts[target].seconds.toFixed(2)), row("memory a second after that", (target) => String(Math.round(starts[target].megabytes)))] : []),
    ]),
  ];
}

function noise({ rounds, options }) {
  const noisy = rounds.filter((round) => round.foreign > options.noise);
  if (noisy.length === 0) return "Every round was quiet.";
  return `${noisy.length} of ${rounds.length} rounds were not quiet (more than ${Math.round(options.noise * 100)} % of the processors went to other programs; the worst ${Math.round(Math.max(...noisy.map((round) => round.foreign)) * 100)} %). They are left out where a quiet one stands beside them.`;
}

/** The whole report as Markdown. */
export function markdown(report) {
  const { machine, postgres, options, workloads, targets, cells, rounds, promises } = report;
  const [scale] = options.scales;
  const cell = (workload, target, show) => {
    const found = cells.find((each) => each.workload === workload && each.target === target && each.scale === scale && each.clients === options.connections);
    return found ? show(found) : "";
  };
  const grid = (show) => table(["workload", ...targets], Object.entries(workloads).map(([key, { title }]) => [title, ...targets.map((target) => cell(key, target, show))]));
  const parts = [
    "# Measured",
    `${machine.processors} processors (${machine.model}), ${machine.memoryGigabytes} GB, PostgreSQL ${postgres.version}, ${options.connections} connections, ${options.rounds} rounds of ${options.seconds} s after ${options.warmup} s of warm-up, ${figureOfScale(scale)}. Product at ${machine.commit}. Began ${machine.startedAt}.`,
    `PostgreSQL settings: ${Object.entries(postgres.settings).map(([name, value]) => `${name}=${value}`).join(", ")}; cluster on ${machine.fileSystem}.`,
    "## Requests a second, and the part of raw\nMedians. `!`: a round had errors. `~`: no round was quiet.",
    grid((found) => figure(found.perSecond) + (found.toRaw === undefined ? "" : ` (${found.toRaw.toFixed(2)})`) + marks(found)),
  ];
  if (workloads.signIn) parts.push(`Every side checks the same hash when somebody signs in: PBKDF2 with HMAC-SHA-512, ${ITERATIONS.toLocaleString("en-US")} iterations. Raw and Quitanda hash on one thread for every two processors, so that the others stay free; the peers on Node's four.`);
  parts.push(
    "## Milliseconds to the answer, p50 / p95 / p99",
    grid((found) => [found.p50, found.p95, found.p99].map((value) => value.toFixed(1)).join(" / ")),
    "## Bytes of one answer, head included",
    grid((found) => Math.round(found.bytesEach).toLocaleString("en-US")),
  );
  if (options.scales.length > 1) parts.push(...growth(report));
  if (options.clients.length > 0) parts.push(...clients(report));
  parts.push(...processes(report));
  if (promises.length > 0) {
    parts.push("## Promises", table(["quitanda", "promised", "", "reached"], promises.map(({ what, bound, reached, kept, why }) => [what, bound, kept === undefined ? why : kept ? "kept" : "not kept", reached.toFixed(2)]), 3));
  }
  const failed = rounds.filter((round) => round.errors > 0);
  if (failed.length > 0) {
    parts.push("## Errors", table(["scale", "clients", "round", "target", "workload", "answered", "status 400 and above", "connect", "read", "write", "timeout"],
      failed.map((round) => [round.scale, round.clients, round.round, round.target, round.workload, round.requests, round.errorsByKind.status, round.errorsByKind.connect, round.errorsByKind.read, round.errorsByKind.write, round.errorsByKind.timeout].map(String))));
  }
  parts.push(noise(report));
  return `${parts.join("\n\n")}\n`;
}
