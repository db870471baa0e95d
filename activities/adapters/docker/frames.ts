/** One piece of a container's output, from one write at most. */
export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Buffer;
}

const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Takes the engine's multiplexed output apart, whatever pieces it arrives in: each frame has a header of 8 bytes, the stream
 * in the first, the length big-endian in the last four.
 */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that `chunk` completes. */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + bytes.readUInt32BE(4);
      if (bytes.length < end) break;
      frames.push({
        stream: bytes[0] === STDERR ? 'stderr' : 'stdout',
        bytes: bytes.subarray(HEADER_BYTES, end),
      });
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    return frames;
  }
}

/** A longer line is given in pieces: nobody reads it, and it must fit into memory. */
const LONGEST_LINE_BYTES = 16_384;
const LINE_BREAK = 0x0a;

/** Makes lines of frames, each stream by itself, in the order in which they were completed. */
export class LineReader {
  readonly #unfinished = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

  push({ stream, bytes }: Frame): string[] {
    const lines: string[] = [];
    let rest: Buffer = Buffer.concat([this.#unfinished[stream], bytes]);
    for (let end = rest.indexOf(LINE_BREAK); end >= 0; end = rest.indexOf(LINE_BREAK)) {
      lines.push(textOf(rest.subarray(0, end)));
      rest = rest.subarray(end + 1);
    }
    while (rest.length > LONGEST_LINE_BYTES) {
      lines.push(textOf(rest.subarray(0, LONGEST_LINE_BYTES)));
      rest = rest.subarray(LONGEST_LINE_BYTES);
    }
    this.#unfinished[stream] = Buffer.from(rest);
    return lines;
  }

  /** What no line break ended. */
  end(): string[] {
    return [this.#unfinished.stdout, this.#unfinished.stderr].filter(({ length }) => length > 0).map(textOf);
  }
}

const textOf = (bytes: Buffer): string => bytes.toString('utf8').replace(/\r$/, '');
