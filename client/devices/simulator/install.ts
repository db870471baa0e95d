/** One install: check, fetch, tell, write, promise to disk, tell, and hand over to the boot loader. */
import type { Agent } from './agent.ts';
import type { FailureReason } from './decide.ts';
import { stepReport } from './report.ts';
import { isSigned } from './verify.ts';
import type { Execution, JobDocument } from './wire.schema.ts';

/** What the device does after it dealt with an execution. */
export type Next = 'ask' | 'wait' | 'power-cycle';

const DEFAULT_SLOW_MS = 10_000;

/** Puts the document's firmware into the other slot. A job that ended meanwhile is given up unless flash is written. */
export async function install(agent: Agent, execution: Execution, document: JobDocument): Promise<Next> {
  const { state, world } = agent;
  const { jobId } = execution;
  const problem = await fetchImages(agent, document);
  if (problem !== undefined) {
    await agent.conclude(execution, { status: 'FAILED', reason: problem, step: 'downloading' });
    return 'ask';
  }
  const installing = await agent.report(stepReport(execution, 'installing'));
  if (installing.kind === 'refused') return 'ask';

  const { slow, 'crash-in-install': crash } = state.faultsOf(document.version);
  await agent.pause(world.timings.installMs + (slow === undefined ? 0 : (slow.delayMs ?? DEFAULT_SLOW_MS)));
  if (crash !== undefined) {
    state.memory = { jobId, wasOffline: true, crashedInInstall: true };
    world.emit({ event: 'crashed', thing: state.spec.thing, jobId, during: 'install' });
    return 'power-cycle';
  }
  await state.write({ jobId, version: document.version, event: 'installed' });
  state.isOutcomeTold = false;
  state.crashes = 0;

  const rebooting = await agent.report(stepReport({ jobId, versionNumber: installing.versionNumber }, 'rebooting'));
  if (rebooting.kind === 'refused') state.endedJobId = jobId;
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
