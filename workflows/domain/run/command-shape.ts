import type { Decision } from '../approvals/approval.ts';
import { holdsControlCharacters, shownPlainly } from '../control-characters.ts';
import { errorReport, type ErrorReport } from '../errors/failure.ts';
import type { CommandEnvelope, CommandName, RunCommands } from './commands.ts';

interface Field<T> {
  readonly expected: string;
  readonly is: (value: unknown) => value is T;
}

/** A check for every field of a command; the compiler refuses one that is missing or of another type. */
type Shape<Command> = { readonly [Name in keyof Command]-?: Field<Command[Name]> };

const NAME_CHARS = 128;
const REASON_CHARS = 2_000;
const MOST_ROLES = 100;

/** One line of it: what people read in terminals and on pages must not be able to obey or to end them. */
const text = (least: number, most: number): Field<string> => ({
  expected: `plain text of ${least === 0 ? 'at most' : `${least} to`} ${most} characters`,
  is: (value): value is string =>
    typeof value === 'string' && value.length >= least && value.length <= most && !holdsControlCharacters(value),
});

const name = text(1, NAME_CHARS);

const oneOf = <Word extends string>(...words: readonly Word[]): Field<Word> => ({
  expected: words.map((word) => `"${word}"`).join(' or '),
  is: (value): value is Word => words.some((word) => word === value),
});

const orNull = <T>({ expected, is }: Field<T>): Field<T | null> => ({
  expected: `${expected}, or null`,
  is: (value): value is T | null => value === null || is(value),
});

const yesOrNo: Field<boolean> = {
  expected: 'true or false',
  is: (value): value is boolean => typeof value === 'boolean',
};

const roles: Field<readonly string[]> = {
  expected: `a list of at most ${MOST_ROLES} role names`,
  is: (value): value is readonly string[] =>
    Array.isArray(value) && value.length <= MOST_ROLES && value.every((one) => name.is(one)),
};

const freeze: Field<number | undefined> = {
  expected: 'the number of a freeze, or nothing',
  is: (value): value is number | undefined => value === undefined || Number.isSafeInteger(value),
};

const ENVELOPE: Shape<CommandEnvelope> = {
  commandId: name,
  by: name,
  via: oneOf('cli', 'http', 'slack', 'engine', 'emergency'),
  verified: yesOrNo,
  reason: text(0, REASON_CHARS),
};

const SHAPES: { readonly [Name in CommandName]: Shape<RunCommands[Name]> } = {
  pauseRun: ENVELOPE,
  resumeRun: ENVELOPE,
  cancelRun: ENVELOPE,
  rollBackRun: ENVELOPE,
  decideGate: {
    ...ENVELOPE,
    gate: orNull(name),
    decision: oneOf<Decision>('approve', 'reject'),
    digest: orNull(name),
    roles,
  },
  overrideGate: { ...ENVELOPE, gate: name, roles },
  startRunNow: { ...ENVELOPE, roles, freeze },
};

/**
 * Why `args` is no `command` at all, or null. Anybody may send anything to a run, by update as by signal, and a handler
 * that trips over it would fail its workflow task for ever. Fields that are not known are left alone: senders may be newer.
 */
export function misshapen(command: CommandName, args: unknown): ErrorReport | null {
  if (!isObject(args)) return invalid(command, { path: 'input', expected: 'one object', found: args });
  for (const [path, field] of Object.entries(SHAPES[command]) as [string, Field<unknown>][]) {
    const found = Object.hasOwn(args, path) ? args[path] : undefined;
    if (!field.is(found)) return invalid(command, { path, expected: field.expected, found });
  }
  return null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const FOUND_CHARS = 80;

function invalid(command: CommandName, wrong: { path: string; expected: string; found: unknown }): ErrorReport {
  const { path, expected } = wrong;
  const given = wrong.found === undefined ? 'nothing' : JSON.stringify(wrong.found);
  const found = shownPlainly(given.slice(0, FOUND_CHARS));
  return errorReport('COMMAND_INVALID', { command, path, expected, found }, { where: `${command}: ${path}`, found });
}
