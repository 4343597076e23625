import { pbkdf2Sync, randomBytes } from "node:crypto";

/** What everybody's password is hashed with, on every side: as the product does it when nobody says otherwise. */
export const ITERATIONS = 210_000;
export const PASSWORD = "password123";

const HMAC_SHA512 = 2;
const SALT = 16;
const KEY = 32;

/** The one hash all users have, in the form the product stores: version, function, iterations and length of the salt before salt and key. */
export function passwordHash() {
  const salt = randomBytes(SALT);
  const head = Buffer.alloc(13);
  head[0] = 1;
  head.writeUInt32BE(HMAC_SHA512, 1);
  head.writeUInt32BE(ITERATIONS, 5);
  head.writeUInt32BE(SALT, 9);
  return Buffer.concat([head, salt, pbkdf2Sync(PASSWORD, salt, ITERATIONS, KEY, "sha512")]).toString("base64");
}

/** Signing somebody in; the paths differ. All wait long: whoever asks behind others waits for their hashes. */
export function signIn(path) {
  return {
    method: "POST", path, timeout: 60, body: `{"email":"user{user}@example.test","password":"${PASSWORD}"}`,
    check: ({ user, token, accessToken }, values) => (user.email === `user${values.user}@example.test` && (token ?? accessToken)?.split(".").length === 3 ? undefined : "another user, or no token"),
  };
}
