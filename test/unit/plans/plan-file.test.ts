import { expect, it, test } from 'vitest';
import { PlanFile } from '#domain/plan/plan-file.schema.ts';
import { checkDocument } from '../../../client/engine/environments/read-document.ts';

const SOUND = { name: 'Rollout', firmware_version: '1.1.0', target_environment: 'production', strategy: 'canary' };

/** The refusal of a plan file that differs from a sound one by `over`; empty when it is taken. */
function refusal(over: object): string {
  try {
    checkDocument(PlanFile, { ...SOUND, ...over }, 'plan.yaml');
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test.each<[string, object]>([
  ['name', { name: 'a\u001b[2Jb' }],
  ['name', { name: 'a\nb' }],
  ['description', { description: 'a\u009b31mb' }],
  ['firmware_version', { firmware_version: '1.1.0\t' }],
  ['target_environment', { target_environment: 'production\u0007' }],
  ['strategy', { strategy: 'canary\u007f' }],
  ['approvals.role', { approvals: { role: 'approver\r' } }],
  ['gates.lab.command', { gates: { lab: { command: 'scan \u001b]0;x' } } }],
  ['gates.lab.command[0]', { gates: { lab: { command: ['sc\nan'] } } }],
  ['quality_gates.pre_deployment[0]', { quality_gates: { pre_deployment: ['lab\n'] } }],
  ['health_checks[0]', { health_checks: ['api\u001b'] }],
  ['waves[0].filter', { waves: [{ filter: 'true\u0085' }] }],
])('a text that a terminal would obey is refused at %s, and shown written out', (path, over) => {
  const said = refusal(over);
  expect(said.slice(0, path.length + 1)).toBe(`${path}:`);
  expect(said).toMatch(/without control characters/);
  expect(said).not.toMatch(/\p{Cc}/u);
});

it('when people are reminded is a matter of the environment: a plan file that says it is refused', () => {
  expect(refusal({ approvals: { remind_after: '1h' } })).toContain('approvals.remind_after');
  expect(refusal({ approvals: { expires_in: '1h' } })).toBe('');
});

it.each(['0s', '-1s', 'soon', true])('a progress deadline of %j is refused', (progress_deadline) => {
  expect(refusal({ progress_deadline })).toMatch(/^progress_deadline: expected a duration such as .*above 0/);
});

it('what a gate runs may have several lines', () => {
  expect(refusal({ gates: { lab: { command: 'set -e\n\tscan\n' } } })).toBe('');
  expect(refusal({ gates: { lab: { command: ['sh', '-c', 'a\nb'] } } })).toBe('');
});

test.each<[string, object]>([
  ['name', { name: 'n'.repeat(201) }],
  ['description', { description: 'd'.repeat(4_001) }],
  ['waves[0].filter', { waves: [{ filter: `true || ${'x'.repeat(2_000)}` }] }],
])('a text that is a book is refused at %s', (path, over) => {
  expect(refusal(over)).toMatch(/at most (200|4000|2000) characters/);
  expect(refusal(over).slice(0, path.length + 1)).toBe(`${path}:`);
});
