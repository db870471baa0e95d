import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, LineReader, type Frame } from '../../../activities/adapters/docker/frames.ts';

const multiplexed = (...pieces: readonly (readonly [Frame['stream'], string])[]): Buffer =>
  Buffer.concat(
    pieces.flatMap(([stream, text]) => {
      const bytes = Buffer.from(text);
      const header = Buffer.alloc(8);
      header[0] = stream === 'stdout' ? 1 : 2;
      header.writeUInt32BE(bytes.length, 4);
      return [header, bytes];
    }),
  );

const linesOf = (chunks: readonly Buffer[]): string[] => {
  const [frames, lines] = [new FrameReader(), new LineReader()];
  const read = chunks.flatMap((chunk) => frames.push(chunk)).flatMap((frame) => lines.push(frame));
  return [...read, ...lines.end()];
};

describe('the output of a container', () => {
  it('keeps the order of both streams and puts pieces of a line together', () => {
    const bytes = multiplexed(
      ['stdout', 'a'],
      ['stderr', 'x\ny'],
      ['stdout', 'b\r\n'],
      ['stderr', 'z\n'],
      ['stdout', 'end'],
    );
    expect(linesOf([bytes])).toEqual(['x', 'ab', 'yz', 'end']);
  });

  it('does not depend on how it arrives', () => {
    const frame = fc.tuple(fc.constantFrom('stdout' as const, 'stderr' as const), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.nat(400)), (pieces, cuts) => {
        const bytes = multiplexed(...pieces);
        const ends = [...cuts.filter((cut) => cut < bytes.length).sort((one, other) => one - other), bytes.length];
        const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
        expect(linesOf(chunks)).toEqual(linesOf([bytes]));
      }),
    );
  });

  it('gives a line without an end in pieces that fit into memory', () => {
    const lines = linesOf([multiplexed(['stdout', 'x'.repeat(100_000)])]);
    expect(lines.join('')).toHaveLength(100_000);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(16_384);
  });
});
