/** `text.matches("pattern")` on RE2, as CEL prescribes it: no pattern takes more than linear time over a text. */
import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { RE2JS, RE2JSException } from 're2js';

/** Instructions of a compiled pattern. Each may cost a step for each character, and 100,000 devices are asked. */
const MOST_INSTRUCTIONS = 1_000;
/** What compiling costs grows with the text before its instructions can be counted. */
const MOST_PATTERN_CHARACTERS = 500;

const NO_TEXT = 'matches() asks a text, and this is none';

/** The library's side of a macro: what its checker and its evaluator offer. */
interface Checker {
  check(node: ASTNode, context: unknown): unknown;
  getType(name: 'bool'): unknown;
  createError(code: string, message: string, node: ASTNode): Error;
}
interface Evaluator {
  run(node: ASTNode, context: unknown): unknown;
  createError: Checker['createError'];
}
interface Call {
  readonly ast: ASTNode;
  readonly receiver: ASTNode;
  readonly args: readonly ASTNode[];
}

/**
 * Replaces the library's `matches`, which runs patterns on the backtracking engine of JavaScript. The pattern must be
 * written out: it is compiled once, when the filter is, and a broken one is found then.
 * The parser takes a macro by its name alone. Declared for lists, because for texts the name is taken.
 */
export const registerLinearMatches = (environment: Environment): Environment =>
  environment.registerFunction('list.matches(ast): bool', linearMatches, { async: false });

function linearMatches({ ast, receiver, args }: Call) {
  let pattern: RE2JS | undefined;
  return {
    async: false,
    typeCheck(checker: Checker, _macro: unknown, context: unknown): unknown {
      const type = String(checker.check(receiver, context));
      if (type !== 'string' && type !== 'dyn') throw checker.createError('no_matching_overload', NO_TEXT, ast);
      pattern = compile(args[0] ?? ast, checker);
      return checker.getType('bool');
    },
    evaluate(evaluator: Evaluator, _macro: unknown, context: unknown): boolean {
      const text = evaluator.run(receiver, context);
      if (typeof text !== 'string' || pattern === undefined) {
        throw evaluator.createError('no_matching_overload', NO_TEXT, ast);
      }
      return pattern.test(text);
    },
  };
}

function compile(node: ASTNode, checker: Checker): RE2JS {
  const refuse = (why: string): Error => checker.createError('invalid_regular_expression', why, node);
  if (node.op !== 'value' || typeof node.args !== 'string') {
    throw refuse('the pattern of matches() must be written out as a text');
  }
  const pattern = node.args;
  if (pattern.length > MOST_PATTERN_CHARACTERS)
    throw refuse(`invalid pattern: more than ${MOST_PATTERN_CHARACTERS} characters`);
  const compiled = compileText(pattern, refuse);
  if (compiled.programSize() > MOST_INSTRUCTIONS) throw refuse('invalid pattern: its repetitions make it too large');
  return compiled;
}

function compileText(pattern: string, refuse: (why: string) => Error): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException)
      throw refuse(`invalid pattern: ${error.message.replace(/^error parsing regexp: /, '')}`);
    throw error;
  }
}
