// Questions in a terminal, one line an answer.
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Answer, Choice, Question } from '../../engine/plans/plan-questions.ts';
import { escaped } from '../render/printable.ts';

/** Where a person is asked and answers. */
export interface Streams {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable;
}

/** Thrown by a question that gets no answer any more: Ctrl-C, Ctrl-D, a closed terminal. */
export class Interrupted extends Error {}

const MOST_LISTED = 20;

/** A conversation; `close` ends it. */
export class Dialogue {
  readonly #lines: Interface;
  readonly #output: Writable;
  /** Typed before it was asked for. */
  readonly #typed: string[] = [];
  #waiting: { readonly resolve: (line: string) => void; readonly reject: (why: Interrupted) => void } | undefined;
  #isOver = false;

  constructor({ input, output }: Streams) {
    this.#output = output;
    this.#lines = createInterface({ input, output, terminal: input.isTTY === true });
    this.#lines.on('line', (line) => this.#take(line));
    this.#lines.on('SIGINT', () => this.close());
    this.#lines.on('close', () => this.#end());
  }

  /** Asks until an answer is taken. Throws Interrupted. */
  async ask(question: Question): Promise<string> {
    this.#write(`\n${listed(question.choices)}`);
    for (;;) {
      const answer = answerTo(question, await this.#line(promptOf(question)));
      if (answer.kind === 'taken') return answer.value;
      this.#write(`  ✗ ${answer.why}\n`);
    }
  }

  close(): void {
    this.#lines.close();
  }

  #line(prompt: string): Promise<string> {
    const typed = this.#typed.shift();
    if (typed !== undefined) return Promise.resolve(typed);
    if (this.#isOver) return Promise.reject(new Interrupted());
    this.#lines.setPrompt(escaped(prompt));
    this.#lines.prompt();
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  #take(line: string): void {
    if (this.#waiting) this.#waiting.resolve(line);
    else this.#typed.push(line);
    this.#waiting = undefined;
  }

  #end(): void {
    this.#isOver = true;
    this.#waiting?.reject(new Interrupted());
  }

  #write(text: string): void {
    this.#output.write(text.split('\n').map(escaped).join('\n'));
  }
}

/** What was typed, as an answer: a name, a number of the list, or nothing for what is usual. */
function answerTo({ choices, fallback, read }: Question, typed: string): Answer {
  const text = typed.trim();
  if (text === '' && fallback !== null) return { kind: 'taken', value: fallback };
  if (text === '') return { kind: 'refused', why: 'an answer is needed (Ctrl-C stops)' };
  const byNumber = /^\d+$/.test(text) ? choices[Number(text) - 1] : undefined;
  // A version may be a number too.
  const isName = choices.some(({ value }) => value === text);
  return read(byNumber && !isName ? byNumber.value : text);
}

function listed(choices: readonly Choice[]): string {
  const shown = choices.slice(0, MOST_LISTED);
  const width = Math.max(0, ...shown.map(({ value }) => value.length));
  const lines = shown.map(
    ({ value, about }, at) => `  ${String(at + 1).padStart(2)}  ${value.padEnd(width)}  ${about}`,
  );
  if (choices.length > shown.length) lines.push(`      and ${choices.length - shown.length} more, by name`);
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function promptOf({ title, choices, fallback }: Question): string {
  const how = choices.length === 0 ? '' : ' (name or number)';
  return `${title}${how}${fallback === null ? '' : ` [${fallback}]`}: `;
}
