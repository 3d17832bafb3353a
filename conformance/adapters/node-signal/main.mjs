// node main.mjs [--port N] [--vary NAME,NAME=NUMBER] [--list] [--until-end-of-input]: serves signalling on the loopback
// interface until a signal comes.

import http from 'node:http';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';

import { Board } from './board.mjs';
import { AMOUNTS, DEVIATIONS, parse } from './deviations.mjs';
import { serve } from './socket.mjs';

const PATH = '/.well-known/dx/signal';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    vary: { type: 'string', default: '' },
    list: { type: 'boolean', default: false },
    'until-end-of-input': { type: 'boolean', default: false },
  },
});
if (values.list) {
  for (const [name, what] of Object.entries(DEVIATIONS)) {
    console.log(`${name.padEnd(16)} ${what}`);
  }
  for (const [name, what] of Object.entries(AMOUNTS)) {
    console.log(`${`${name}=N`.padEnd(16)} ${what}`);
  }
  process.exit(0);
}

const deviations = parse(values.vary);
const board = new Board(deviations);
const sockets = new Set();
const server = http.createServer((request, response) => {
  response.statusCode = new URL(request.url, 'http://localhost').pathname === PATH ? 426 : 404;
  response.end();
});
const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false });
server.on('upgrade', (request, socket, head) => {
  if (new URL(request.url, 'http://localhost').pathname !== PATH) {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    return;
  }
  upgrades.handleUpgrade(request, socket, head, (ws) => {
    const end = serve(ws, board, deviations);
    sockets.add(end);
    ws.on('close', () => sockets.delete(end));
  });
});
server.listen(Number(values.port), '127.0.0.1', () => {
  console.log(`ws://127.0.0.1:${server.address().port}${PATH}`);
});

const stop = () => {
  sockets.forEach((end) => end());
  server.close();
  // Clients that do not answer the close do not hold the process.
  setTimeout(() => process.exit(0), 200);
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
if (values['until-end-of-input']) {
  process.stdin.on('end', stop).resume();
}
