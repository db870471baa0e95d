import { sluiceError } from '#domain/errors/failure.ts';
import { EXIT_RUN_NOT_COMPLETED } from '#domain/errors/kinds.ts';
import { beginEmergency, type EmergencyWish } from '../../engine/emergency/begin-emergency.ts';
import { previewDocument, reportDocument, statusOf } from '../../engine/emergency/emergency-document.ts';
import { loadReport, type ShownEmergency } from '../../engine/emergency/load-report.ts';
import { previewEmergency } from '../../engine/emergency/preview-emergency.ts';
import { watchEmergency } from '../../engine/emergency/watch-emergency.ts';
import type { CliContext } from '../context.ts';
import { EXIT_INTERRUPTED, interruption } from '../interruption.ts';
import { Dialogue, Interrupted } from '../interactive/dialogue.ts';
import { lookOf } from '../look.ts';
import { renderPreview, renderReport, statusOfEmergency } from '../render/emergency.ts';

export interface RollbackOptions {
  readonly reason: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly watch?: boolean;
}

/** Shows what it would do, asks, begins. Throws CONFIRMATION_MISSING where nobody can be asked. */
export async function rollBackEnvironment(cli: CliContext, name: string, options: RollbackOptions): Promise<void> {
  const { reason, to, dryRun, yes, watch: isWatched } = options;
  const wish: EmergencyWish = { environment: name, reason, to, person: await cli.person() };
  if (dryRun === true) {
    const preview = await previewEmergency(cli.deps(), wish);
    return cli.print(previewDocument(preview), renderPreview(preview, lookOf(cli)));
  }
  if (yes !== true && !(await isConfirmed(cli, wish))) return;
  const { emergency, isOpenAlready } = await beginEmergency(cli.deps(), wish);
  const { id, environment } = emergency;
  if (isWatched === true) return watch(cli, id);
  const shown = await loadReport(cli.deps(), id);
  const said = isOpenAlready ? `${id} takes ${environment} back already` : `${id} takes ${environment} back`;
  const document = { ...reportDocument(shown), open_already: isOpenAlready };
  cli.print(document, `${said}\n  sluice env rollback-report ${id} --watch`);
}

/** A person types the environment's name; false when they did not. */
async function isConfirmed(cli: CliContext, wish: EmergencyWish): Promise<boolean> {
  const { environment } = wish;
  const streams = cli.dialogue();
  if (streams === null) throw sluiceError('CONFIRMATION_MISSING', { environment });
  cli.note(renderPreview(await previewEmergency(cli.deps(), wish), lookOf(cli)));
  const dialogue = new Dialogue(streams);
  try {
    await dialogue.ask({
      title: `type ${environment} to take it back`,
      choices: [],
      fallback: null,
      read: (text) =>
        text === environment ? { kind: 'taken', value: text } : { kind: 'refused', why: `that is not ${environment}` },
    });
    return true;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    cli.note('\nstopped; nothing was begun');
    cli.exitWith(EXIT_INTERRUPTED);
    return false;
  } finally {
    dialogue.close();
  }
}

export async function showReport(cli: CliContext, text: string, isWatched: boolean): Promise<void> {
  const shown = await loadReport(cli.deps(), text);
  if (isWatched) return watch(cli, shown.report.id);
  cli.print(reportDocument(shown), renderReport(shown, lookOf(cli)));
}

/** One line a change, the report at the end. Exit code 7 when the environment is not wholly back, 130 after Ctrl-C. */
async function watch(cli: CliContext, id: string): Promise<void> {
  const stop = interruption();
  const following = { signal: stop.signal, note: (line: string) => cli.note(line) };
  let last: ShownEmergency | undefined;
  let before = '';
  try {
    for await (const shown of watchEmergency(cli.deps(), id, following)) {
      last = shown;
      const line = statusOfEmergency(shown.report);
      if (line !== before) cli.note(line);
      before = line;
    }
  } finally {
    stop.release();
  }
  if (!last) return;
  cli.print(reportDocument(last), renderReport(last, lookOf(cli)));
  if (last.isOpen) {
    cli.note(`it goes on   ·   sluice env rollback-report ${id} --watch`);
    cli.exitWith(EXIT_INTERRUPTED);
  } else if (statusOf(last.report, last) !== 'back') cli.exitWith(EXIT_RUN_NOT_COMPLETED);
}
