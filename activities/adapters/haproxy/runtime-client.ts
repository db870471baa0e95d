import { connect } from 'node:net';
import { sluiceError } from '#domain/errors/failure.ts';

/** HAProxy's command line on one socket. All methods throw ROUTER_UNREACHABLE and ROUTER_REFUSED. */
export interface RuntimeClient {
  /** The answer to `line`, trimmed. */
  ask(line: string): Promise<string>;
  /** The answers to several commands that only look, over one connection and in their order. */
  askEach(commands: readonly string[]): Promise<string[]>;
  /** Commands in this order; anything but silence, or a line that `expected` matches, is a refusal. */
  tell(commands: readonly string[], expected?: RegExp): Promise<void>;
}

const TIMEOUT_MS = 2_000;
/** The socket is closed for some tens of milliseconds while a reload goes on. Not connected is not sent. */
const RECONNECT_MS = 400;
const RECONNECT_PAUSE_MS = 10;
/** HAProxy's own buffer for a line has 16 KiB. */
const LINE_LENGTH = 8_192;
const NEVER = /(?!)/;

/** A client of the socket at `path`: a connection for each line, because HAProxy closes it after the answer. */
export function createRuntimeClient(path: string): RuntimeClient {
  const ask = async (line: string) => (await exchange(path, line)).trim();
  return {
    ask,
    askEach: async (commands) => {
      const line = commands.join('; ');
      const answers = splitAnswers(await exchange(path, line));
      if (answers.length === commands.length) return answers;
      const words = `${answers.length} answers instead of ${commands.length}`;
      throw sluiceError('ROUTER_REFUSED', { command: line, words });
    },
    tell: async (commands, expected = NEVER) => {
      for (const line of joined(commands)) {
        const words = (await ask(line)).split('\n').filter((word) => word.trim() !== '' && !expected.test(word));
        if (words.length > 0) throw sluiceError('ROUTER_REFUSED', { command: line, words: words.join(' ') });
      }
    },
  };
}

/** An empty line ends each answer; nothing but that line is an empty answer. */
function splitAnswers(text: string): string[] {
  const answers: string[] = [];
  let lines: string[] = [];
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (line !== '') lines.push(line);
    else {
      answers.push(lines.join('\n'));
      lines = [];
    }
  }
  return answers;
}

function joined(commands: readonly string[]): string[] {
  const lines: string[] = [];
  for (const command of commands) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + command.length < LINE_LENGTH)
      lines[lines.length - 1] = `${last}; ${command}`;
    else lines.push(command);
  }
  return lines;
}

async function exchange(path: string, line: string): Promise<string> {
  const deadline = Date.now() + RECONNECT_MS;
  for (;;) {
    const outcome = await exchangeOnce(path, line);
    if (outcome.kind === 'answered') return outcome.text;
    if (outcome.kind === 'lost' || Date.now() > deadline) {
      throw sluiceError('ROUTER_UNREACHABLE', { socket: path, why: outcome.why });
    }
    await new Promise((resolve) => setTimeout(resolve, RECONNECT_PAUSE_MS));
  }
}

type Outcome =
  | { readonly kind: 'answered'; readonly text: string }
  | { readonly kind: 'not-connected'; readonly why: string }
  | { readonly kind: 'lost'; readonly why: string };

function exchangeOnce(path: string, line: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const chunks: Buffer[] = [];
    let isConnected = false;
    const end = (outcome: Outcome) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end({ kind: 'lost', why: `no answer in ${TIMEOUT_MS / 1000} s` }), TIMEOUT_MS);
    socket.once('connect', () => {
      isConnected = true;
      socket.end(`${line}\n`);
    });
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('end', () => end({ kind: 'answered', text: Buffer.concat(chunks).toString() }));
    socket.once('error', ({ message }) => end({ kind: isConnected ? 'lost' : 'not-connected', why: message }));
  });
}
