// Stripe's own library on standard input: a line of JSON asks, a line of JSON answers. It ends when its input does.
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Stripe from 'stripe';
import ts from 'typescript';

const does = {
  version: async () => ({ version: Stripe.API_VERSION }),
  sign: async ({ payload, secret, timestamp }) => ({ header: Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }) }),
  // What the library makes of an event as it would come in at `now`, in seconds.
  read: async ({ payload, header, secret, now }) => {
    try {
      const event = Stripe.webhooks.constructEvent(payload, header, secret, 300, undefined, now * 1000);
      return { event: event.id, error: null };
    } catch (error) {
      return { event: null, error: error.type ?? error.name };
    }
  },
  // One call of the library, by its path in it: `paymentIntents.create`.
  call: async ({ host, port, key, method, args, all }) => {
    const stripe = new Stripe(key, { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
    const [resource, verb] = method.split('.');
    try {
      const asked = stripe[resource][verb](...args);
      return { answer: all ? await asked.autoPagingToArray({ limit: 1000 }) : await asked, error: null };
    } catch (error) {
      return { answer: null, error: { class: error.constructor.name, type: error.rawType, code: error.code ?? null, status: error.statusCode ?? null } };
    }
  },
  // Where some values are not what the library's types say, with every member that they do not know.
  check: async ({ values }) => ({ errors: check(values) }),
};

function check(values) {
  const name = fileURLToPath(new URL('./checked.ts', import.meta.url));
  const text = `import type Stripe from 'stripe';\n${values.map(({ type, value }, at) => `export const v${at}: Stripe.${type} = ${JSON.stringify(value)};`).join('\n')}`;
  const options = { strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, types: [], lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'] };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (file, ...rest) => (file === name ? ts.createSourceFile(file, text, ts.ScriptTarget.ES2022) : getSourceFile.call(host, file, ...rest));
  host.fileExists = (file) => file === name || fileExists.call(host, file);
  host.readFile = (file) => (file === name ? text : readFile.call(host, file));
  const program = ts.createProgram([name], options, host);
  return ts.getPreEmitDiagnostics(program).map((found) => ts.flattenDiagnosticMessageText(found.messageText, '\n'));
}

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, ask, ...of } = JSON.parse(line);
  console.log(JSON.stringify({ id, ...(await does[ask](of)) }));
});
