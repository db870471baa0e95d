import type { Command } from 'commander';
import type { RegisterCommands } from '../context.ts';
import type { AddOptions, NameOptions } from './artifact-actions.ts';
import { bytes, listOfValues } from './option-values.ts';

/** `artifact add|list|show|verify`: firmware and its bytes. */
export const registerArtifactCommands: RegisterCommands = (program, context) => {
  const artifact = program.command('artifact').description('firmware: signed bytes under a name and a version');
  artifact
    .command('add')
    .description('store and sign firmware bytes; the same bytes again are no change')
    .argument('<file-or-url>', 'where the bytes are: a file or an http(s) address')
    .requiredOption('--name <name>', 'name of the firmware')
    .requiredOption('--version <version>', 'its version; it never means other bytes')
    .requiredOption('--hardware <models>', 'hardware that it fits: a,b; may be repeated', listOfValues)
    .option('--sha256 <hex>', 'what the bytes must hash to')
    .option('--max-size <size>', 'refuse more than that: 500MB, 2GiB (default: 1GiB)', bytes)
    .option('--minimum-version <version>', 'oldest firmware that a device may come from')
    .option(
      '--signing-key <file>',
      'Ed25519 private key (PEM); default: the key of the data directory, made on first use',
    )
    .action(async (source: string, options: AddOptions, command: Command) =>
      (await actions()).addArtifact(context(command), source, options),
    );
  addReading(artifact, context);
};

function addReading(artifact: Command, context: Parameters<RegisterCommands>[1]): void {
  artifact
    .command('list')
    .description('list firmware')
    .option('--name <name>', 'only this firmware')
    .action(async (options: Partial<NameOptions>, command: Command) =>
      (await actions()).listArtifacts(context(command), options),
    );
  artifact
    .command('show')
    .description('show one firmware and where its bytes came from')
    .requiredOption('--name <name>', 'name of the firmware')
    .requiredOption('--version <version>', 'its version')
    .action(async (options: NameOptions, command: Command) =>
      (await actions()).showArtifact(context(command), options),
    );
  artifact
    .command('verify')
    .description('read the stored bytes again and check hash and signature, as a device will')
    .option('--name <name>', 'only this firmware')
    .option('--version <version>', 'only this version of it')
    .action(async (options: Partial<NameOptions>, command: Command) =>
      (await actions()).verifyArtifacts(context(command), options),
    );
}

const actions = () => import('./artifact-actions.ts');
