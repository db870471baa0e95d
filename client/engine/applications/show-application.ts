import {
  readKeptReleases,
  readStableReleases,
  type ApplicationPlace,
  type KeptRelease,
} from '../../../activities/adapters/postgres/releases-of-applications.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { Freeze, Pin } from '#domain/coordination/holds.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { KEPT_RELEASES } from '#domain/plan/settle-release.ts';
import type { ObservedApplication } from '#domain/ports/container-operations.port.ts';
import { enginesOf } from '../containers/engines-of.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { holdsInForce } from '../holds/holds-in-force.ts';
import { patientRead } from '../patient-read.ts';
import { expectTarget } from '../plans/expect-target.ts';
import { findPlace, notDeployed } from './find-place.ts';
import { loadApplication, loadApplications, type Application } from './load-applications.ts';

/** What really runs of an application, or why nobody could tell. */
export type Observation =
  | { readonly kind: 'seen'; readonly application: ObservedApplication | null }
  | { readonly kind: 'unseen'; readonly why: string };

/** What keeps it from being deployed. */
export interface ApplicationHolds {
  readonly freeze: Freeze | null;
  readonly pin: Pin | null;
}

/** An application in one environment. */
export interface DeployedApplication extends Application {
  readonly place: ApplicationPlace;
  /** The one in use first, then those that can be gone back to. */
  readonly kept: readonly KeptRelease[];
  readonly holds: ApplicationHolds;
  readonly observation: Observation;
}

/** The application, and how it stands in `environment`; null where it was never deployed. */
export interface ShownApplication extends Application {
  readonly deployed: DeployedApplication | null;
}

/**
 * An application, its place and what runs of it now. Without an environment the only one in which it is. Throws
 * APPLICATION_UNKNOWN, ENVIRONMENT_UNKNOWN, PLAN_TARGET_MISMATCH, APPLICATION_PLACE_UNCLEAR.
 */
export async function showApplication(
  deps: EngineDeps,
  name: string,
  environment: string | undefined,
): Promise<ShownApplication> {
  const found = await patientRead(deps, (pool) => readDeployed(pool, name, environment));
  const { application, at } = found;
  if (at === null) return { ...application, deployed: null };
  const observation = await observe(deps, at.environment, name);
  return { ...application, deployed: { ...application, place: at.place, kept: at.kept, holds: at.holds, observation } };
}

/** The same where somebody needs it to run. Throws APPLICATION_NOT_DEPLOYED as well. */
export async function expectDeployed(
  deps: EngineDeps,
  name: string,
  environment: string | undefined,
): Promise<DeployedApplication> {
  const { deployed } = await showApplication(deps, name, environment);
  if (deployed !== null) return deployed;
  throw notDeployed(name, environment);
}

interface Found {
  readonly application: Application;
  readonly at: {
    readonly environment: Environment;
    readonly place: ApplicationPlace;
    readonly kept: readonly KeptRelease[];
    readonly holds: ApplicationHolds;
  } | null;
}

async function readDeployed(pool: Pool, name: string, wanted: string | undefined): Promise<Found> {
  const application = await loadApplication(pool, name);
  const whole = await loadConfiguration(pool);
  if (wanted !== undefined) expectTarget(environmentNamed(whole, wanted, '--environment'), 'docker', '--environment');
  const place = await findPlace(pool, name, wanted);
  if (place === null) return { application, at: null };
  const environment = environmentNamed(whole, place.environment);
  const kept = await readKeptReleases(pool, { environment: environment.name, application: name }, KEPT_RELEASES + 1);
  const { freeze, pins } = await holdsInForce(pool, environment.name);
  const pin = pins.find(({ subject }) => subject === name) ?? null;
  return { application, at: { environment, place, kept, holds: { freeze, pin } } };
}

/** What the database says is no observation: a worker that does not answer is said, not papered over. */
async function observe(deps: EngineDeps, environment: Environment, name: string): Promise<Observation> {
  try {
    const engines = enginesOf(deps.settings, environment);
    const seen = await deps.containers.observeEnvironment({ environment: environment.name, engines, rebuild: false });
    return { kind: 'seen', application: seen.applications.find((one) => one.application === name) ?? null };
  } catch (error) {
    return { kind: 'unseen', why: error instanceof Error ? error.message : String(error) };
  }
}

/** An application with the releases of it that are in use. */
export interface ListedApplication extends Application {
  readonly stable: readonly KeptRelease[];
}

/** Every application, by name. */
export async function listApplications(deps: EngineDeps): Promise<ListedApplication[]> {
  return patientRead(deps, async (pool) => {
    const applications = await loadApplications(pool);
    const stable = await readStableReleases(pool);
    return applications.map((one) => ({
      ...one,
      stable: stable.filter(({ application }) => application === one.name),
    }));
  });
}
