import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { jsonLines } from '../../../activities/adapters/docker/json-lines.ts';

it.each([[['{"a":1}\n{"b":"ä"}\r\n\n{"c":3}']], [['{"a"', ':1}', '\n{"b":"ä"}', '\n', '{"c":3}\n']]])(
  'reads each value once, however the stream is cut: %j',
  async (chunks) => {
    const values: unknown[] = [];
    for await (const value of jsonLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))) values.push(value);
    expect(values).toEqual([{ a: 1 }, { b: 'ä' }, { c: 3 }]);
  },
);

it('does not take a stream that broke off for one that ended', async () => {
  const broken = async function* () {
    yield Buffer.from('{"a":1}\n{"b"');
    throw new Error('connection lost');
  };
  const read = async () => {
    for await (const _value of jsonLines(broken())) continue;
  };
  await expect(read()).rejects.toThrow('connection lost');
});
