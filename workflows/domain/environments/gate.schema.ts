import { z } from 'zod';
import { hasCredentialsInside } from './credentials-inside.ts';
import { duration, flag, listOf, LONGEST_GATE_MS, named, script, section, text, variables } from './fields.schema.ts';
import { httpFields } from './health-check.schema.ts';
import { ManualGateSpec } from './policy.schema.ts';

const gateName = text('the name of a gate');

/** A gate in a list: its name, or its name and whether the run may go on without it. */
const GateReference = z.union([gateName, section({ name: gateName, required: flag().optional() })], {
  error: 'the name of a gate, or { name, required }',
});
export type GateReference = z.output<typeof GateReference>;

const gateList = () =>
  listOf('gates', GateReference).refine((gates) => new Set(gates.map(nameOfGate)).size === gates.length, {
    error: 'each gate at most once',
  });

const nameOfGate = (gate: GateReference): string => (typeof gate === 'string' ? gate : gate.name);

export const QualityGatesSpec = section({
  pre_deployment: gateList().optional().describe('Before the first device, in this order'),
  post_deployment: gateList().optional().describe('After the last wave, in this order'),
});
export type QualityGatesSpec = z.output<typeof QualityGatesSpec>;

const command = z
  .union([script('a command line'), z.tuple([text('a command')], script('an argument'))], {
    error: 'a command line, or a list of a command and its arguments',
  })
  .refine((line) => !hasCredentialsInside(typeof line === 'string' ? line : line.join(' ')), {
    error: 'a command without a password or token in it (give it under env and write $NAME)',
  });

/** What a gate runs: at most one of command, http and manual. With none of them it is not evaluated. */
const GateSpec = section({
  command: command.optional().describe('Passes when it exits 0; a line of text is run by sh -c'),
  env: variables().optional().describe('Given to the command; what may be a secret is moved to one'),
  http: section(httpFields).optional().describe('Passes when the address answers as expected'),
  manual: z
    .union([z.literal(true), ManualGateSpec], { error: 'true, or who decides: quorum, role, expires_in' })
    .optional()
    .describe('Passes when people approve'),
  required: flag()
    .optional()
    .describe('Whether the run stops when it does not pass; default true when it runs something'),
  timeout: duration('above-zero', LONGEST_GATE_MS)
    .optional()
    .describe('How long a command or request may take, up to 7 days; default 300 s'),
})
  .refine((gate) => whatRuns(gate).length <= 1, { error: 'only one of command, http and manual' })
  .refine((gate) => !('env' in gate) || 'command' in gate, { error: 'a command to give env to', path: ['env'] });
export type GateSpec = z.output<typeof GateSpec>;

const whatRuns = (gate: object): string[] => ['command', 'http', 'manual'].filter((key) => key in gate);

export const GatesSpec = named('gates', GateSpec);
