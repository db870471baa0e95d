import type { Logger } from 'pino';
import type { Settings } from '../../engine/settings.ts';
import type { GatewayHooks } from './gateway-hooks.ts';
import { runGateway } from './run-gateway.ts';

/** Runs the gateway until SIGTERM or SIGINT, and ends in good order. */
export async function serveUntilSignal(settings: Settings, log: Logger, hooks?: GatewayHooks): Promise<void> {
  const gateway = runGateway(settings, log, hooks && { hooks });
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, resolve);
  });
  log.info({ signal }, 'stopping');
  await gateway.stop();
}
