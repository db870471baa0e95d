/** Filters over devices in CEL, the product's one expression language. */
import { Environment } from '@marcbachmann/cel-js';
import type { ASTNode, ParseResult, SourceRange } from '@marcbachmann/cel-js';
import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';
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
  new Environment({ limits: { maxAstNodes: 2_000, maxDepth: 100 } }).registerVariable({
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
  if (text.length > MOST_CHARACTERS)
    throw invalidAt(text.slice(0, 80), `more than ${MOST_CHARACTERS} characters`, undefined);
  const parsed = parse(text);
  const checked = parsed.check();
  if (!checked.valid) throw invalid(text, checked.error);
  if (checked.type !== 'bool') {
    throw invalidAt(text, `expected an expression that is true or false, got ${nameOfType(checked.type)}`, undefined);
  }
  refuseLoopsOfLoops(text, parsed.ast);
  return (device) => {
    try {
      return parsed({ device }) === true;
    } catch (error) {
      if (isCelError(error)) return false;
      throw error;
    }
  };
}

// The library writes the type of a declared object with a dollar sign.
const nameOfType = (type: string | undefined): string => `one of type ${(type ?? 'unknown').replace(/^\$/, '')}`;

function parse(text: string): ParseResult {
  try {
    return environment.parse(text);
  } catch (error) {
    throw invalid(text, error);
  }
}

interface CelError {
  readonly code: string;
  readonly summary: string;
  readonly range?: SourceRange;
}

// By shape: parse, type and evaluation errors of the library share only their private base class.
function isCelError(error: unknown): error is CelError {
  return error instanceof Error && 'code' in error && 'summary' in error;
}

/** What runs its last argument once for each element, or names a value of any size. */
const REPEATING: ReadonlySet<unknown> = new Set(['all', 'exists', 'exists_one', 'map', 'filter', 'bind']);

/** Loops over or in loops multiply: one line of text could keep a worker busy for hours. */
function refuseLoopsOfLoops(text: string, node: ASTNode, inLoop = false): void {
  const loops = node.op === 'rcall' && REPEATING.has(node.args[0]);
  if (loops && inLoop) throw invalidAt(text, `${node.args[0]}() over or in another loop`, node.range);
  for (const child of childrenOf(node.args)) refuseLoopsOfLoops(text, child, inLoop || loops);
}

function childrenOf(operands: unknown): ASTNode[] {
  if (Array.isArray(operands)) return operands.flatMap(childrenOf);
  return isNode(operands) ? [operands] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

function invalid(text: string, error: unknown): SluiceError {
  if (!isCelError(error)) return invalidAt(text, String(error), undefined);
  return invalidAt(text, error.summary, error.range);
}

function invalidAt(text: string, why: string, range: SourceRange | undefined): SluiceError {
  const before = text.slice(0, range?.start ?? 0).split('\n');
  const where = `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
  const found = range === undefined ? '' : text.slice(range.start, range.end);
  return sluiceError('FILTER_INVALID', { filter: JSON.stringify(text), why }, { where, found });
}
