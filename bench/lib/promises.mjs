// The promises that these workloads can show. A bound of the machine's mood is none of them: a ratio is of two figures of the same run.
const RATIOS = [
  { of: "cached", to: ["raw", "cached"], least: 0.7 },
  { of: "product", to: ["raw", "cached"], least: 0.7 },
  // Who calls is looked at first: what raw asks the database for, with nobody to know, is the bound.
  { of: "productSigned", to: ["raw", "product"], least: 1 },
  { of: "page", to: ["raw", "cached"], least: 0.7 },
  { of: "productMiss", to: ["raw", "product"], least: 0.7 },
  { of: "pageMiss", to: ["raw", "page"], least: 0.6 },
  { of: "search", to: ["raw", "search"], least: 1 },
  { of: "find", to: ["raw", "search"], least: 1 },
  { of: "mine", to: ["raw", "mine"], least: 0.6 },
  { of: "order", to: ["raw", "order"], least: 0.5 },
  { of: "order", to: ["fastify", "order"], least: 2 },
  { of: "orderKeyed", to: ["raw", "order"], least: 0.5 },
  { of: "orderKeyed", to: ["fastify", "order"], least: 2 },
  // One core's worth of hashing: raw hashes on as many threads and does little else. A tenth is left for that little.
  { of: "signIn", to: ["raw", "signIn"], least: 0.9 },
];

const GROWING = ["product", "productMiss", "mine", "order", "orderKeyed"];
const MOST_GROWTH = 1.5;
// Throughput "does not fall" when it stays within what two measures of one thing differ by.
const LEAST_UNDER_CLIENTS = 0.9;
const MOST_SPREAD = 10;
// "Keep their p95" as growth keeps its cost.
const MOST_BESIDE = 1.5;
const SEARCHED_SCALE = 10;
const MOST_SEARCH_MS = 15;
const LEAST_OF_TWO = 1.6;
// Load and database need processors too, when two processes are to have one each.
const PROCESSORS_FOR_TWO = 4;
const MOST_SECONDS_TO_ANSWER = 1;
const MOST_IDLE_MB = 150;
const MOST_LOADED_MB = 300;

/** How a figure stands beside its promise: `kept` is undefined where this run cannot show it, and `why` says so. */
export function keptPromises({ cells, options, machine, memory, starts }) {
  const find = (target, workload, { scale = options.scales[0], clients = options.connections } = {}) =>
    cells.find((cell) => cell.target === target && cell.workload === workload && cell.scale === scale && cell.clients === clients);
  const ours = (workload, at) => find(workload.endsWith("Miss") ? "quitanda-miss" : "quitanda", workload, at);
  const promises = [];
  const atLeast = (what, reached, least, sound = true) => promises.push({ what, bound: `at least ${least}`, reached, kept: sound && reached >= least });
  const atMost = (what, reached, most, sound = true) => promises.push({ what, bound: `at most ${most}`, reached, kept: sound && reached <= most });

  for (const { of, to: [target, workload], least } of options.scales[0] === 1 ? RATIOS : []) {
    const one = ours(of);
    const other = find(target, workload);
    if (one && other?.perSecond > 0) atLeast(`${of}: requests a second, part of ${target}, ${workload}`, one.perSecond / other.perSecond, least, one.errors === 0);
  }

  const [small, large] = [options.scales[0], options.scales.at(-1)];
  for (const workload of large > small ? GROWING : []) {
    const before = ours(workload, { scale: small });
    const after = ours(workload, { scale: large });
    if (before && after?.perSecond > 0) atMost(`${workload}: ${large}x the data costs, times ${small}x`, before.perSecond / after.perSecond, MOST_GROWTH, before.errors + after.errors === 0);
  }

  for (const workload of options.clients.length > 0 ? options.workloads : []) {
    const row = cells.filter((cell) => cell.target.startsWith("quitanda") && cell.target !== "quitanda-2" && cell.workload === workload && cell.scale === small).sort((a, b) => a.clients - b.clients);
    if (row.length < 2) continue;
    const errors = row.reduce((sum, cell) => sum + cell.errors, 0);
    atLeast(`${workload}: requests a second of ${row.at(-1).clients} clients, part of the best of fewer`, row.at(-1).perSecond / Math.max(...row.slice(0, -1).map((cell) => cell.perSecond)), LEAST_UNDER_CLIENTS, errors === 0);
    atMost(`${workload}: p99 in p50, the worst of ${row.map((cell) => cell.clients).join(", ")} clients`, Math.max(...row.map((cell) => cell.p99 / cell.p50)), MOST_SPREAD, errors === 0);
  }

  const calm = find("quitanda", "paced");
  const beside = find("quitanda", "pacedBeside");
  if (calm && beside) atMost("pacedBeside: p95 while 50 sign in, times paced", beside.p95 / calm.p95, MOST_BESIDE, beside.errors === 0);

  for (const workload of ["searchPaced", "findPaced"]) {
    const search = find("quitanda", workload, { scale: SEARCHED_SCALE });
    if (search) atMost(`${workload}: p95 in milliseconds at ${SEARCHED_SCALE}x the data`, search.p95, MOST_SEARCH_MS, search.errors === 0);
  }

  const one = find("quitanda", "cached");
  const two = find("quitanda-2", "cached");
  if (one && two) {
    atLeast("cached: two processes, times one", two.perSecond / one.perSecond, LEAST_OF_TWO, two.errors === 0);
    if (machine.processors < PROCESSORS_FOR_TWO) Object.assign(promises.at(-1), { kept: undefined, why: `cannot be shown on ${machine.processors} processors: each process is to have one of its own, beside load and database` });
  }

  if (starts?.quitanda) atMost("seconds from start to the first 200", starts.quitanda.seconds, MOST_SECONDS_TO_ANSWER);
  if (memory.quitanda) {
    atMost("MB of memory, idle", memory.quitanda.idle, MOST_IDLE_MB);
    atMost("MB of memory, after the load", memory.quitanda.after, MOST_LOADED_MB);
  }
  return promises;
}
