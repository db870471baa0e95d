import type { Replica } from '#domain/ports/container-engine.port.ts';
import { insertEvidence } from '../adapters/postgres/evidence.ts';
import { redact, tail } from '../runtime/redact.ts';
import { resolveTexts } from '../runtime/resolve-texts.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import type { Instance } from './instances.ts';
import type { ReleaseWork } from './release-work.ts';

/** What was seen of an instance that is not well: its probe's answer or why it ended. */
export interface Complaint {
  readonly instance: Instance;
  readonly why: string;
  readonly seen: unknown;
}

const LOG_LINES = 50;
const LOG_CHARS = 8_192;

/**
 * Stores what is known of instances that are not well, their last log lines and use of memory included, before anything
 * is torn down. Returns the id, or null when it could not be stored, which must not hide the finding itself.
 */
export async function keepEvidence(
  work: ReleaseWork,
  step: string,
  { summary, complaints }: { readonly summary: string; readonly complaints: readonly Complaint[] },
): Promise<string | null> {
  const { secrets } = await resolveTexts(work.row.spec.container.env, work).catch(() => ({ secrets: [] }));
  const instances = await Promise.all(complaints.map((one) => describe(one, secrets)));
  const body = { summary, application: work.row.application, version: work.row.version, instances };
  try {
    return await ridingOut(work, () => insertEvidence(work.pool, { run: work.ref.run, step, body }));
  } catch (error) {
    work.signal.throwIfAborted();
    work.logger.error({ run: work.ref.run, err: error }, 'evidence could not be stored');
    return null;
  }
}

async function describe({ instance, why, seen }: Complaint, secrets: readonly string[]) {
  const { on, name } = instance;
  const [logs, usage, latest] = await Promise.all([
    on.logs(name, LOG_LINES).catch(() => []),
    on.usage([name]).catch(() => []),
    on.listReplicas(instance.labels).catch(() => []),
  ]);
  return {
    name,
    why: redact(why, secrets),
    seen: JSON.parse(redact(JSON.stringify(seen ?? null), secrets)) as unknown,
    // It may have ended since it was looked at.
    container: stateOf(latest.find((one) => one.name === name) ?? instance),
    lastLogLines: tail(redact(logs.join('\n'), secrets), LOG_CHARS).split('\n'),
    memoryBytes: usage[0]?.memoryBytes ?? null,
  };
}

const stateOf = ({ engine, id, state, startedAt, exit, image }: Replica) => ({
  engine,
  id: id.slice(0, 12),
  state,
  startedAt,
  exit,
  image,
});
