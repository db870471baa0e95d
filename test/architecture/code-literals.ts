// Texts that programs really hold, read from their syntax: comments and types do not count.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');

/** TypeScript sources of the project in these folders, fixtures apart. */
export function sources(folders: readonly string[]): ts.SourceFile[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...folders], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file.endsWith('.ts') && !file.includes('/fixtures/'))
    .flatMap((file) => parse(file) ?? []);
}

function parse(file: string): ts.SourceFile | null {
  try {
    return ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  } catch {
    // In the index and no longer on disk.
    return null;
  }
}

/** The texts that a call of one of `functions` has as its first argument. */
export function firstArguments(files: readonly ts.SourceFile[], functions: readonly string[]): Set<string> {
  const found = new Set<string>();
  eachNode(files, (node) => {
    if (!ts.isCallExpression(node) || !functions.includes(node.expression.getText())) return;
    const [first] = node.arguments;
    if (first && ts.isStringLiteralLike(first)) found.add(first.text);
  });
  return found;
}

/** Every word in capitals of every text, template and regular expression. */
export function wordsInCapitals(files: readonly ts.SourceFile[]): Set<string> {
  const found = new Set<string>();
  eachNode(files, (node) => {
    if (!ts.isLiteralExpression(node) && !ts.isTemplateMiddleOrTemplateTail(node) && !ts.isTemplateHead(node)) return;
    if (ts.isLiteralTypeNode(node.parent)) return;
    for (const word of node.text.match(/[A-Z][A-Z0-9_]+/g) ?? []) found.add(word);
  });
  return found;
}

function eachNode(files: readonly ts.SourceFile[], look: (node: ts.Node) => void): void {
  const visit = (node: ts.Node): void => {
    look(node);
    ts.forEachChild(node, visit);
  };
  for (const file of files) visit(file);
}
