// Where the wall time of a run went, by what its steps say of themselves in the journal.
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { PHASES, type Phase, type Split } from '../measure/stopwatch.ts';

/** Which phase a fact of a step's end counts to, by the kind of step that its id begins with. */
const FACTS: Readonly<Record<string, Readonly<Record<string, Phase>>>> = {
  pull: { tookMs: 'docker' },
  stage: { tookMs: 'docker' },
  verify: { probedMs: 'health', routedMs: 'routing', upMs: 'health' },
  shift: { tookMs: 'routing' },
  retire: { drainMs: 'drain', stopMs: 'docker', routedMs: 'routing' },
  hold: { tookMs: 'routing' },
  release: { tookMs: 'routing' },
};

/** `rest` is what no step accounts for: the start, decisions and records of the run. */
export function splitOf(journal: readonly JournalEntry[], wallMs: number): Split {
  const spent: Record<Phase, number> = { docker: 0, health: 0, drain: 0, routing: 0, bake: 0 };
  for (const { at, type, data } of journal) {
    if (type !== 'step-ended') continue;
    const [kind = ''] = String(data['step']).split('-');
    if (kind === 'bake') spent.bake += bakedMs(journal, String(data['step']), at);
    for (const [fact, phase] of Object.entries(FACTS[kind] ?? {})) spent[phase] += Number(data[fact] ?? 0);
  }
  const rest = wallMs - PHASES.reduce((sum, phase) => sum + spent[phase], 0);
  return { ...spent, rest, wall: wallMs };
}

function bakedMs(journal: readonly JournalEntry[], step: string, endedAt: string): number {
  const started = journal.find(({ type, data }) => type === 'step-started' && data['step'] === step);
  return started ? Date.parse(endedAt) - Date.parse(started.at) : 0;
}
