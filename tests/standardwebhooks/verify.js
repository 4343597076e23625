// Proves deliveries as a receiver would: one JSON object a line in, with secret, headers and body; one out, with whether it is good.
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';

createInterface({ input: process.stdin }).on('line', line => {
  const { id, secret, headers, body } = JSON.parse(line);
  let said;
  try {
    said = { good: true, payload: new Webhook(secret).verify(body, headers) };
  } catch (error) {
    said = { good: false, error: error.message };
  }
  console.log(JSON.stringify({ id, ...said }));
});
