/** One install, or one half of it: check, fetch, tell, write, promise to disk; tell, and hand over to the boot loader. */
import type { Agent } from './agent.ts';
import type { FailureReason } from './decide.ts';
import { stepReport, type JobRef } from './report.ts';
import { isSigned } from './verify.ts';
import type { Execution, JobDocument } from './wire.schema.ts';

/** What the device does after it dealt with an execution. */
export type Next = 'ask' | 'wait' | 'power-cycle';

const DEFAULT_SLOW_MS = 10_000;

/** Puts the document's firmware into the other slot and boots it. A job that ended meanwhile is given up unless flash is written. */
export async function install(agent: Agent, execution: Execution, document: JobDocument): Promise<Next> {
  const filled = await fillOtherSlot(agent, execution, document, 'installed');
  if (filled.kind === 'ended') return filled.next;
  return handOver(agent, { jobId: execution.jobId, versionNumber: filled.versionNumber });
}

/** Puts the document's firmware into the other slot; the device runs on as before. */
export async function stage(agent: Agent, execution: Execution, document: JobDocument): Promise<Next> {
  const filled = await fillOtherSlot(agent, execution, document, 'staged');
  if (filled.kind === 'ended') return filled.next;
  const { jobId } = execution;
  await agent.conclude({ jobId, versionNumber: filled.versionNumber }, { status: 'SUCCEEDED', step: 'installing' });
  return 'ask';
}

/** Boots the other slot, which holds the document's firmware. A job that ended meanwhile is given up. */
export async function activate(agent: Agent, execution: Execution, document: JobDocument): Promise<Next> {
  const { state, world } = agent;
  const { jobId } = execution;
  if (!isSigned(document, world.publicKey)) {
    await agent.conclude(execution, { status: 'REJECTED', reason: 'signature-invalid' });
    return 'ask';
  }
  // Before the flash is touched: nothing else tells whether the job is still wanted.
  const rebooting = await agent.report(stepReport(execution, 'rebooting'));
  if (rebooting.kind === 'refused') return 'ask';
  await state.write({ jobId, version: document.version, event: 'activated' });
  state.isOutcomeTold = false;
  state.crashes = 0;
  return 'power-cycle';
}

type Filled =
  | { readonly kind: 'filled'; readonly versionNumber: number | undefined }
  /** The job ended before flash was written. */
  | { readonly kind: 'ended'; readonly next: Next };

/** Checks, fetches and writes; `event` says in the ledger whether the slot is booted next. */
async function fillOtherSlot(
  agent: Agent,
  execution: Execution,
  document: JobDocument,
  event: 'installed' | 'staged',
): Promise<Filled> {
  const { state, world } = agent;
  const { jobId } = execution;
  const problem = await fetchImages(agent, document);
  if (problem !== undefined) {
    await agent.conclude(execution, { status: 'FAILED', reason: problem, step: 'downloading' });
    return { kind: 'ended', next: 'ask' };
  }
  const installing = await agent.report(stepReport(execution, 'installing'));
  if (installing.kind === 'refused') return { kind: 'ended', next: 'ask' };

  const { slow, 'crash-in-install': crash } = state.faultsOf(document.version);
  await agent.pause(world.timings.installMs + (slow === undefined ? 0 : (slow.delayMs ?? DEFAULT_SLOW_MS)));
  if (crash !== undefined) {
    state.memory = { jobId, wasOffline: true, crashedInInstall: true };
    world.emit({ event: 'crashed', thing: state.spec.thing, jobId, during: 'install' });
    return { kind: 'ended', next: 'power-cycle' };
  }
  await state.write({ jobId, version: document.version, event });
  state.isOutcomeTold = false;
  state.crashes = 0;
  return { kind: 'filled', versionNumber: installing.versionNumber };
}

/** Tells that the boot loader is next; the flash is written, so nothing holds it up. */
async function handOver(agent: Agent, job: JobRef): Promise<Next> {
  const rebooting = await agent.report(stepReport(job, 'rebooting'));
  if (rebooting.kind === 'refused') agent.state.endedJobId = job.jobId;
  return 'power-cycle';
}

/** The reason not to install, `undefined` when every image is signed and intact. */
async function fetchImages(agent: Agent, document: JobDocument): Promise<FailureReason | undefined> {
  const { state, world } = agent;
  // The signature covers the hash: a document that fails here is not worth one downloaded byte.
  if (!isSigned(document, world.publicKey)) return 'signature-invalid';
  const startedAt = performance.now();
  for (const artifact of document.artifacts) {
    const verdict = await world.downloader.fetch(artifact, state.spec, agent.signal);
    if (verdict !== 'intact') return verdict;
  }
  await agent.pause(world.timings.downloadMs - (performance.now() - startedAt));
  return undefined;
}
