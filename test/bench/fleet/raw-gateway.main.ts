// The raw loop: the gateway's own service and session over executions in memory.
import type { JobInfo } from '#domain/fleet/job-execution.ts';
import { gatewayPassword } from '../../../activities/adapters/mqtt/credentials.ts';
import { BrokerSession } from '../../../client/devices/gateway/broker-session.ts';
import { Complaints } from '../../../client/devices/gateway/complaints.ts';
import { DeviceService } from '../../../client/devices/gateway/device-service.ts';
import { NO_HOOKS } from '../../../client/devices/gateway/gateway-hooks.ts';
import { createLogger } from '../../../client/engine/logging.ts';
import { MemoryJobStore } from '../../support/fakes/memory-job-store.ts';

/** `release` offers a new job to devices, in that order; they are in memory as they would be in the database. */
export type RawGatewayOrder =
  | { readonly kind: 'serve'; readonly url: string; readonly key: string; readonly things: readonly string[] }
  | { readonly kind: 'release'; readonly job: JobInfo; readonly things: readonly string[] };

type Release = (order: Extract<RawGatewayOrder, { kind: 'release' }>) => void;

function serve({ url, key, things }: Extract<RawGatewayOrder, { kind: 'serve' }>): Release {
  const log = createLogger('raw-gateway', 'warn');
  const store = new MemoryJobStore();
  for (const thing of things) store.devices.set(thing, { firmware: '', reported: null, lastSeenMs: null });
  const service = new DeviceService({
    store,
    broker: {
      publish: (message) => session.publish(message),
      pause: () => session.pause(),
      resume: () => session.resume(),
    },
    isRequestAtFault: () => true,
    hooks: NO_HOOKS,
    log,
    complaints: new Complaints(log),
  });
  const session = new BrokerSession({
    url,
    password: gatewayPassword(Buffer.from(key, 'base64')),
    onMessage: (topic, payload) => service.receive(topic, payload),
    onReady: () => {
      service.activate();
      service.brokerIsBack();
      process.send?.('serving');
    },
    onLost: () => service.brokerIsLost(),
    onError: (error) => log.warn({ err: error }, 'broker'),
  });
  return ({ job, things: released }) => {
    store.addJob(job);
    store.release(job.seq, released, Date.now());
    service.offersChanged();
  };
}

let release: Release = () => undefined;
process.on('message', (order: RawGatewayOrder) => {
  if (order.kind === 'serve') release = serve(order);
  else release(order);
});
process.on('disconnect', () => process.exit(0));
