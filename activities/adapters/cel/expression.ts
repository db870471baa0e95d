/** Expressions that are true or false, in CEL, the product's one expression language: compiled once, bounded in what they cost. */
import type { ASTNode, Environment, ParseResult, SourceRange } from '@marcbachmann/cel-js';

/** What an expression may consist of. */
export const LIMITS = { maxAstNodes: 2_000, maxDepth: 100 } as const;

/** What is wrong with an expression, and where; lines and columns are 1-based. */
export interface ExpressionProblem {
  readonly why: string;
  readonly line: number;
  readonly column: number;
  /** The text at that place; empty for all of it. */
  readonly found: string;
}

export type Compiled =
  | { readonly kind: 'compiled'; readonly parsed: ParseResult }
  | { readonly kind: 'refused'; readonly problem: ExpressionProblem };

/**
 * The expression behind `text`, if it is true or false over what `environment` knows and takes no more than linear time: it is
 * evaluated again and again on the thread of a worker.
 */
export function compileExpression(environment: Environment, text: string): Compiled {
  const refused = (why: string, range?: SourceRange): Compiled => ({
    kind: 'refused',
    problem: problemAt(text, why, range),
  });
  try {
    const parsed = environment.parse(text);
    const checked = parsed.check();
    if (!checked.valid) return refusedBy(text, checked.error);
    if (checked.type !== 'bool') {
      return refused(`expected an expression that is true or false, got ${nameOfType(checked.type)}`);
    }
    const loop = loopOfLoops(parsed.ast);
    if (loop !== null) return refused(`${loop.name}() over or in another loop`, loop.range);
    return { kind: 'compiled', parsed };
  } catch (error) {
    return refusedBy(text, error);
  }
}

const refusedBy = (text: string, error: unknown): Compiled => ({
  kind: 'refused',
  problem: isCelError(error) ? problemAt(text, error.summary, error.range) : problemAt(text, String(error), undefined),
});

/** The problem at a range of the text; without one the text itself is meant. */
export function problemAt(text: string, why: string, range: SourceRange | undefined): ExpressionProblem {
  const before = text.slice(0, range?.start ?? 0).split('\n');
  const found = range === undefined ? '' : text.slice(range.start, range.end);
  return { why, line: before.length, column: (before.at(-1) ?? '').length + 1, found };
}

interface CelError {
  readonly code: string;
  readonly summary: string;
  readonly range?: SourceRange;
}

// By shape: parse, type and evaluation errors of the library share only their private base class.
export function isCelError(error: unknown): error is CelError {
  return error instanceof Error && 'code' in error && 'summary' in error;
}

// The library writes the type of a declared object with a dollar sign.
const nameOfType = (type: string | undefined): string => `one of type ${(type ?? 'unknown').replace(/^\$/, '')}`;

/** What runs its last argument once for each element, or names a value of any size. */
const REPEATING: ReadonlySet<unknown> = new Set(['all', 'exists', 'exists_one', 'map', 'filter', 'bind']);

/** The first loop over or in another one: they multiply, and one line of text could keep a worker busy for hours. */
function loopOfLoops(node: ASTNode, inLoop = false): { readonly name: string; readonly range: SourceRange } | null {
  const loops = node.op === 'rcall' && REPEATING.has(node.args[0]);
  if (loops && inLoop) return { name: String(node.args[0]), range: node.range };
  for (const child of childrenOf(node.args)) {
    const found = loopOfLoops(child, inLoop || loops);
    if (found !== null) return found;
  }
  return null;
}

export function childrenOf(operands: unknown): ASTNode[] {
  if (Array.isArray(operands)) return operands.flatMap(childrenOf);
  return isNode(operands) ? [operands] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
