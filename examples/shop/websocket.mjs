// The server's side of a WebSocket that says back what it hears (RFC 6455), in as much as the shop needs.
import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const FIN = 0x80;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const LONGEST = 0xffff;
const TOO_BIG = 1009;

/** @typedef {{ close(code: number): void }} WebSocketConnection */

/**
 * Answers the handshake and echoes every message; null when the request is no handshake for /ws.
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:stream').Duplex} socket
 * @param {string} version goes into the header X-Version
 * @returns {WebSocketConnection | null}
 */
export function acceptWebSocket(request, socket, version) {
  socket.on('error', () => socket.destroy());
  const key = request.headers['sec-websocket-key'];
  if (key === undefined || request.url !== '/ws') {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    return null;
  }
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  const headers = [
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    `X-Version: ${version}`,
  ];
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('\r\n')}\r\n\r\n`);

  const close = (/** @type {number} */ code) => {
    const body = Buffer.alloc(2);
    body.writeUInt16BE(code);
    socket.end(frame(CLOSE, body));
  };
  let unread = Buffer.alloc(0);
  socket.on('data', (/** @type {Buffer} */ chunk) => {
    unread = Buffer.concat([unread, chunk]);
    for (let read = readFrame(unread); read !== null; read = readFrame(unread)) {
      unread = unread.subarray(read.size);
      if (read.kind === 'too-big') return close(TOO_BIG);
      if (read.opcode === CLOSE) return void socket.end(frame(CLOSE, read.body));
      if (read.opcode !== PONG) socket.write(frame(read.opcode === PING ? PONG : read.opcode, read.body));
    }
  });
  return { close };
}

/** @type {(opcode: number, body: Buffer) => Buffer} */
function frame(opcode, body) {
  if (body.length < 126) return Buffer.concat([Buffer.from([FIN | opcode, body.length]), body]);
  return Buffer.concat([Buffer.from([FIN | opcode, 126, body.length >> 8, body.length & 0xff]), body]);
}

/**
 * The first frame of a client (always masked), null when it is not whole yet. Fragments are said back one by one.
 * @param {Buffer} bytes
 * @returns {{ kind: 'frame', size: number, opcode: number, body: Buffer } | { kind: 'too-big', size: number } | null}
 */
function readFrame(bytes) {
  if (bytes.length < 2) return null;
  const short = bytes.readUInt8(1) & 0x7f;
  if (short === 127) return { kind: 'too-big', size: bytes.length };
  const maskAt = short === 126 ? 4 : 2;
  if (bytes.length < maskAt + 4) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short;
  const size = maskAt + 4 + Math.min(length, LONGEST);
  if (bytes.length < size) return null;
  const mask = bytes.subarray(maskAt, maskAt + 4);
  const body = bytes.subarray(maskAt + 4, size).map((byte, index) => byte ^ mask.readUInt8(index % 4));
  return { kind: 'frame', size, opcode: bytes.readUInt8(0) & 0xf, body: Buffer.from(body) };
}
