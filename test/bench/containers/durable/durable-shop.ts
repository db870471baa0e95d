// The durable side: the same shop, deployed by plans and runs of the engine's own use cases.
import type { ShopVersion } from '../../../../examples/shop/build-image.ts';
import { readRunEvents } from '../../../../activities/adapters/postgres/run-events.ts';
import { applyApplications } from '../../../../client/engine/applications/apply-applications.ts';
import type { EngineDeps, Person } from '../../../../client/engine/engine.ts';
import { applyConfiguration } from '../../../../client/engine/environments/apply-configuration.ts';
import { createPlan } from '../../../../client/engine/plans/create-plan.ts';
import { executePlan, type StartedRun } from '../../../../client/engine/runs/execute-plan.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { letGo } from '../../../support/containers/let-go.ts';
import { freePort } from '../../../support/servers/ports.ts';
import type { Retries } from '../bare/proxy-configuration.ts';
import type { Strategy } from '../bare/strategies.ts';
import type { Split } from '../measure/stopwatch.ts';
import type { BenchServers } from '../servers/bench-servers.ts';
import { openBenchStack, type BenchStack } from '../servers/bench-stack.ts';
import { splitOf } from './journal-split.ts';

const ENVIRONMENT = 'bench';
const APPLICATION = 'shop';
const PORT_INSIDE = 8080;
export const BENCH: Person = { name: 'bench', roles: [], verified: false };
const MOST_EVENTS = 10_000;

export interface DurableOptions {
  readonly retries: Retries;
  readonly replicas: number;
  readonly bakeMs: number;
}

/** What `config` of a release file says. */
export type ReleaseWish = Readonly<Record<string, unknown>>;

export class DurableShop {
  readonly port: number;
  readonly #stack: BenchStack;
  readonly #options: DurableOptions;

  private constructor(stack: BenchStack, { port, ...options }: DurableOptions & { port: number }) {
    this.port = port;
    this.#stack = stack;
    this.#options = options;
  }

  /** Serves 1.0.0 when this returns. */
  static async open(servers: BenchServers, options: DurableOptions): Promise<DurableShop> {
    const stack = await openBenchStack(options.retries);
    try {
      const shop = new DurableShop(stack, { ...options, port: await freePort() });
      await shop.#describe(servers);
      await shop.#carryOut('1.0.0', { strategy: 'immediate' });
      return shop;
    } catch (error) {
      await stack.close();
      throw error;
    }
  }

  get deps(): EngineDeps {
    return this.#stack.deps;
  }

  /** From the command to the end of the run. The plan was made before, as the script knows its image before. */
  deploy(strategy: Strategy, version: ShopVersion): Promise<Split> {
    return this.#carryOut(version, wishFor(strategy, this.#options.bakeMs));
  }

  /** Plans and starts a release; does not wait for its end. */
  async start(version: ShopVersion, config: ReleaseWish): Promise<StartedRun> {
    return executePlan(this.deps, { planId: await this.#plan(version, config), person: BENCH });
  }

  /** Resolves with the phase in which the run closed. */
  async end({ workflowId }: StartedRun): Promise<string> {
    const client = await this.deps.temporal();
    const { phase } = (await client.workflow.getHandle(workflowId).result()) as { phase: string };
    return phase;
  }

  /** After a rollback by hand, so that it can be deployed again. */
  async letGo(): Promise<void> {
    await letGo(this.deps, { environment: ENVIRONMENT, application: APPLICATION, person: BENCH });
  }

  async journal({ run }: StartedRun): Promise<JournalEntry[]> {
    return readRunEvents(await this.deps.database(), run, { afterSeq: 0, limit: MOST_EVENTS });
  }

  async close(): Promise<void> {
    await this.#stack.close();
  }

  async #carryOut(version: ShopVersion, config: ReleaseWish): Promise<Split> {
    const planId = await this.#plan(version, config);
    const startedAt = performance.now();
    const started = await executePlan(this.deps, { planId, person: BENCH });
    const phase = await this.end(started);
    const wallMs = performance.now() - startedAt;
    const journal = await this.journal(started);
    if (phase !== 'completed') throw new Error(`${started.run} ended ${phase}: ${journal.at(-1)?.summary}`);
    return splitOf(journal, wallMs);
  }

  async #plan(version: ShopVersion, config: ReleaseWish): Promise<string> {
    const file = { application: APPLICATION, version, environment: ENVIRONMENT, config };
    const wish = { file: { name: 'release', content: JSON.stringify(file) }, author: BENCH.name };
    const { plan } = await createPlan(this.deps, { ...wish, acceptNoWayBack: null });
    return plan.planId;
  }

  async #describe({ engine, images }: BenchServers): Promise<void> {
    const environments = {
      [ENVIRONMENT]: { target: 'docker', stage: 'testing', engines: [{ host: `unix://${engine.socketPath}` }] },
    };
    const applications = {
      [APPLICATION]: {
        image: images['1.0.0'].reference.replace(/:1\.0\.0$/, ''),
        port: PORT_INSIDE,
        replicas: this.#options.replicas,
        health: { path: '/health' },
        routing: { listen_port: this.port },
      },
    };
    const fileOf = (document: object) => ({ name: 'bench', content: JSON.stringify(document) });
    await applyConfiguration(this.deps, { file: fileOf({ environments }), by: BENCH.name });
    await applyApplications(this.deps, { file: fileOf({ applications }), by: BENCH.name });
  }
}

/** The same moves as the script's: it bakes after each weight of a canary and nowhere else. */
function wishFor(strategy: Strategy, bakeMs: number): ReleaseWish {
  const never = { bake: '0s' };
  switch (strategy) {
    case 'blue-green':
      return { strategy: 'blue_green', ...never };
    case 'canary':
      return { strategy: 'canary', canary_steps: [5, 25, 50, 100], bake: `${bakeMs}ms` };
    case 'rolling':
      return { strategy: 'rolling', max_surge: 1, max_unavailable: 0, ...never };
    case 'recreate':
      return { strategy: 'recreate', ...never };
    case 'careless':
      throw new Error('nobody can plan to be careless');
  }
}
