// A wallet on standard input: a line of JSON asks, a line of JSON answers. It ends when its input does.
import { createInterface } from 'node:readline';
import siwe from '@spruceid/siwe-parser';
import { Wallet, keccak256 } from 'ethers';

const does = {
  address: ({ key }) => ({ address: new Wallet(key).address }),
  sign: ({ key, message }) => ({ signature: new Wallet(key).signMessageSync(message) }),
  signHashes: ({ key, hashes }) => ({ signatures: hashes.map((hash) => new Wallet(key).signingKey.sign(hash).serialized) }),
  hash: ({ upTo }) => ({ hashes: Array.from({ length: upTo }, (_, length) => keccak256(Uint8Array.from({ length }, (_, at) => (at * 7 + length) & 255))) }),
  // What the reference reader makes of each message: its fields, or null where it is none.
  read: ({ messages }) => ({ read: messages.map(read) }),
};

function read(message) {
  try {
    const { scheme = null, domain, address, statement = null, uri, chainId, nonce, requestId = null, resources = null } = new siwe.ParsedMessage(message);
    return { scheme, domain, address, statement, uri, chainId, nonce, requestId, resources };
  } catch {
    return null;
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, ask, ...of } = JSON.parse(line);
  console.log(JSON.stringify({ id, ...does[ask](of) }));
});
