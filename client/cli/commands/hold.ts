import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import type { FreezeOptions, PinOptions } from './hold-actions.ts';
import { wholeNumber } from './option-values.ts';

const MOST_ENTRIES = 1_000;
const ENTRIES = 20;

interface HistoryOptions {
  readonly application?: string;
  readonly limit: number;
}

type Contexts = (command: Command) => CliContext;

/** `env freeze|unfreeze|pin|unpin|history`. */
export function addHoldCommands(env: Command, context: Contexts): void {
  env
    .command('freeze')
    .description('let nobody begin in an environment; who is under way goes on, ways back pass')
    .argument('<name>', 'the environment')
    .requiredOption('--reason <reason>', 'everybody who has to wait reads it')
    .option('--until <time>', 'when it ends by itself: 2026-03-20T22:00:00Z, or 22:30 on the clock of the windows')
    .option('--for <duration>', 'how long it lasts instead: 90m, 36h, 14d')
    .action(async (name: string, options: FreezeOptions, command: Command) =>
      (await actions()).freeze(context(command), name, options),
    );
  env
    .command('unfreeze')
    .description('end a freeze: who waits goes on')
    .argument('<name>', 'the environment')
    .requiredOption('--reason <reason>', 'stands in the history')
    .action(async (name: string, { reason }: { reason: string }, command: Command) =>
      (await actions()).unfreeze(context(command), name, reason),
    );
  addPins(env, context);
  env
    .command('history')
    .description('what was deployed, frozen and pinned in an environment, the latest first')
    .argument('<name>', 'the environment')
    .option('--application <name>', 'only this one')
    .option('--limit <count>', 'so many entries', wholeNumber(1, MOST_ENTRIES), ENTRIES)
    .action(async (environment: string, { application, limit }: HistoryOptions, command: Command) =>
      (await actions()).history(context(command), { environment, application, limit }),
    );
}

function addPins(env: Command, context: Contexts): void {
  env
    .command('pin')
    .description('keep what is in use: no other version of it is started until somebody unpins it')
    .argument('<name>', 'the environment')
    .option('--application <name>', 'the application; of a fleet its devices are meant')
    .option('--reason <reason>', 'everybody who is refused reads it')
    .action(async (name: string, options: PinOptions, command: Command) =>
      (await actions()).pin(context(command), name, options),
    );
  env
    .command('unpin')
    .description('let go what a rollback or a person pinned: who waits for it goes on')
    .argument('<name>', 'the environment')
    .option('--application <name>', 'the application; of a fleet its devices are meant')
    .requiredOption('--reason <reason>', 'stands in the history')
    .action(async (name: string, options: PinOptions, command: Command) =>
      (await actions()).unpin(context(command), name, options),
    );
}

const actions = () => import('./hold-actions.ts');
