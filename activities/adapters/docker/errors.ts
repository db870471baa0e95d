import type { Code } from '#domain/errors/catalogue.ts';
import { sluiceError, SluiceError } from '#domain/errors/failure.ts';

const NOT_NOW = new Set([502, 503, 504]);
/** The library puts its own words before the engine's. */
const LIBRARY_PREFIX = /^\(HTTP code \d+\) .*? - /s;

/** What the engine answered instead of doing as asked. The callers know which of them mean "done already". */
export class EngineAnswer extends Error {
  readonly status: number;
  readonly what: string;

  constructor(status: number, what: string, words: string) {
    super(words);
    this.name = 'EngineAnswer';
    this.status = status;
    this.what = what;
  }
}

/** Which engine spoke, or did not, and where it is. */
interface Place {
  readonly engine: string;
  readonly url: string;
}

/** ENGINE_UNREACHABLE for this engine. */
export const unreachable = ({ engine, url }: Place, why: string, cause?: unknown): SluiceError =>
  sluiceError('ENGINE_UNREACHABLE', { engine, address: url, why }, { cause });

/** An `EngineAnswer` when the engine gave one, else ENGINE_UNREACHABLE; what is neither is a mistake of ours and stays. */
export function whatTheEngineSaid(place: Place, what: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (error instanceof TypeError || error instanceof EngineAnswer) return error;
  const status = 'statusCode' in error ? Number(error.statusCode) : null;
  if (status === null) return unreachable(place, wordsOfConnection(error), error);
  const words = wordsOf(error);
  return NOT_NOW.has(status) ? unreachable(place, words, error) : new EngineAnswer(status, what, words);
}

/** The catalogue's error for an answer that nobody expected; any other error stays as it is. */
export function refusal(place: Place, error: unknown): unknown {
  if (!(error instanceof EngineAnswer)) return error;
  const { engine } = place;
  const why = error.message;
  if (isDiskFull(why)) return sluiceError('ENGINE_DISK_FULL', { engine, why }, { cause: error });
  if (isPortTaken(why)) return sluiceError('ENGINE_PORT_TAKEN', { engine, why }, { cause: error });
  return sluiceError('ENGINE_REFUSED', { engine, what: error.what, why }, { cause: error });
}

/** The engine's answer when it has one of `statuses`; throws any other failure again. */
export function expectAnswer(error: unknown, ...statuses: number[]): EngineAnswer {
  if (error instanceof EngineAnswer && statuses.includes(error.status)) return error;
  throw error;
}

/** True when an engine's words mean that its disk is full. */
export const isDiskFull = (words: string): boolean => /no space left on device/i.test(words);

const isPortTaken = (words: string): boolean =>
  /port is already allocated|address already in use|ports are not available/i.test(words);

function wordsOf(error: Error): string {
  const json = 'json' in error ? error.json : null;
  if (typeof json === 'object' && json !== null && 'message' in json) return String(json.message).trim();
  return error.message.replace(LIBRARY_PREFIX, '').trim();
}

/** A refused connection to a name with several addresses has no message of its own. */
function wordsOfConnection(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    [error.message, error.message.includes(code) ? '' : code].filter((word) => word !== '').join(' ') || error.name
  );
}

/** The catalogue's code of an error that has one. */
export const codeOfSluiceError = (error: unknown): Code | null => (error instanceof SluiceError ? error.code : null);
