// Just enough HTTP/1.1 to judge an answer: nothing is retried, followed or hidden.

const END_OF_HEAD = '\r\n\r\n';

export interface Answer {
  readonly status: number;
  readonly version: string;
  readonly body: string;
  /** The server gives no other answer on this connection. */
  readonly isLast: boolean;
}

interface Head {
  readonly status: number;
  readonly version: string;
  readonly isLast: boolean;
  readonly isChunked: boolean;
  readonly length: number;
  readonly bodyAt: number;
}

/** Reads the answers of one connection, one after the other. */
export class AnswerReader {
  #text = '';
  #head: Head | null = null;

  /** True as soon as one byte of the present answer is here. */
  get hasBegun(): boolean {
    return this.#text.length > 0;
  }

  /** The answer when these bytes complete it, else null. Throws on what is no HTTP. */
  push(bytes: Buffer): Answer | null {
    this.#text += bytes.toString('latin1');
    this.#head ??= readHead(this.#text);
    if (this.#head === null) return null;
    const { status, version, isLast, isChunked, length, bodyAt } = this.#head;
    const rest = this.#text.slice(bodyAt);
    if (!isChunked && rest.length < length) return null;
    const body = isChunked ? readChunks(rest) : rest.slice(0, length);
    if (body === null) return null;
    this.#text = '';
    this.#head = null;
    return { status, version, body, isLast };
  }
}

function readHead(text: string): Head | null {
  const end = text.indexOf(END_OF_HEAD);
  if (end < 0) return null;
  const head = text.slice(0, end + 2);
  const status = /^HTTP\/1\.[01] (\d{3}) /.exec(head)?.[1];
  if (status === undefined) throw new Error('no HTTP');
  return {
    status: Number(status),
    version: valueOf(head, 'x-version') ?? 'proxy',
    isLast: valueOf(head, 'connection')?.toLowerCase() === 'close',
    isChunked: valueOf(head, 'transfer-encoding')?.toLowerCase() === 'chunked',
    length: Number(valueOf(head, 'content-length') ?? 0),
    bodyAt: end + END_OF_HEAD.length,
  };
}

const valueOf = (head: string, name: string): string | null =>
  new RegExp(`\r\n${name}: *([^\r\n]*)`, 'i').exec(head)?.[1] ?? null;

/** The text of all chunks, null when the last one is not here. */
function readChunks(text: string): string | null {
  let body = '';
  for (let at = 0; ;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('no chunk');
    const next = lineEnd + 2 + size + 2;
    if (text.length < next) return null;
    if (size === 0) return body;
    body += text.slice(lineEnd + 2, next - 2);
    at = next;
  }
}
