import { applyApplications } from '../../engine/applications/apply-applications.ts';
import { loadApplications } from '../../engine/applications/load-applications.ts';
import { addressOf, shownDocument } from '../../engine/applications/application-document.ts';
import { showApplication, type DeployedApplication } from '../../engine/applications/show-application.ts';
import { patientRead } from '../../engine/patient-read.ts';
import { plainText } from '../../engine/plain-text.ts';
import { createPlan } from '../../engine/plans/create-plan.ts';
import { currentRelease } from '../../engine/releases/current-release.ts';
import { rollBackApplication } from '../../engine/releases/roll-back-application.ts';
import { loadRunFacts } from '../../engine/runs/run-facts.ts';
import { execute } from '../commands/execute-action.ts';
import { watch } from '../commands/watch-action.ts';
import type { CliContext } from '../context.ts';
import { inMilkWords } from './in-milk-words.ts';
import { applicationFile, releaseFile, replicasToDeploy, type MilkWish } from './milk-wish.ts';
import type { ReasonOptions, RollbackOptions } from './options.ts';
import { readMilkFile, readToChange } from './read-milk-file.ts';

/** Brings the tag of the file; the exit code is that of its run. */
export async function deploy(context: CliContext, { config, reason }: ReasonOptions): Promise<void> {
  const wish = await readToChange(context, config);
  await inMilkWords(wish, async () => {
    const present = await patientRead(context.deps(), (pool) => currentRelease(pool, wish));
    const replicas = replicasToDeploy(present?.spec.replicas ?? null, wish.limits);
    await release(context, wish, { replicas, reason });
  });
}

/** One instance of the file's image; where a release of it is in use nothing is changed. */
export async function runContainer(context: CliContext, { config, reason }: ReasonOptions): Promise<void> {
  const wish = await readToChange(context, config);
  await inMilkWords(wish, async () => {
    const present = await patientRead(context.deps(), (pool) => currentRelease(pool, wish));
    if (present === null) return release(context, wish, { replicas: 1, reason });
    const shown = await showApplication(context.deps(), wish.application, wish.environment);
    const at = shown.deployed === null ? '' : ` at ${addressOf(shown.deployed)}`;
    const text = `${wish.application} ${present.version} runs already in ${wish.environment}${at}`;
    context.print(shownDocument(shown), [text, ...instancesOf(shown.deployed)].join('\n'));
  });
}

const instancesOf = (deployed: DeployedApplication | null): string[] =>
  deployed?.observation.kind === 'seen'
    ? (deployed.observation.application?.instances ?? []).map(({ name, state }) => `  ${name}  ${state}`)
    : [];

interface Release {
  readonly replicas: number;
  readonly reason: string;
}

async function release(context: CliContext, wish: MilkWish, { replicas, reason }: Release): Promise<void> {
  plainText(reason, '--reason');
  const deps = context.deps();
  const person = await context.person();
  const known = (await patientRead(deps, loadApplications)).find(({ name }) => name === wish.application);
  const file = applicationFile(wish, replicas, known?.written ?? {});
  await applyApplications(deps, { file, by: person.name });
  const plan = { file: releaseFile(wish, replicas, reason), author: person.name, acceptNoWayBack: null };
  const created = await createPlan(deps, plan);
  for (const note of created.notes) context.note(`note: ${note}`);
  await execute(context, { planId: created.plan.planId, watch: true, reason });
}

/** Back to the release before; the exit code says whether that was reached. */
export async function rollBack(context: CliContext, { config, reason, to }: RollbackOptions): Promise<void> {
  const wish = await readMilkFile(config);
  const { application, environment } = wish;
  await inMilkWords(wish, async () => {
    const back = { application, environment, to, reason, person: await context.person() };
    const done = await rollBackApplication(context.deps(), back);
    const run = done.kind === 'told' ? done.answer.view.run : done.started.run;
    context.note(`${done.kind === 'told' ? 'told' : 'started'} ${run}   ·   Ctrl-C leaves it alone`);
    await watch(context, run);
    if (done.kind === 'told' && (await isRolledBack(context, run))) context.exitWith(0);
  });
}

/** An open run that was told to go back ends well when it did. */
const isRolledBack = async (context: CliContext, run: string): Promise<boolean> =>
  (await loadRunFacts(context.deps(), run)).status.row.phase === 'rolled-back';
