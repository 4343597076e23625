// An OpenID provider for tests: it knows whom a test tells it of, asks nobody for consent, has the time that it is told, and says on its output where it listens.
// Usage: node server.mjs MILLISECONDS REDIRECT_URI...
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import Provider from "oidc-provider";

let [now, ...redirectUris] = process.argv.slice(2);
now = Number(now);
Date.now = () => now;

const accounts = new Map();
const key = (type, options, kid) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }), kid, use: "sig" });
const client = (id, id_token_signed_response_alg, more = {}) => ({
  client_id: id,
  client_secret: "only-for-tests:with+signs%&in=it",
  redirect_uris: redirectUris,
  id_token_signed_response_alg,
  ...more,
});

const server = createServer(async (request, response) => {
  const [, area, uid] = request.url.split("/");
  const end = (status) => response.writeHead(status).end();
  try {
    if (area === "test") {
      const body = JSON.parse(await text(request));
      now = body.now ?? now;
      if (body.sub) accounts.set(body.sub, body);
      end(204);
    } else if (area === "interaction") {
      const form = new URLSearchParams(await text(request));
      await provider.interactionFinished(request, response, form.has("login") ? { login: { accountId: form.get("login") } } : { error: "access_denied" }, { mergeWithLastSubmission: false });
    } else {
      await provider.callback()(request, response);
    }
  } catch (error) {
    console.error(error);
    end(500);
  }
});

await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
console.warn = console.info = () => {};
const provider = new Provider(issuer, {
  clients: [
    client("quitanda", "RS256"),
    client("quitanda-ps", "PS256", { token_endpoint_auth_method: "client_secret_post" }),
    client("quitanda-es", "ES256"),
    client("quitanda-public", "RS256", { token_endpoint_auth_method: "none", client_secret: undefined }),
  ],
  jwks: { keys: [key("rsa", { modulusLength: 2048 }, "r"), key("ec", { namedCurve: "P-256" }, "e")] },
  cookies: { keys: ["only for tests"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  findAccount: (ctx, id) => accounts.has(id) && { accountId: id, claims: () => accounts.get(id) },
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
  ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
});
console.log(issuer);
// The test that started it has ended, however that came about.
process.stdin.on("end", () => process.exit(0)).resume();
