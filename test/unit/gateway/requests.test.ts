import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPayload } from '../../../client/devices/gateway/request-payload.ts';
import { readTopic } from '../../../client/devices/gateway/request-topic.ts';

const read = (topic: string, body: unknown) => {
  const reading = readTopic(topic);
  if (reading.kind !== 'request') throw new Error(reading.why);
  return readPayload(reading.request, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
};

describe('topics', () => {
  it.each([
    ['$aws/things/a:b_c-1/jobs/start-next', { kind: 'start-next', thing: 'a:b_c-1' }],
    ['$aws/things/a/jobs/get', { kind: 'get', thing: 'a' }],
    ['$aws/things/a/jobs/$next/get', { kind: 'describe', thing: 'a', jobId: '$next' }],
    ['$aws/things/a/jobs/exe_1-w1/get', { kind: 'describe', thing: 'a', jobId: 'exe_1-w1' }],
    ['$aws/things/a/jobs/exe_1-w1/update', { kind: 'update', thing: 'a', jobId: 'exe_1-w1' }],
    ['$aws/things/a/shadow/update', { kind: 'shadow-report', thing: 'a' }],
  ])('%s is a request', (topic, request) => {
    expect(readTopic(topic)).toEqual({ kind: 'request', request });
  });

  it.each([
    ['$aws/things/a b/jobs/get', null],
    ['$aws/things//jobs/get', null],
    [`$aws/things/${'x'.repeat(129)}/jobs/get`, null],
    ['aws/things/a/jobs/get', null],
    ['$aws/things/a/jobs/$next/update', 'a'],
    [`$aws/things/a/jobs/${'x'.repeat(65)}/get`, 'a'],
    ['$aws/things/a/jobs/get/accepted', 'a'],
    ['$aws/things/a/jobs/begin', 'a'],
    ['$aws/things/a/shadow/get', 'a'],
    ['$aws/things/a', 'a'],
  ])('%s is none', (topic, thing) => {
    expect(readTopic(topic)).toMatchObject({ kind: 'invalid', thing });
  });
});

describe('payloads', () => {
  const update = '$aws/things/a/jobs/j/update';

  it('gives every field that was not sent its default', () => {
    expect(read(update, { status: 'FAILED' })).toEqual({
      kind: 'request',
      request: {
        kind: 'update',
        thing: 'a',
        jobId: 'j',
        clientToken: null,
        status: 'FAILED',
        statusDetails: null,
        expectedVersion: null,
        executionNumber: null,
        stepTimeoutMinutes: null,
        includeJobExecutionState: false,
        includeJobDocument: false,
      },
    });
    expect(read('$aws/things/a/jobs/get', '')).toMatchObject({ kind: 'request' });
    expect(read('$aws/things/a/jobs/$next/get', {})).toMatchObject({ request: { includeJobDocument: true } });
  });

  it('ignores fields that it does not know', () => {
    const reading = read('$aws/things/a/jobs/start-next', { later: 1, countsAsBoot: false });
    expect(reading).not.toHaveProperty('request.later');
    expect(reading).toMatchObject({ request: { countsAsBoot: true } });
  });

  it('takes a step timer of -1 or 1 to 10,080 minutes', () => {
    const kinds = [-2, -1, 0, 1, 10_080, 10_081, 1.5].map(
      (stepTimeoutInMinutes) => read(update, { status: 'IN_PROGRESS', stepTimeoutInMinutes }).kind,
    );
    expect(kinds).toEqual(['refused', 'request', 'refused', 'request', 'request', 'refused', 'refused']);
  });

  it('says what is wrong where, and keeps the token', () => {
    const body = { status: 'FAILED', expectedVersion: 'x', clientToken: 't' };
    expect(read(update, body)).toMatchObject({
      code: 'InvalidRequest',
      clientToken: 't',
      message: expect.stringContaining('expectedVersion') as string,
    });
  });

  it('reads the firmware of a shadow, if it says one', () => {
    const shadow = '$aws/things/a/shadow/update';
    expect(read(shadow, { state: { reported: { firmware: '1.2' } } })).toMatchObject({ request: { firmware: '1.2' } });
    expect(read(shadow, { state: { desired: {} } })).toMatchObject({ request: { firmware: null } });
    expect(read(shadow, { state: { reported: null } })).toMatchObject({ request: { firmware: null } });
    expect(read(shadow, {}).kind).toBe('refused');
  });

  it('never throws, whatever comes', () => {
    const topic = fc.constantFrom(
      update,
      '$aws/things/a/jobs/get',
      '$aws/things/a/shadow/update',
      '$aws/things/a/jobs/$next/get',
    );
    const text = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.json().map((json) => json.slice(1)),
    );
    fc.assert(fc.property(topic, text, (on, payload) => ['request', 'refused'].includes(read(on, payload).kind)));
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => readPayload({ kind: 'get', thing: 'a' }, bytes).kind !== undefined),
    );
    fc.assert(fc.property(fc.string(), (text_) => readTopic(text_).kind !== undefined));
  });
});
