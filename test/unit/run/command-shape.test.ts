import { describe, expect, it } from 'vitest';
import { misshapen } from '#domain/run/command-shape.ts';
import { COMMAND_NAMES, type CommandEnvelope, type CommandName, type RunCommands } from '#domain/run/commands.ts';

const ENVELOPE: CommandEnvelope = { commandId: 'c-1', by: 'ada', via: 'cli', verified: false, reason: 'because' };

/** One good command of each name; the compiler sees to it that no field is missing. */
const GOOD: { readonly [Name in CommandName]: RunCommands[Name] } = {
  pauseRun: ENVELOPE,
  resumeRun: ENVELOPE,
  cancelRun: ENVELOPE,
  rollBackRun: ENVELOPE,
  decideGate: { ...ENVELOPE, gate: null, decision: 'approve', digest: null, roles: ['approver'] },
  overrideGate: { ...ENVELOPE, gate: 'gate-security_scan', roles: [] },
  startRunNow: { ...ENVELOPE, roles: ['approver'] },
};

/** What a field must not be, whatever it is for. */
const BAD: Readonly<Record<string, readonly unknown[]>> = {
  commandId: [undefined, null, '', 7, 'x'.repeat(129), { id: 1 }],
  by: [undefined, null, '', ['ada'], 'x'.repeat(129), 'ada\u001b[2J'],
  via: [undefined, 'telephone', 1, null],
  verified: [undefined, 'false', 0, null],
  reason: [undefined, null, 5, 'x'.repeat(2_001), 'two\nlines', '\u009bm'],
  gate: [undefined, '', 3, 'x'.repeat(129)],
  decision: [undefined, 'approved', 'rejected', 'APPROVE', true, null],
  digest: [undefined, '', 9, {}],
  roles: [undefined, null, 'approver', [1], [''], { 0: 'approver' }, Array.from({ length: 101 }, () => 'r')],
};

const casesOf = (name: CommandName): [string, unknown][] =>
  Object.keys(GOOD[name]).flatMap((field) => (BAD[field] ?? []).map((value): [string, unknown] => [field, value]));

describe.each(COMMAND_NAMES)('the shape of %s', (name) => {
  it('is that of its type', () => {
    expect(misshapen(name, GOOD[name])).toBeNull();
  });

  it('leaves room for fields of newer senders', () => {
    expect(misshapen(name, { ...GOOD[name], ticket: 'OPS-1' })).toBeNull();
  });

  it.each([undefined, null, 'pauseRun', 4, [], [GOOD.pauseRun], true])('is not %j', (args) => {
    expect(misshapen(name, args)).toMatchObject({ code: 'COMMAND_INVALID', where: `${name}: input` });
  });

  it('has a bad value to try for every field', () => {
    expect(Object.keys(BAD)).toEqual(expect.arrayContaining(Object.keys(GOOD[name])));
  });

  it.each(casesOf(name))('refuses %s: %j', (field, value) => {
    const report = misshapen(name, { ...GOOD[name], [field]: value });
    expect(report).toMatchObject({ code: 'COMMAND_INVALID', where: `${name}: ${field}` });
    expect(report?.message).toContain(`${name}: ${field} has to be `);
  });
});

it('says what was expected and what came', () => {
  const report = misshapen('decideGate', { ...GOOD.decideGate, decision: 'rejected' });
  expect(report).toMatchObject({
    message: 'decideGate: decision has to be "approve" or "reject", not "rejected"',
    found: '"rejected"',
  });
});

it('shows what came so that no terminal obeys it', () => {
  const report = misshapen('pauseRun', { ...GOOD.pauseRun, by: 'ada\u009b2J' });
  expect(report?.found).toBe('"ada\\u009b2J"');
});

it('takes no field from the prototype', () => {
  expect(misshapen('pauseRun', Object.create(ENVELOPE))).toMatchObject({ where: 'pauseRun: commandId' });
});
