// An S3 server for tests: it keeps objects in a folder, checks every signature, and says on its output where it listens.
// Usage: node server.mjs FOLDER PORT BUCKET
import { createServer } from "node:http";
import S3rver from "@20minutes/s3rver";

const [directory, port, bucket] = process.argv.slice(2);
const s3 = new S3rver({ directory, silent: true, configureBuckets: [{ name: bucket }] });
await s3.configureBuckets();
const answer = s3.callback();

const server = createServer((request, response) => {
  // Unlike the stores it stands for, it lets in whoever signs nothing.
  if (!request.headers.authorization && !request.url.includes("X-Amz-Signature=")) {
    response.writeHead(403, { "content-type": "application/xml" });
    response.end("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>");
    return;
  }

  answer(request, response);
});
server.listen(Number(port), "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
// The test that started it has ended, however that came about.
process.stdin.on("end", () => process.exit(0)).resume();
