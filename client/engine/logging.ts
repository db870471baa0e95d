import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { HIDDEN, isSecretName, redactText } from '#domain/redaction.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const DEEPEST = 8;

/** The level of `SLUICE_LOG_LEVEL`; `info` when it is not set or names none. */
export function logLevelOf(env: NodeJS.ProcessEnv): LogLevel {
  return LOG_LEVELS.find((level) => level === env['SLUICE_LOG_LEVEL']) ?? 'info';
}

/** The log of one part: a JSON line for each entry, on standard error unless told otherwise. Secrets are replaced. */
export function createLogger(
  part: string,
  level: LogLevel,
  destination: DestinationStream = pino.destination(2),
): Logger {
  return pino(
    {
      level,
      base: { part, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      // Every key at every depth: a list of paths would miss the next one.
      formatters: { log: (entry) => redact(entry) as Record<string, unknown>, level: (label) => ({ level: label }) },
      // Errors are already plain when the library's own serializer would get them.
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(given, method) {
          method.apply(this, withoutSecrets(given) as typeof given);
        },
      },
    },
    destination,
  );
}

/** The library takes an error's message as the entry's text before anybody could look at it: it is given apart. */
function withoutSecrets(given: readonly unknown[]): unknown[] {
  const [first, second, ...rest] = given;
  const named = first instanceof Error ? [{ err: first }, second ?? first.message, ...rest] : given;
  return named.map((one) => (typeof one === 'string' ? redact(one) : one));
}

/** `value` with what a secret's name holds, and what looks like a credential, replaced. Errors become plain objects. */
function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date || ArrayBuffer.isView(value)) return value;
  if (depth > DEEPEST) return '[deeper than a log shows]';
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    hides(key, item) ? HIDDEN : redact(item, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

/** A count or a switch under such a name tells nothing. */
const hides = (key: string, item: unknown): boolean =>
  isSecretName(key) && item !== null && item !== undefined && typeof item !== 'boolean';

function redactError(error: Error, depth: number): object {
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  const plain = { type: name, message, code, stack, cause };
  return Object.fromEntries(
    Object.entries(plain)
      .filter(([, part]) => part !== undefined)
      .map(([key, part]) => [key, redact(part, depth + 1)]),
  );
}
