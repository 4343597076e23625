// The promises that these workloads can show; each is a part of another figure of the same run.
const PROMISES = [
  { of: "cached", to: ["raw", "cached"], least: 0.7 },
  { of: "product", to: ["raw", "cached"], least: 0.7 },
  { of: "page", to: ["raw", "cached"], least: 0.7 },
  { of: "productMiss", to: ["raw", "product"], least: 0.7 },
  { of: "pageMiss", to: ["raw", "page"], least: 0.6 },
  { of: "mine", to: ["raw", "mine"], least: 0.6 },
  { of: "order", to: ["raw", "order"], least: 0.5 },
  { of: "order", to: ["fastify", "order"], least: 2 },
  { of: "orderKeyed", to: ["raw", "order"], least: 0.5 },
  { of: "orderKeyed", to: ["fastify", "order"], least: 2 },
];

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The medians of each target and workload over its quiet rounds, or over all of them when none was quiet. */
export function summarize(rounds, workloads, targets, noise) {
  const cells = [];
  for (const workload of Object.keys(workloads)) {
    for (const target of targets) {
      const all = rounds.filter((round) => round.workload === workload && round.target === target);
      if (all.length === 0) continue;
      const quiet = all.filter((round) => round.foreign <= noise);
      const used = quiet.length > 0 ? quiet : all;
      const of = (name) => median(used.map((round) => round[name]));
      cells.push({
        workload, target, perSecond: of("perSecond"), p50: of("p50"), p95: of("p95"), p99: of("p99"), bytesEach: of("bytesEach"),
        lowest: Math.min(...used.map((round) => round.perSecond)), highest: Math.max(...used.map((round) => round.perSecond)),
        rounds: all.length, quietRounds: quiet.length, errors: all.reduce((sum, round) => sum + round.errors, 0),
      });
    }
  }
  for (const cell of cells) {
    const basis = cells.find((other) => other.target === "raw" && other.workload === (workloads[cell.workload].basis ?? cell.workload));
    if (basis && basis.perSecond > 0) cell.toRaw = cell.perSecond / basis.perSecond;
  }
  return cells;
}

export function keptPromises(cells) {
  const find = (target, workload) => cells.find((cell) => cell.target === target && cell.workload === workload);
  return PROMISES.flatMap(({ of, to: [target, workload], least }) => {
    const ours = find("quitanda", of);
    const other = find(target, workload);
    if (!ours || !other || other.perSecond === 0) return [];
    const reached = ours.perSecond / other.perSecond;
    return [{ workload: of, against: `${target}, ${workload}`, least, reached, kept: reached >= least && ours.errors === 0 }];
  });
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

function figure(value) {
  return Math.round(value).toLocaleString("en-US");
}

/** The whole report as Markdown. */
export function markdown({ machine, postgres, options, workloads, targets, cells, rounds, memory, firstAnswer, promises }) {
  const cell = (workload, target, show) => {
    const found = cells.find((each) => each.workload === workload && each.target === target);
    return found ? show(found) : "";
  };
  const grid = (show) => table(["workload", ...targets], Object.entries(workloads).map(([key, { title }]) => [title, ...targets.map((target) => cell(key, target, show))]));
  const parts = [
    "# Measured",
    `${machine.processors} processors (${machine.model}), ${machine.memoryGigabytes} GB, PostgreSQL ${postgres.version}, ${options.connections} connections, ${options.rounds} rounds of ${options.seconds} s after ${options.warmup} s of warm-up. Product at ${machine.commit}. Began ${machine.startedAt}.`,
    `PostgreSQL settings: ${Object.entries(postgres.settings).map(([name, value]) => `${name}=${value}`).join(", ")}; cluster on ${machine.fileSystem}.`,
    "## Requests a second, and the part of raw\nMedians. `!`: a round had errors. `~`: no round was quiet.",
    grid((found) => figure(found.perSecond) + (found.toRaw === undefined ? "" : ` (${found.toRaw.toFixed(2)})`) + (found.errors > 0 ? " !" : "") + (found.quietRounds === 0 ? " ~" : "")),
    "## Milliseconds to the answer, p50 / p95 / p99",
    grid((found) => [found.p50, found.p95, found.p99].map((value) => value.toFixed(1)).join(" / ")),
    "## Bytes of one answer, head included",
    grid((found) => figure(found.bytesEach)),
    "## Process\nMemory is resident, summed over a target's processes, in MB.",
    table(["", ...targets], [
      ["memory idle", ...targets.map((target) => String(memory[target]?.idle ?? ""))],
      ["memory after the load", ...targets.map((target) => String(memory[target]?.after ?? ""))],
      ...(firstAnswer ? [["first 200 after start, s", ...targets.map((target) => firstAnswer[target]?.toFixed(2) ?? "")]] : []),
    ]),
  ];
  if (promises.length > 0) {
    parts.push("## Promises", table(["quitanda", "against", "at least", "reached", ""], promises.map(({ workload, against, least, reached, kept }) => [workload, against, String(least), reached.toFixed(2), kept ? "kept" : "not kept"])));
  }
  const failed = rounds.filter((round) => round.errors > 0);
  if (failed.length > 0) {
    parts.push("## Errors", table(["round", "target", "workload", "answered", "status 400 and above", "connect", "read", "write", "timeout"],
      failed.map((round) => [round.round, round.target, round.workload, round.requests, round.errorsByKind.status, round.errorsByKind.connect, round.errorsByKind.read, round.errorsByKind.write, round.errorsByKind.timeout].map(String))));
  }
  const noisy = rounds.filter((round) => round.foreign > options.noise);
  parts.push(noisy.length === 0 ? "Every round was quiet." : `${noisy.length} of ${rounds.length} rounds were not quiet (more than ${Math.round(options.noise * 100)} % of the processors went to other programs; the worst ${Math.round(Math.max(...noisy.map((round) => round.foreign)) * 100)} %). They are left out where a quiet one stands beside them.`);
  return `${parts.join("\n\n")}\n`;
}
