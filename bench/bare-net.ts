// The least that a server in Node.js does over `net` alone: whatever comes is answered with the image, and
// nothing of it is read or kept. The benchmark holds nginx and the collector against it.
//
//   node bench/bare-net.ts PORT

import { createServer } from 'node:net';
import { ImageReplies } from '../src/collector/image.ts';

const reply = new ImageReplies(new Date()).of('gif', 200, true);

createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(reply));
  socket.on('error', () => socket.destroy());
}).listen(Number(process.argv[2]), '127.0.0.1');
