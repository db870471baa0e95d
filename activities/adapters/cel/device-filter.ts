/** Filters over devices in CEL. */
import { Environment } from '@marcbachmann/cel-js';
import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';
import { compileExpression, isCelError, LIMITS, problemAt, type ExpressionProblem } from './expression.ts';
import { registerLinearMatches } from './linear-matches.ts';

/** What a filter sees of a device. */
export interface FilteredDevice {
  readonly thing: string;
  readonly hardware: string;
  readonly firmware: string;
  readonly tags: Readonly<Record<string, string>>;
}

export type DeviceFilter = (device: FilteredDevice) => boolean;

const MOST_CHARACTERS = 65_536;

const environment = registerLinearMatches(
  new Environment({ limits: LIMITS }).registerVariable({
    name: 'device',
    schema: { thing: 'string', hardware: 'string', firmware: 'string', tags: 'map<string, string>' },
  }),
);

/**
 * The filter behind `text`, to be compiled once and asked often (about 2 µs a device).
 * A device for which it cannot be evaluated (a tag that it does not have, `int()` of a tag that is no number) does not match;
 * `||` still matches when its other side does, and `has(device.tags.site)` asks for a tag.
 * Throws FILTER_INVALID with line and column when it is no expression over devices that is true or false, or could take
 * more than linear time: it is evaluated for every device, again and again, on the thread of a worker.
 */
export function compileDeviceFilter(text: string): DeviceFilter {
  if (text.length > MOST_CHARACTERS) {
    const shown = text.slice(0, 80);
    throw invalid(shown, problemAt(shown, `more than ${MOST_CHARACTERS} characters`, undefined));
  }
  const compiled = compileExpression(environment, text);
  if (compiled.kind === 'refused') throw invalid(text, compiled.problem);
  const { parsed } = compiled;
  return (device) => {
    try {
      return parsed({ device }) === true;
    } catch (error) {
      if (isCelError(error)) return false;
      throw error;
    }
  };
}

function invalid(text: string, { why, line, column, found }: ExpressionProblem): SluiceError {
  const where = `line ${line}, column ${column}`;
  return sluiceError('FILTER_INVALID', { filter: JSON.stringify(text), why }, { where, found });
}
