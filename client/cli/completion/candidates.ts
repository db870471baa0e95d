// What may stand next on a command line, told by the program itself: what it does not know is not offered.
import type { Command, Option } from 'commander';

export interface Candidate {
  readonly word: string;
  readonly about: string;
}

/** Where the last word stands: what was understood of those before it. */
interface Place {
  readonly command: Command;
  /** The option whose value comes next. */
  readonly option: Option | undefined;
  /** How many arguments of the command stand before. */
  readonly argumentsBefore: number;
}

/**
 * What may stand in place of the last word, which may be empty or half written; the shell picks those that fit. None where
 * only a file or a free text can stand. `words` are those after the program's name.
 */
export function candidates(program: Command, words: readonly string[]): readonly Candidate[] {
  // Bash takes `=` for a word of its own.
  const last = words.at(-1) === '=' ? '' : (words.at(-1) ?? '');
  const { command, option, argumentsBefore } = placeAfter(
    program,
    words.slice(0, -1).filter((word) => word !== '='),
  );
  if (option) return valuesOf(option, '');
  const [, flag] = /^(--[^=]+)=/.exec(last) ?? [];
  if (flag !== undefined) return valuesOf(optionNamed(command, flag), `${flag}=`);
  if (last.startsWith('-')) return optionsOf(command);
  return [...subcommandsOf(command, argumentsBefore), ...choicesOf(command, argumentsBefore)];
}

function placeAfter(program: Command, words: readonly string[]): Place {
  let place: Place = { command: program, option: undefined, argumentsBefore: 0 };
  for (const word of words) place = placeAfterWord(place, word);
  return place;
}

function placeAfterWord({ command, option, argumentsBefore }: Place, word: string): Place {
  if (option) return { command, option: undefined, argumentsBefore };
  if (word.startsWith('-')) {
    const named = optionNamed(command, word);
    return { command, option: named && takesValue(named) ? named : undefined, argumentsBefore };
  }
  const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
  if (next) return { command: next, option: undefined, argumentsBefore: 0 };
  return { command, option: undefined, argumentsBefore: argumentsBefore + 1 };
}

const takesValue = ({ required, optional }: Option): boolean => required || optional;

/** A command and those that it is part of: global options may stand everywhere. */
function lineage(command: Command): Command[] {
  return command.parent ? [command, ...lineage(command.parent)] : [command];
}

const optionNamed = (command: Command, flag: string): Option | undefined =>
  lineage(command)
    .flatMap(({ options }) => options)
    .find(({ long, short }) => flag === long || flag === short);

function optionsOf(command: Command): Candidate[] {
  const visible = lineage(command).flatMap((one) => one.createHelp().visibleOptions(one));
  const described = visible.map(({ long, short, description }) => ({ word: long ?? short ?? '', about: description }));
  return described.filter(({ word }, at) => described.findIndex((other) => other.word === word) === at);
}

function valuesOf(option: Option | undefined, prefix: string): Candidate[] {
  return (option?.argChoices ?? []).map((choice) => ({ word: `${prefix}${choice}`, about: '' }));
}

function subcommandsOf(command: Command, argumentsBefore: number): Candidate[] {
  if (argumentsBefore > 0 || command.commands.length === 0) return [];
  const visible = command.createHelp().visibleCommands(command);
  return visible.map((one) => ({ word: one.name(), about: one.summary() || one.description() }));
}

function choicesOf({ registeredArguments }: Command, argumentsBefore: number): Candidate[] {
  const last = registeredArguments.at(-1);
  const argument = registeredArguments[argumentsBefore] ?? (last?.variadic === true ? last : undefined);
  return (argument?.argChoices ?? []).map((word) => ({ word, about: '' }));
}
