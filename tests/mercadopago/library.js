// Mercado Pago's own library on standard input: a line of JSON asks, a line of JSON answers. It ends when its input does.
const { createInterface } = require('node:readline');
const { MercadoPagoConfig, Payment, PaymentRefund, Preference, WebhookSignatureValidator } = require('mercadopago');
const { AppConfig } = require('mercadopago/dist/utils/config');

const clients = { Payment, PaymentRefund, Preference };

const does = {
  // Whether it takes each notice for Mercado Pago's own.
  validate: ({ notices }) => ({ good: notices.map(isGood) }),
  // Calls one of its clients against the address that is given.
  call: async ({ url, client, method, request }) => {
    AppConfig.BASE_URL = url;
    const config = new MercadoPagoConfig({ accessToken: 'simulated', options: { timeout: 30000, maxRetries: 0 } });
    try {
      const { api_response: response, ...answer } = await new clients[client](config)[method](request);
      return { status: response.status, answer };
    } catch (error) {
      return { status: error.status ?? error.statusCode ?? 0, error: { name: error.constructor.name, message: error.message, cause: error.cause ?? null } };
    }
  },
};

function isGood(notice) {
  try {
    WebhookSignatureValidator.validate(notice);
    return true;
  } catch {
    return false;
  }
}

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, ask, ...of } = JSON.parse(line);
  console.log(JSON.stringify({ id, ...(await does[ask](of)) }));
});
