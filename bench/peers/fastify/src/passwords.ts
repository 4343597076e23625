import { pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
const derive = promisify(pbkdf2);
/** Whether a password is the one of a hash in the form of ASP.NET Core Identity: version, function (here SHA-512), iterations, length of the salt, salt, key. */
export async function isRight(password: string, hash: string) {
  const bytes = Buffer.from(hash, "base64");
  const salt = bytes.subarray(13, 13 + bytes.readUInt32BE(9));
  const key = bytes.subarray(13 + salt.length);
  return timingSafeEqual(await derive(password, salt, bytes.readUInt32BE(5), key.length, "sha512"), key);
}
