import type { Command } from 'commander';
import type { RegisterCommands } from '../context.ts';
import type {
  CreateOptions,
  ExecuteOptions,
  ReasonOptions,
  ApproveOptions,
  ListOptions,
  NameOptions,
} from './release-actions.ts';

type Context = Parameters<RegisterCommands>[1];

/** `release create|show|list|notes|approve|execute|pause|resume|cancel|rollback`. */
export const registerReleaseCommands: RegisterCommands = (program, context) => {
  const release = program.command('release').description('several applications that go out together, with one verdict');
  release
    .command('create')
    .description('plan a release of several applications and the order in which they go out; nothing is deployed yet')
    .requiredOption('-f, --file <file>', 'the release: name, applications, schedule, notes; YAML or JSON')
    .option('--environment <name>', 'where; wins over the one in the file')
    .action(async (options: CreateOptions, command: Command) => (await actions()).create(context(command), options));
  named(release, 'show', 'its order, what each application changes, schedule, notes and state').action(
    async (name: string, options: NameOptions, command: Command) =>
      (await actions()).show(context(command), { ...options, release: name }),
  );
  release
    .command('list')
    .description('list the releases, the newest first')
    .option('--environment <name>', 'only those of this environment')
    .option('--calendar', 'by day on the clock of their environment, past and to come')
    .action(async (options: ListOptions, command: Command) => (await actions()).list(context(command), options));
  named(release, 'notes', 'its notes as Markdown: versions from and to, the notes, the result').action(
    async (name: string, options: NameOptions, command: Command) =>
      (await actions()).notes(context(command), { ...options, release: name }),
  );
  addStart(release, context);
  addCommands(release, context);
};

function addStart(release: Command, context: Context): void {
  named(release, 'approve', 'approve it, before its start or while it waits')
    .option('--digest <digest>', 'refuse if it is not the one with this digest; its first 8 characters are enough')
    .option('--comment <text>', 'why; it stands in the journal', '')
    .action(async (name: string, options: ApproveOptions, command: Command) =>
      (await actions()).approve(context(command), { ...options, release: name }),
    );
  named(release, 'execute', 'start it')
    .option('--at <time>', 'when it begins: 2026-03-20T22:00:00Z, or 22:30 on the clock of the environment’s windows')
    .option('--reason <reason>', 'stands in the journal')
    .option('--watch', 'follow it to its end; exit code 7 when it does not complete')
    .action(async (name: string, options: ExecuteOptions, command: Command) =>
      (await actions()).execute(context(command), { ...options, release: name }),
    );
}

function addCommands(release: Command, context: Context): void {
  for (const [verb, name, about] of [
    ['pause', 'pauseRun', 'begin no further wave'],
    ['resume', 'resumeRun', 'go on after a pause'],
  ] as const) {
    named(release, verb, about)
      .option('--reason <reason>', 'stands in the journal')
      .action(async (text: string, options: Partial<ReasonOptions>, command: Command) =>
        (await actions()).tell(context(command), name, { ...options, release: text }),
      );
  }
  named(release, 'cancel', 'take everything back and end it; one that was not started is called off')
    .requiredOption('--reason <reason>', 'stands in the journal')
    .action(async (name: string, options: ReasonOptions, command: Command) =>
      (await actions()).cancel(context(command), { ...options, release: name }),
    );
  named(release, 'rollback', 'take it back, also when it has completed: every application to the version before')
    .requiredOption('--reason <reason>', 'stands in the journal')
    .action(async (name: string, options: ReasonOptions, command: Command) =>
      (await actions()).rollBack(context(command), { ...options, release: name }),
    );
}

const named = (release: Command, verb: string, about: string): Command =>
  release
    .command(verb)
    .description(about)
    .argument('<release>', 'its name, its plan or its run')
    .option('--environment <name>', 'where, if several environments have the name');

const actions = () => import('./release-actions.ts');
