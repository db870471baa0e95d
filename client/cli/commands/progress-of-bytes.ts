import { createLogUpdate } from 'log-update';
import type { CliContext } from '../context.ts';
import { tellSize } from '../render/artifact.ts';

/** How far the bytes are, for people: one line redrawn in a terminal, a line now and then in a pipe. */
interface ByteProgress {
  readonly show: (receivedBytes: number, of: number | null) => void;
  readonly end: () => void;
}

const MEBIBYTE = 1024 * 1024;
const REDRAWN_EVERY_BYTES = MEBIBYTE;
/** In a pipe: a tenth of it, but no line for what is there in a moment. */
const LEAST_STEP_BYTES = 8 * MEBIBYTE;
const STEP_OF_UNKNOWN_BYTES = 64 * MEBIBYTE;

export function progressOf(context: CliContext): ByteProgress {
  if (context.output === 'json') return { show: () => undefined, end: () => undefined };
  // A terminal that does not know its size (0 rows) cannot be redrawn.
  if (!context.interactive || !(process.stdout.rows > 0)) {
    return stepwise(
      stepInPipe,
      (line) => context.note(line),
      () => undefined,
    );
  }
  const draw = createLogUpdate(process.stdout);
  return stepwise(
    () => REDRAWN_EVERY_BYTES,
    draw,
    () => draw.clear(),
  );
}

const stepInPipe = (of: number | null): number =>
  of === null ? STEP_OF_UNKNOWN_BYTES : Math.max(of / 10, LEAST_STEP_BYTES);

function stepwise(stepOf: (of: number | null) => number, tell: (line: string) => void, end: () => void): ByteProgress {
  let told = 0;
  const show = (received: number, of: number | null): void => {
    const steps = Math.floor(received / stepOf(of));
    if (steps === told) return;
    told = steps;
    tell(of === null ? `  ${tellSize(received)} …` : `  ${tellSize(received)} of ${tellSize(of)}`);
  };
  return { show, end };
}
