// An S3 server for tests: it keeps objects in a folder, takes signed requests only, and says on its output where it listens.
// Usage: node server.mjs FOLDER PORT BUCKET
import { createHash, createHmac } from "node:crypto";
import { createServer } from "node:http";
import S3rver from "@20minutes/s3rver";

const [directory, port, bucket] = process.argv.slice(2);
const secret = "S3RVER";

// It lets in whoever signs nothing, and reads paths and queries otherwise than the protocol has them; signatures are checked here instead.
const s3 = new S3rver({ directory, silent: true, allowMismatchedSignatures: true, configureBuckets: [{ name: bucket }] });
await s3.configureBuckets();
const answer = s3.callback();

const encoded = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

/** Whether a request is signed with version 4, as "Authenticating Requests" of the S3 API reference says, in its header or in its query. */
function isSigned(request) {
  const [path, queryText = ""] = request.url.split("?");
  const query = [...new URLSearchParams(queryText)];
  const given = Object.fromEntries(query);
  const isPresigned = "X-Amz-Signature" in given;
  const header = /^AWS4-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)$/.exec(request.headers.authorization ?? "");
  if (!isPresigned && !header) {
    return false;
  }

  const [credential, names, signature] = isPresigned ? [given["X-Amz-Credential"], given["X-Amz-SignedHeaders"], given["X-Amz-Signature"]] : header.slice(1);
  const time = isPresigned ? given["X-Amz-Date"] : request.headers["x-amz-date"];
  const scope = credential.split("/").slice(1);
  const canonical = [
    request.method,
    path,
    query.filter(([name]) => name !== "X-Amz-Signature").map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort().join("&"),
    ...names.split(";").map((name) => `${name}:${(request.headers[name] ?? "").trim().replace(/ +/g, " ")}`),
    "",
    names,
    isPresigned ? "UNSIGNED-PAYLOAD" : request.headers["x-amz-content-sha256"],
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope.join("/"), createHash("sha256").update(canonical).digest("hex")].join("\n");
  const key = scope.reduce(hmac, `AWS4${secret}`);
  return hmac(key, toSign).toString("hex") === signature;
}

const server = createServer((request, response) => {
  if (!isSigned(request)) {
    response.writeHead(403, { "content-type": "application/xml" });
    response.end("<Error><Code>SignatureDoesNotMatch</Code><Message>Not signed, or not so.</Message></Error>");
    request.resume();
    return;
  }

  answer(request, response);
});
server.listen(Number(port), "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
// The test that started it has ended, however that came about.
process.stdin.on("end", () => process.exit(0)).resume();
