// What the demo of releases tells: a good version by a canary, a bad one that only its clients' errors give away, and the way
// back to the version before the last.
import type { CommandLine } from '../command-line.ts';
import type { Screen } from '../screen.ts';
import { Clients, type Answers } from './clients.ts';
import { servingLine } from './serving-line.ts';
import { APPLICATION, INSTANCES, releaseFile, type Shop } from './shop.ts';

export interface Stagecraft {
  readonly sluice: CommandLine;
  readonly screen: Screen;
  readonly shop: Shop;
  /** What has to be stopped before the stack. */
  readonly cast: { stop(): Promise<void> }[];
}

interface RunStatus {
  readonly status: string;
  readonly reason: string | null;
}

interface ShownApplication {
  readonly address: string;
  readonly current: { readonly version: string } | null;
  readonly instances: readonly { readonly version: string }[];
}

const CLOSED = ['completed', 'rolled-back', 'cancelled', 'failed', 'rollback-incomplete'];
const LOOK_EVERY_MS = 250;

/** Tells the whole story; good only if everything came as it should, by what clients got and by what runs. */
export async function tellReleases(craft: Stagecraft): Promise<{ readonly isGood: boolean; readonly run: string }> {
  const { screen, cast } = craft;
  screen.done(
    `1  Three versions of a small shop as images: 1.0.0, 1.1.0, and 1.2.0, whose health page is fine while every third answer is an error`,
    'built, in the registry',
  );
  const first = await deploy(craft, '1.0.0', null);
  const { address } = await shown(craft);
  screen.done(`2  1.0.0, the first release: ${INSTANCES} instances behind ${address}`, first.status);
  const clients = new Clients(address);
  cast.push(clients);
  screen.line('3  1.1.0 by a canary, 10 % → 50 % → 100 %, under load');
  const good = await deploy(craft, '1.1.0', clients);
  screen.done(`   ${counted(clients.answers)}`, good.status);
  screen.line('4  1.2.0 answers /health with 200: only the judge sees its errors');
  const bad = await deploy(craft, '1.2.0', clients);
  if (bad.status === 'rolled-back') screen.bad(`   ${bad.reason ?? ''}`, bad.status);
  else screen.line(`   ${bad.status}: ${bad.reason ?? ''}`);
  const back = await goBack(craft, clients);
  const verdict = await judge(craft, clients);
  const isGood = first.status === 'completed' && good.status === 'completed' && bad.status === 'rolled-back';
  return { isGood: isGood && back.status === 'completed' && verdict, run: bad.run };
}

async function deploy(
  craft: Stagecraft,
  version: string,
  clients: Clients | null,
): Promise<RunStatus & { run: string }> {
  const { sluice, shop } = craft;
  const plan = await sluice.json<{ plan_id: string }>(
    ...(['plan', 'create', '--config', releaseFile(shop, version), '--as', 'lin'] as const),
  );
  const { execution_id: run } = await sluice.json<{ execution_id: string }>(
    ...(['deploy', 'execute', '--plan-id', plan.plan_id, '--as', 'lin'] as const),
  );
  return { ...(await follow(craft, run, clients)), run };
}

/** Who answers, by what the clients get, until the run is over. */
async function follow({ sluice, screen }: Stagecraft, run: string, clients: Clients | null): Promise<RunStatus> {
  for (;;) {
    const status = await sluice.json<RunStatus>('deploy', 'status', '--execution-id', run);
    if (clients !== null) {
      const { key, text } = servingLine(clients.answers);
      screen.serving(key, text);
    }
    if (CLOSED.includes(status.status)) {
      screen.endOfWaves();
      return status;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function goBack(craft: Stagecraft, clients: Clients): Promise<RunStatus> {
  const { sluice, screen, shop } = craft;
  screen.line('5  $ sluice deploy rollback --application shop --to 1.0.0 --reason "demo"');
  const started = await sluice.json<{ execution_id: string }>(
    ...(['deploy', 'rollback', '--application', APPLICATION, '--environment', shop.environment] as const),
    ...(['--to', '1.0.0', '--reason', 'demo', '--as', 'lin'] as const),
  );
  const status = await follow(craft, started.execution_id, clients);
  screen.done('', status.status);
  return status;
}

const shown = ({ sluice, shop }: Stagecraft): Promise<ShownApplication> =>
  sluice.json('app', 'show', APPLICATION, '--environment', shop.environment);

async function judge(craft: Stagecraft, clients: Clients): Promise<boolean> {
  const { screen } = craft;
  await clients.stop();
  const { answers } = clients;
  const { current, instances } = await shown(craft);
  const versions = new Set(instances.map(({ version }) => version));
  const agrees =
    answers.lost === 0 && current?.version === '1.0.0' && instances.length === INSTANCES && versions.size === 1;
  screen.line('6  What the clients got, and what runs now:');
  const what = `${counted(answers)}; ${instances.length} instances of ${[...versions].join(', ')}, no other container`;
  if (agrees) screen.done(`   ${what}`, 'agrees');
  else screen.bad(`   ${what}`, 'does not agree');
  return agrees;
}

const counted = ({ requests, lost, bad }: Answers): string =>
  `${requests} requests, ${lost} without an answer, ${bad} bad answers of 1.2.0`;
