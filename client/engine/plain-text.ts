import { holdsControlCharacters } from '#domain/control-characters.ts';
import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';

/** Reasons and comments travel with the run: in its input, its history and every page that shows it. */
const LONGEST = 2_000;

/** A reason or comment as it was given at `option`. Throws USAGE when a terminal would obey it, or when it is a book. */
export function plainText(given: string, option: string): string {
  if (holdsControlCharacters(given)) {
    throw usage(`${option} holds control characters`, option, 'one line of plain text');
  }
  if (given.length > LONGEST) throw usage(`${option} is longer than ${LONGEST} characters`, option, 'say it shorter');
  return given;
}

/** Who is named by `option`: `--as` or `SLUICE_USER`. Throws USAGE for a name that is none. */
export function plainName(given: string, option: string): string {
  const name = given.trim();
  if (name === '') throw usage(`${option} is empty`, option, 'give a name, or leave it out: then the OS user acts');
  if (holdsControlCharacters(given)) throw usage(`${option} holds control characters`, option, 'give a plain name');
  return name;
}

const usage = (why: string, where: string, hint: string): SluiceError => sluiceError('USAGE', { why }, { where, hint });
