// Draws an SVG of one path, as a screen would, and reads the QR code in it, as a camera would.
import { readFileSync } from 'node:fs';
import jsQR from 'jsqr';

const SCALE = 4;
const svg = readFileSync(process.argv[2], 'utf8');
const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)[1]);
const width = size * SCALE;
const pixels = new Uint8ClampedArray(width * width * 4).fill(255);

// The second path is the code: runs of dark modules, each one module high.
const path = [...svg.matchAll(/<path [^>]*?\bd="([^"]*)"/g)][1][1];
for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
  for (let row = y * SCALE; row < (Number(y) + 1) * SCALE; row++)
    for (let column = x * SCALE; column < (Number(x) + Number(length)) * SCALE; column++)
      pixels.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3);

console.log(JSON.stringify({ text: jsQR(pixels, width, width)?.data ?? null }));

// Whoever asked ends this when they have heard.
setInterval(() => {}, 60_000);
