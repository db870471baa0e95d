import { counted } from '#domain/counted.ts';
import { formatDuration } from '#domain/time.ts';
import type { SimulatorLine } from '../../engine/devices/run-simulator.ts';

/** What simulated devices do, told in sums: two hundred of them do the same within a second. */
export class SimulationReport {
  readonly #sums = new Map<string, number>();
  #told = '';

  /** What must be told at once; null when the line only changes the sums. */
  take(line: SimulatorLine): string | null {
    switch (line.event) {
      case 'connected':
        return `${counted(numberIn(line, 'devices'), 'device')} connected in ${formatDuration(numberIn(line, 'elapsedMs'))}`;
      case 'connect-failed':
        return `${textIn(line, 'thing')} cannot connect (${textIn(line, 'message')}); it tries again`;
      case 'summary':
        return `ended after ${formatDuration(numberIn(line, 'elapsedMs'))}${this.#all() === '' ? '' : `: ${this.#all()}`}`;
      default:
        this.#count(line);
        return null;
    }
  }

  /** The sums, when they changed since they were told last. */
  changes(): string | null {
    const now = this.#all();
    if (now === this.#told) return null;
    this.#told = now;
    return now;
  }

  #count(line: SimulatorLine): void {
    const word = wordFor(line);
    if (word !== null) this.#sums.set(word, (this.#sums.get(word) ?? 0) + 1);
  }

  #all(): string {
    return [...this.#sums].map(([word, count]) => `${word} ${count}`).join(' · ');
  }
}

function wordFor(line: SimulatorLine): string | null {
  const version = textIn(line, 'version');
  switch (line.event) {
    case 'installed':
      return `installed ${version}`;
    case 'staged':
    case 'activated':
      return `${line.event} ${version}`;
    case 'reverted':
      return `went back to ${version} by themselves`;
    case 'crashed':
      return `crashed in ${textIn(line, 'during')}`;
    case 'reported':
      return wordForReport(line);
    case 'request-refused':
      return `refused (${textIn(line, 'code')})`;
    default:
      return null;
  }
}

function wordForReport(line: SimulatorLine): string | null {
  const status = textIn(line, 'status');
  if (line['accepted'] !== true) return wordForRefusal(textIn(line, 'code'));
  if (status === 'IN_PROGRESS') return null;
  const reason = textIn(line, 'reason');
  return reason === '' ? status : `${status} (${reason})`;
}

/** A device that was switched off, or whose job was withdrawn, still says how its install went: nobody waits for it. */
const wordForRefusal = (code: string): string =>
  code === 'InvalidStateTransition' ? 'late reports on jobs that were over' : `reports refused (${code})`;

const numberIn = (line: SimulatorLine, fact: string): number => Number(line[fact] ?? 0);
const textIn = (line: SimulatorLine, fact: string): string => (typeof line[fact] === 'string' ? line[fact] : '');
