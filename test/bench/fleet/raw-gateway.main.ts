// The raw loop: the gateway's own service and session over executions in memory.
import { gatewayPassword } from '../../../activities/adapters/mqtt/credentials.ts';
import { BrokerSession } from '../../../client/devices/gateway/broker-session.ts';
import { Complaints } from '../../../client/devices/gateway/complaints.ts';
import { DeviceService } from '../../../client/devices/gateway/device-service.ts';
import { NO_HOOKS } from '../../../client/devices/gateway/gateway-hooks.ts';
import { createLogger } from '../../../client/engine/logging.ts';
import { MemoryJobStore } from '../../support/fakes/memory-job-store.ts';
import { jobInfo } from '../../support/gateway/executions.ts';

/** `release` offers a new job to all devices; they are in memory as they would be in the database. */
export type RawGatewayOrder =
  | { readonly kind: 'serve'; readonly url: string; readonly key: string; readonly things: readonly string[] }
  | { readonly kind: 'release'; readonly version: string };

const ONLY_JOB = 1;

function serve({ url, key, things }: Extract<RawGatewayOrder, { kind: 'serve' }>): (version: string) => void {
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
  return (version) => {
    store.addJob(jobInfo(ONLY_JOB, { version, jobId: `raw-${version.replaceAll('.', '-')}` }));
    store.release(ONLY_JOB, things, Date.now());
    service.offersChanged();
  };
}

let release: (version: string) => void = () => undefined;
process.on('message', (order: RawGatewayOrder) => {
  if (order.kind === 'serve') release = serve(order);
  else release(order.version);
});
process.on('disconnect', () => process.exit(0));
