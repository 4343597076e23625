import { parseArgs } from "node:util";
import { peer } from "../targets/peers.mjs";
import { quitanda } from "../targets/quitanda.mjs";
import { raw } from "../targets/raw.mjs";

export const TARGETS = {
  raw,
  fastify: () => peer("fastify", "fastify", 1),
  express: () => peer("express", "express", 1),
  "express-2": () => peer("express-2", "express", 2),
  quitanda: () => quitanda("quitanda", 1),
  "quitanda-miss": () => quitanda("quitanda-miss", 1, { Cache__MegaBytes: "0" }),
  "quitanda-2": () => quitanda("quitanda-2", 2),
};
const USUAL_TARGETS = Object.keys(TARGETS).filter((name) => name !== "quitanda-2");

// `basis` names the raw figure to compare with, where it is not the workload's own. `writes` counts the orders that are added, `leaves` only
// removes what a load leaves behind. `connections` stands where more of them would do nothing but wait, or, with `pause` (milliseconds that each of
// them rests on average), where so many requests a second are asked and not as many as can be. `beside` is a load from others meanwhile. `unasked`
// is for who asks for it.
export const WORKLOADS = {
  cached: { title: "a finished answer of about 3 kB" },
  product: { title: "one product" },
  productSigned: { title: "one product, signed in", basis: "product" },
  productMiss: { title: "one product, on a miss", basis: "product" },
  page: { title: "page of 20 products with category and total" },
  pageMiss: { title: "the same page, on a miss", basis: "page" },
  search: { title: "the 20 newest products with a word, with total" },
  find: { title: "the best 20 products for all kinds of words", basis: "search" },
  mine: { title: "my orders, 20 newest with lines" },
  order: { title: "place an order of 2 lines", writes: true },
  orderKeyed: { title: "the same with an Idempotency-Key", basis: "order", writes: true },
  signIn: { title: "sign in, over 8 connections", leaves: true, connections: 8 },
  paced: { title: "my orders, 100 times a second", connections: 10, pause: 100 },
  pacedBeside: { title: "the same while 50 sign in", connections: 10, pause: 100, beside: { workload: "signIn", connections: 50 }, leaves: true },
  searchPaced: { title: "products with two words, 20 times a second", connections: 20, pause: 1000, unasked: true },
  findPaced: { title: "the best products for all kinds of words, 20 times a second", connections: 20, pause: 1000, unasked: true },
};

const USUAL_WORKLOADS = Object.keys(WORKLOADS).filter((name) => !WORKLOADS[name].unasked);

/** Starts a target for `--first-answer`. */
export const STARTS = 5;

export const USAGE = `Usage: ./quitanda bench [options]      (or bench/run)
  --targets a,b       ${Object.keys(TARGETS).join(", ")} (default: all but quitanda-2)
  --workloads a,b     ${Object.keys(WORKLOADS).join(", ")} (default: all but searchPaced and findPaced)
  --rounds N          rounds, each over all targets and workloads (default 3)
  --seconds S         measured seconds of one target and workload in a round (default 6)
  --warmup S          seconds of load before each measure (default 2)
  --connections C     connections of the load (default 64)
  --clients A,B       also at the first scale with so many connections each, such as 1,4,16,64,256
  --scale A,B         times the data: 1 is 10,000 products and 20,000 orders, 100 a million and two (default 1); each is measured like the first
  --keep FOLDER       keep the databases there and take them from there: at 100 they take many minutes and some 10 GB to make
  --noise PERCENT     a round is quiet when other programs used no more of the processors (default 10)
  --first-answer      also measure the time from start to the first 200 and the memory then, ${STARTS} starts a target
  --help

What quality promises, in one run each (two processes need processors to spare to show anything):
  ./quitanda bench --first-answer
  ./quitanda bench --targets raw,quitanda,quitanda-miss --workloads productMiss,mine,order --scale 1,10,100 --keep FOLDER
  ./quitanda bench --targets quitanda --workloads searchPaced,findPaced --scale 10
  ./quitanda bench --targets quitanda,quitanda-miss --workloads cached,productMiss,order --clients 1,4,16,64,256
  ./quitanda bench --targets quitanda,quitanda-2 --workloads cached,product,mine,order`;

export class Misuse extends Error {}

/** The options of the command line, checked; throws `Misuse` that says what is wrong. */
export function options(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        targets: { type: "string", default: USUAL_TARGETS.join(",") }, workloads: { type: "string", default: USUAL_WORKLOADS.join(",") },
        rounds: { type: "string", default: "3" }, seconds: { type: "string", default: "6" }, warmup: { type: "string", default: "2" },
        connections: { type: "string", default: "64" }, clients: { type: "string" }, scale: { type: "string", default: "1" }, keep: { type: "string" },
        noise: { type: "string", default: "10" }, "first-answer": { type: "boolean", default: false }, help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    throw new Misuse(error.message);
  }
  const whole = (name, text, low, high) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high) throw new Misuse(`--${name} takes whole numbers from ${low} to ${high}`);
    return value;
  };
  const number = (name, low, high) => whole(name, values[name], low, high);
  const numbers = (name, low, high) => (values[name] === undefined ? [] : [...new Set(values[name].split(",").map((text) => whole(name, text, low, high)))].sort((a, b) => a - b));
  const names = (name, known) => {
    const list = [...new Set(values[name].split(","))];
    const unknown = list.find((each) => !(each in known));
    if (unknown !== undefined) throw new Misuse(`--${name} does not know "${unknown}"; it knows ${Object.keys(known).join(", ")}`);
    return Object.keys(known).filter((each) => list.includes(each));
  };
  return {
    help: values.help, firstAnswer: values["first-answer"], keep: values.keep,
    targets: names("targets", TARGETS), workloads: names("workloads", WORKLOADS),
    rounds: number("rounds", 1, 100), seconds: number("seconds", 1, 600), warmup: number("warmup", 1, 600),
    connections: number("connections", 1, 1000), clients: numbers("clients", 1, 1000), scales: numbers("scale", 1, 100), noise: number("noise", 0, 100) / 100,
  };
}
