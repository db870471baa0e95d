import { parse, TomlError } from 'smol-toml';
import { shownPlainly } from '#domain/control-characters.ts';
import { SluiceError, sluiceError } from '#domain/errors/failure.ts';
import { checkDocument, readWrittenFile, type WrittenFile } from '../../engine/environments/read-document.ts';
import type { CliContext } from '../context.ts';
import { MilkFile } from './milk-file.schema.ts';
import { wishOf, type MilkWish } from './milk-wish.ts';

const HINT = 'give a TOML file: --config FILE · milk deployment --help shows one';

/** What the TOML file at `path` wants. Throws CONFIG_UNREADABLE, or CONFIG_INVALID with every problem. */
export async function readMilkFile(path: string): Promise<MilkWish> {
  const file = await readWrittenFile(path).catch((error: unknown) => {
    throw withWayOut(error);
  });
  const written = parseToml(file);
  return wishOf(checkDocument(MilkFile, written, file.name), { name: file.name, written });
}

/** The same for a command that changes what runs; says what must not be counted on. Throws DEPLOYMENT_DISABLED as well. */
export async function readToChange(context: CliContext, path: string): Promise<MilkWish> {
  const wish = await readMilkFile(path);
  const { file, enabled, notUsed } = wish;
  if (!enabled) throw sluiceError('DEPLOYMENT_DISABLED', { file }, { where: file });
  if (notUsed.length > 0) context.note(`not used yet by these commands: ${notUsed.join(', ')} (${file})`);
  return wish;
}

function withWayOut(error: unknown): unknown {
  if (!(error instanceof SluiceError)) return error;
  return new SluiceError({ ...error.report, hint: HINT }, error);
}

function parseToml({ content, name }: WrittenFile): unknown {
  try {
    return parse(content);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [why = ''] = cause.message.split('\n');
    const reason = shownPlainly(why.replace('Invalid TOML document: ', ''));
    const where = `${name}: line ${cause.line}`;
    throw sluiceError('CONFIG_UNREADABLE', { file: name, why: `no TOML: ${reason}` }, { where, cause, hint: HINT });
  }
}
