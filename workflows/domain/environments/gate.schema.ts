import { z } from 'zod';
import { commandLine } from './command.schema.ts';
import {
  duration,
  flag,
  listOf,
  LONGEST_GATE_MS,
  named,
  percent,
  section,
  text,
  variables,
  whole,
} from './fields.schema.ts';
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

/** Requests to the staged instances of a new version, which nobody uses yet. */
const LoadSpec = section({
  path: text('a path')
    .regex(/^\/(?!\/)\S*$/, { error: 'a path that begins with / and holds no space' })
    .default('/')
    .describe('Asked with GET'),
  duration: duration('above-zero', LONGEST_GATE_MS).default(10_000).describe('How long; default 10s'),
  requests_per_second: whole(1, 100_000).default(50).describe('Over all staged instances; default 50'),
  maximum_failed_percent: percent().default(0).describe('More failed requests fail the gate; default 0'),
  maximum_p99: duration().optional().describe('A higher 99th percentile fails the gate; default any'),
});
export type LoadSpec = z.output<typeof LoadSpec>;

/** What a gate runs: at most one of command, http, manual and load. With none of them it is not evaluated. */
const GateSpec = section({
  command: commandLine.optional().describe('Passes when it exits 0; a line of text is run by sh -c'),
  env: variables().optional().describe('Given to the command; what may be a secret is moved to one'),
  http: section(httpFields).optional().describe('Passes when the address answers as expected'),
  manual: z
    .union([z.literal(true), ManualGateSpec], { error: 'true, or who decides: quorum, role, expires_in' })
    .optional()
    .describe('Passes when people approve'),
  load: LoadSpec.optional().describe('Passes when the staged version of a container release stands this load'),
  required: flag()
    .optional()
    .describe('Whether the run stops when it does not pass; default true when it runs something'),
  timeout: duration('above-zero', LONGEST_GATE_MS)
    .optional()
    .describe('How long a command or request may take, up to 7 days; default 300 s'),
})
  .refine((gate) => whatRuns(gate).length <= 1, { error: 'only one of command, http, manual and load' })
  .refine((gate) => !('env' in gate) || 'command' in gate, { error: 'a command to give env to', path: ['env'] });
export type GateSpec = z.output<typeof GateSpec>;

const whatRuns = (gate: object): string[] => ['command', 'http', 'manual', 'load'].filter((key) => key in gate);

export const GatesSpec = named('gates', GateSpec);
