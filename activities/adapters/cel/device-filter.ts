/** Filters over devices in CEL, the product's one expression language. */
import { Environment } from '@marcbachmann/cel-js';
import type { ASTNode, ParseResult, SourceRange } from '@marcbachmann/cel-js';
import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';

/** What a filter sees of a device. */
export interface FilteredDevice {
  readonly thing: string;
  readonly hardware: string;
  readonly firmware: string;
  readonly tags: Readonly<Record<string, string>>;
}

export type DeviceFilter = (device: FilteredDevice) => boolean;

const environment = new Environment({ limits: { maxAstNodes: 2_000, maxDepth: 100 } }).registerVariable({
  name: 'device',
  schema: { thing: 'string', hardware: 'string', firmware: 'string', tags: 'map<string, string>' },
});

/**
 * The filter behind `text`, to be compiled once and asked often (about 2 µs a device).
 * A device for which it cannot be evaluated (a tag that it does not have, `int()` of a tag that is no number) does not match;
 * `||` still matches when its other side does, and `has(device.tags.site)` asks for a tag.
 * Throws FILTER_INVALID with line and column when it is no expression over devices that is true or false.
 */
export function compileDeviceFilter(text: string): DeviceFilter {
  const parsed = parse(text);
  const checked = parsed.check();
  if (!checked.valid) throw invalid(text, checked.error);
  if (checked.type !== 'bool') {
    throw invalidAt(text, `expected an expression that is true or false, got ${nameOfType(checked.type)}`, undefined);
  }
  refuseBadPatterns(text, parsed.ast);
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

/** The checker does not look into patterns; a broken one would match no device, silently. */
function refuseBadPatterns(text: string, node: ASTNode): void {
  if (node.op === 'rcall' && node.args[0] === 'matches') {
    const pattern = node.args[2][0];
    if (pattern?.op === 'value' && typeof pattern.args === 'string')
      refuseBadPattern(text, pattern.args, pattern.range);
  }
  for (const child of childrenOf(node.args)) refuseBadPatterns(text, child);
}

function refuseBadPattern(text: string, pattern: string, range: SourceRange): void {
  try {
    new RegExp(pattern);
  } catch (error) {
    throw invalidAt(text, error instanceof Error ? error.message : 'invalid regular expression', range);
  }
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
