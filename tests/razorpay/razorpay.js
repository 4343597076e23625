// Razorpay's library on standard input: a line of JSON asks, a line of JSON answers. It ends when its input does.
import { createInterface } from 'node:readline';
import Razorpay from 'razorpay';

const does = {
  validate: ({ calls }) => ({ valid: calls.map(({ body, signature, secret }) => Razorpay.validateWebhookSignature(body, signature, secret)) }),
  call: async ({ at, resource, method, args }) => {
    const library = new Razorpay({ key_id: 'simulated', key_secret: 'simulated' });
    // The library knows one address only; a proxy is for that one, too.
    Object.assign(library.api.rq.defaults, { baseURL: at, proxy: false });
    try {
      return { answer: await library[resource][method](...args) };
    } catch (refusal) {
      return { refusal };
    }
  },
};

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, ask, ...of } = JSON.parse(line);
  console.log(JSON.stringify({ id, ...await does[ask](of) }));
});
