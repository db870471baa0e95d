import { z } from 'zod';
import {
  duration,
  headers,
  listOf,
  LONGEST_GATE_MS,
  NAME,
  NAME_EXPECTED,
  oneOf,
  script,
  section,
  text,
  variables,
  whole,
} from '../environments/fields.schema.ts';
import { commandLine } from '../environments/command.schema.ts';
import { httpFields } from '../environments/health-check.schema.ts';

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE', 'GET'] as const;

const actionFields = {
  command: commandLine.optional().describe('Done when it exits 0; a line of text is run by sh -c'),
  env: variables().optional().describe('Given to the command; what may be a secret is moved to one'),
  http: section({
    endpoint: httpFields.endpoint,
    method: oneOf(METHODS).default('POST'),
    expected_status: whole(100, 599).default(200).describe('Any other status fails the hook'),
    headers: headers().optional().describe('Sent along; what may be a secret is moved to one'),
    body: script('a body').optional().describe('Sent as it is'),
  })
    .optional()
    .describe('Done when the address answers as expected'),
  timeout: duration('above-zero', LONGEST_GATE_MS).default(300_000).describe('How long it may take; default 300 s'),
};

const runsOne = (action: object): boolean => ['command', 'http'].filter((key) => key in action).length === 1;
const ONE_OF_BOTH = { error: 'exactly one of command and http' };
const envHasCommand = (action: object): boolean => !('env' in action) || 'command' in action;
const COMMAND_FOR_ENV = { error: 'a command to give env to', path: ['env'] };

const CompensationSpec = section(actionFields).refine(runsOne, ONE_OF_BOTH).refine(envHasCommand, COMMAND_FOR_ENV);

/** Something foreign that a release starts. What undoes it is said, be it that there is nothing to undo. */
const HookSpec = section({
  name: text('a name').regex(NAME, { error: NAME_EXPECTED }),
  ...actionFields,
  compensation: z
    .union([z.literal('none'), CompensationSpec], { error: 'what undoes it: a command or http, or none' })
    .describe('Run on the way back, in reverse order; none says that nothing has to be undone'),
})
  .refine(runsOne, ONE_OF_BOTH)
  .refine(envHasCommand, COMMAND_FOR_ENV);
export type HookSpec = z.output<typeof HookSpec>;

const hooks = () =>
  listOf('hooks', HookSpec)
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, {
      error: 'hooks with different names',
    })
    .default([]);

/** Hooks of a release: before its image is pulled, and after its traffic moved. */
export const HooksSpec = section({
  before: hooks().describe('Before the image is pulled, in this order'),
  after: hooks().describe('After all traffic moved, in this order'),
});
export type HooksSpec = z.output<typeof HooksSpec>;
