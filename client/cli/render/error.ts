import pico from 'picocolors';
import type { ErrorReport } from '#domain/errors/failure.ts';

/** An error as one block: code, what, where, what was found, what to do. */
export function renderError(report: ErrorReport, colour: boolean): string {
  const paint = pico.createColors(colour);
  const lines = [`${paint.red('✗')} ${paint.bold(report.code)}  ${hang(report.message, '  ')}`];
  const add = (label: string, text: string): void => {
    if (text !== '') lines.push(`  ${paint.dim(label.padEnd(5))}  ${hang(text, '         ')}`);
  };
  add('in', report.where);
  add('found', report.found);
  add('try', report.hint);
  return `${lines.join('\n')}\n`;
}

/** The same for programs: the only document on standard output. */
export function errorDocument(report: ErrorReport): { error: ErrorReport } {
  const { code, message, where, found, hint } = report;
  return { error: { code, message, where, found, hint } };
}

const hang = (text: string, indent: string): string => text.split('\n').join(`\n${indent}`);
