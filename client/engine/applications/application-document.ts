// What programs read of applications: the names are a contract.
import type { KeptRelease } from '../../../activities/adapters/postgres/releases-of-applications.ts';
import type { InstanceLog, ObservedInstance } from '#domain/ports/container-operations.port.ts';
import { promotionDocument } from '../promotions/promotion-document.ts';
import { freezeDocument, pinDocument } from '../holds/holds-document.ts';
import type { AppliedApplications } from './apply-applications.ts';
import type { DeployedApplication, ListedApplication, ShownApplication } from './show-application.ts';

type Document = Record<string, unknown>;

export const appliedApplicationsDocument = ({ secrets, ...changes }: AppliedApplications): Document => ({
  applications: changes,
  secrets: secrets.map(({ path, secretRef }) => ({ path, secret_ref: secretRef })),
});

export const listedDocument = ({ name, spec, stable }: ListedApplication): Document => ({
  name,
  image: spec.image,
  replicas: spec.replicas,
  critical: spec.critical,
  depends_on: spec.depends_on,
  deployed: stable.map((release) => ({ environment: release.environment, ...releaseDocument(release) })),
});

export function shownDocument({ name, written, deployed }: ShownApplication): Document {
  if (deployed === null) {
    const held = { pin: null, freeze: null };
    const nothing = { environment: null, address: null, current: null, previous: null, instances: [], observed: false };
    return { name, ...nothing, ...held, releases: [], spec: written };
  }
  const { kept, place, holds } = deployed;
  const [current, previous] = currentAndPrevious(kept);
  return {
    name,
    environment: place.environment,
    address: addressOf(deployed),
    current: current && releaseDocument(current),
    previous: previous && releaseDocument(previous),
    pin: holds.pin && pinDocument(holds.pin),
    freeze: holds.freeze && freezeDocument(holds.freeze),
    ...instancesDocument(deployed),
    releases: kept.map(releaseDocument),
    spec: written,
  };
}

/** `observed` false: nobody could say what runs, so the list of instances is empty. */
export function instancesDocument({ observation }: DeployedApplication): Document {
  if (observation.kind === 'unseen') return { instances: [], observed: false, why_not: observation.why };
  return { instances: (observation.application?.instances ?? []).map(instanceDocument), observed: true };
}

/** Where clients reach it: as the router says, else as it was given to it. */
export function addressOf({ observation, place }: DeployedApplication): string {
  const seen = observation.kind === 'seen' ? observation.application?.address : null;
  const { host, port } = seen ?? { host: place.host ?? '127.0.0.1', port: place.port };
  return `http://${host}:${port}`;
}

/** The release in use and the one before it. */
export function currentAndPrevious(kept: readonly KeptRelease[]): [KeptRelease | null, KeptRelease | null] {
  const current = kept.find(({ state }) => state === 'stable') ?? null;
  return [current, kept.find((one) => one !== current) ?? null];
}

const releaseDocument = ({
  release,
  version,
  digest,
  spec,
  run,
  state,
  stableAt,
  promotedFrom,
}: KeptRelease): Document => ({
  release,
  version,
  digest,
  replicas: spec.replicas,
  execution_id: run,
  state,
  stable_at: stableAt,
  promoted_from: promotionDocument(promotedFrom),
});

export const instanceDocument = (one: ObservedInstance): Document => ({
  instance: one.name,
  engine: one.engine,
  version: one.labels.version,
  release: one.labels.release,
  replica: one.labels.replica,
  state: one.state,
  address: one.address && `${one.address.host}:${one.address.port}`,
  routed: one.routed && { up: one.routed.up, state: one.routed.state, in_flight: one.routed.inFlight },
  started_at: one.startedAt,
  exit: one.exit && { code: one.exit.code, out_of_memory: one.exit.outOfMemory, at: one.exit.at },
  image: one.image,
});

export const logsDocument = (application: string, logs: readonly InstanceLog[]): Document => ({
  application,
  logs: logs.map(({ instance, lines }) => ({ instance, lines })),
});
