// The shop: a small web service whose versions the examples deliver. Plain Node, no dependencies.
//
//   GET /health            200 as soon as it serves
//   GET /                  {version, instance, at}; FAIL_PERCENT of the answers are a 500, so that a version can be a bad one
//   GET /slow?ms=500       the same, later
//   GET /stream?seconds=3  a line every 100 ms
//   WebSocket /ws          says back what it hears
//
// SIGTERM: no new connections, running answers come to their end, WebSockets are closed with 1001; it ends within 10 s.
import { createServer } from 'node:http';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { acceptWebSocket } from './websocket.mjs';

const { VERSION = 'dev', PORT = '8080', START_DELAY_MS = '0', FAIL_PERCENT = '0' } = process.env;
const STOP_TIMEOUT_MS = 10_000;
const LINE_EVERY_MS = 100;

/** @type {Set<import('./websocket.mjs').WebSocketConnection>} */
const webSockets = new Set();
let isStopping = false;

const server = createServer((request, response) => {
  // A client that keeps its connection learns here that it is the last answer on it.
  if (isStopping) response.setHeader('Connection', 'close');
  response.setHeader('X-Version', VERSION);
  answer(request, response).catch(() => response.destroy());
});

/** @type {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => Promise<void>} */
async function answer(request, response) {
  const url = new URL(request.url ?? '/', 'http://shop');
  const number = (/** @type {string} */ name) => Number(url.searchParams.get(name) ?? 1);
  switch (url.pathname) {
    case '/health':
      return send(response, 200, { version: VERSION });
    case '/':
      return send(response, Math.random() * 100 < Number(FAIL_PERCENT) ? 500 : 200, identity());
    case '/slow':
      await pause(number('ms'));
      return send(response, 200, identity());
    case '/stream':
      return stream(response, number('seconds'));
    default:
      return send(response, 404, { error: `nothing at ${url.pathname}` });
  }
}

const identity = () => ({ version: VERSION, instance: hostname(), at: new Date().toISOString() });

/** @type {(response: import('node:http').ServerResponse, status: number, body: object) => void} */
function send(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

/** @type {(response: import('node:http').ServerResponse, seconds: number) => Promise<void>} */
async function stream(response, seconds) {
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  for (let line = 1; line <= (seconds * 1000) / LINE_EVERY_MS; line += 1) {
    response.write(`${VERSION} ${line}\n`);
    await pause(LINE_EVERY_MS);
  }
  response.end('end\n');
}

server.on('upgrade', (request, socket) => {
  const connection = acceptWebSocket(request, socket, VERSION);
  if (connection === null) return;
  webSockets.add(connection);
  socket.once('close', () => webSockets.delete(connection));
});

function stop() {
  isStopping = true;
  server.close(() => process.exit(0));
  for (const connection of webSockets) connection.close(1001);
  // Connections whose last answer is out hold up the end; so would a client that never reads its answer.
  setInterval(() => server.closeIdleConnections(), LINE_EVERY_MS);
  setTimeout(() => process.exit(0), STOP_TIMEOUT_MS);
}

process.once('SIGTERM', stop).once('SIGINT', stop);
await pause(Number(START_DELAY_MS));
server.listen(Number(PORT), () => process.stdout.write(`shop ${VERSION} serves on ${PORT}\n`));
