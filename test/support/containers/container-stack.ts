// Engine, registry, images and a whole stack whose processes a test may kill: releases as people make them, end to end.
import { join } from 'node:path';
import type Docker from 'dockerode';
import { createHaproxyRouter } from '../../../activities/adapters/haproxy/haproxy-router.ts';
import { applyApplications } from '../../../client/engine/applications/apply-applications.ts';
import type { Person } from '../../../client/engine/engine.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { createPlan, type CreatedPlan } from '../../../client/engine/plans/create-plan.ts';
import { executePlan, type StartedRun } from '../../../client/engine/runs/execute-plan.ts';
import { findHaproxy } from '../../../client/engine/stack/components/haproxy-program.ts';
import type { Router } from '#domain/ports/router.port.ts';
import { KillableStack, STACK_PORTS, type Victim } from '../crash/killable-stack.ts';
import { needs } from '../requires.ts';
import { startDockerd, type DockerdServer } from '../servers/dockerd.ts';
import { endHalfBorn } from '../servers/docker-processes.ts';
import { freePort, freePorts } from '../servers/ports.ts';
import type { RegistryServer } from '../servers/registry.ts';
import { makeTempFolder, type TempFolder } from '../servers/temp-folder.ts';
import { readReleaseRows, type ReleaseStanding } from './release-rows.ts';
import { startShopRegistry } from './shop-registry.ts';

needs('HAProxy', findHaproxy);

/** Versions of the shop: the third answers every third request with a 500 while it calls itself healthy. */
export const SHOP = { first: '1.0.0', good: '1.1.0', bad: '1.2.0' } as const;
export const LIN: Person = { name: 'lin', roles: [], verified: false };

export type ContainerVictim = Victim | 'dockerd';

/** One application in one environment, and where clients reach it. */
export interface Place {
  readonly environment: string;
  readonly application: string;
  readonly port: number;
}

export interface PlaceOptions {
  readonly name: string;
  readonly replicas?: number;
  /** Further keys of the application and of the environment, as people write them. */
  readonly application?: object;
  readonly environment?: object;
}

export class ContainerStack extends KillableStack {
  readonly engine: DockerdServer;
  readonly registry: RegistryServer;
  readonly router: Router;
  readonly #applications = new Map<string, object>();
  #isEngineDown = false;

  private constructor(folder: TempFolder, ports: readonly number[], { engine, registry }: Servers) {
    super(folder, ports, { DOCKER_HOST: `unix://${engine.socketPath}`, SLUICE_USER: LIN.name });
    this.engine = engine;
    this.registry = registry;
    this.router = createHaproxyRouter({ folder: join(this.dataDirectory, 'haproxy'), program: findHaproxy() });
  }

  /** About 15 s, and 15 s more for the first of a test run. */
  static async open(): Promise<ContainerStack> {
    const servers = await startServers();
    const stack = new ContainerStack(makeTempFolder('shop'), await freePorts(STACK_PORTS), servers);
    try {
      await stack.startUp();
      return stack;
    } catch (error) {
      await stack.close();
      throw error;
    }
  }

  get docker(): Docker {
    return this.engine.docker;
  }

  /** An environment and the shop as an application in it, both of that name. Nothing is deployed. */
  async openPlace({ name, replicas = 4, ...more }: PlaceOptions): Promise<Place> {
    const port = await freePort();
    const engines = [{ name: 'local', host: `unix://${this.engine.socketPath}` }];
    await this.configure({ [name]: { target: 'docker', engines, ...more.environment } });
    const image = `${this.registry.host}/shop`;
    await this.#apply(name, {
      image,
      port: 8080,
      replicas,
      drain: '3s',
      stop_grace: '3s',
      health: { path: '/health', interval: '200ms' },
      routing: { listen_port: port },
      ...more.application,
    });
    return { environment: name, application: name, port };
  }

  /** Another application in the place's environment, made like the one there. */
  async openBeside({ environment, application: first }: Place, application: string): Promise<Place> {
    const port = await freePort();
    await this.#apply(application, { ...this.#applications.get(first), routing: { listen_port: port } });
    return { environment, application, port };
  }

  async configure(environments: object): Promise<void> {
    const content = JSON.stringify({ environments, people: { ada: { roles: ['approver'] } } });
    await applyConfiguration(this.deps, { by: LIN.name, file: { name: 'sluice.json', content } });
  }

  /** Changes keys of the application, as people write them; what runs stays as it is. */
  changeApplication({ application }: Place, keys: object): Promise<void> {
    return this.#apply(application, { ...this.#applications.get(application), ...keys });
  }

  async #apply(name: string, application: object): Promise<void> {
    this.#applications.set(name, application);
    const content = JSON.stringify({ applications: { [name]: application } });
    await applyApplications(this.deps, { by: LIN.name, file: { name: 'app.json', content } });
  }

  /** The plan that brings `version` into the place. */
  plan({ environment, application }: Place, version: string, config: object = {}): Promise<CreatedPlan> {
    const content = JSON.stringify({ application, version, environment, config });
    const file = { name: 'release.json', content };
    return createPlan(this.deps, { file, author: LIN.name, acceptNoWayBack: null });
  }

  /** Plans and starts it; the run goes on by itself. */
  async deploy(place: Place, version: string, config: object = {}): Promise<StartedRun> {
    const { plan } = await this.plan(place, version, config);
    return executePlan(this.deps, { planId: plan.planId, person: LIN });
  }

  /** All containers of the place, those that do not run included. */
  containers({ environment, application }: Place): Promise<Docker.ContainerInfo[]> {
    const label = [`sluice.environment=${environment}`, `sluice.application=${application}`];
    return this.docker.listContainers({ all: true, filters: { label } });
  }

  /** What the database says of the releases of the place, oldest first. */
  releases(place: Place): Promise<ReleaseStanding[]> {
    return readReleaseRows(this.pool, place);
  }

  /** As a stack's; the engine can be killed too, and dies with `everything`. Its containers run on. */
  override async kill(victim: ContainerVictim): Promise<void> {
    const isEngineToo = victim === 'dockerd' || victim === 'everything';
    if (victim !== 'dockerd') await super.kill(victim);
    if (!isEngineToo) return;
    await this.engine.kill();
    this.#isEngineDown = true;
  }

  /** Starts whoever is down: `sluice up`, the engine, or both. */
  override async startUp(): Promise<void> {
    if (this.#isEngineDown) {
      endHalfBorn(this.engine.folder);
      await this.engine.restart();
    }
    this.#isEngineDown = false;
    if (!this.isUp) await super.startUp();
  }

  override async close(): Promise<void> {
    await super.close();
    await this.engine.stop();
    await this.registry.stop();
  }
}

interface Servers {
  readonly engine: DockerdServer;
  readonly registry: RegistryServer;
}

async function startServers(): Promise<Servers> {
  // One after the other: the engine that builds the images is another one.
  const registry = await startShopRegistry();
  try {
    return { registry, engine: await startDockerd() };
  } catch (error) {
    await registry.stop();
    throw error;
  }
}
