import type { Command } from 'commander';
import type { Decision } from '#domain/approvals/approval.ts';
import type { RegisterCommands } from '../context.ts';
import type { DecisionOptions } from './command-action.ts';

const DECISIONS: readonly { verb: Decision; about: string }[] = [
  { verb: 'approve', about: 'approve the gate that a run waits at' },
  { verb: 'reject', about: 'reject the gate that a run waits at; that ends the run' },
];

/** `approve|reject RUN`. */
export const registerApprovalCommands: RegisterCommands = (program, context) => {
  for (const { verb, about } of DECISIONS) {
    program
      .command(verb)
      .description(about)
      .argument('<run>', 'exe_… or its workflow id')
      .option('--gate <gate>', 'the gate meant, where the run has several')
      .option('--comment <comment>', 'stands in the journal')
      .option(
        '--digest <digest>',
        'the digest of the plan that you saw, 8 characters are enough; default: the one that the run shows',
      )
      .action(async (run: string, options: DecisionOptions, command: Command) =>
        (await import('./command-action.ts')).decide(context(command), verb, { run, ...options }),
      );
  }
};
