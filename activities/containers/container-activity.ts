import { Context } from '@temporalio/activity';
import { guarded } from '../runtime/guard.ts';
import { withHeartbeat } from '../runtime/heartbeat.ts';
import type { ContainerDeps, ContainerWork } from './deps.ts';

/** Makes activities of what is done with engines and router: with a beating heart, and errors of the catalogue. */
export function containerActivity(deps: ContainerDeps) {
  return <Input, Output>(work: (tools: ContainerWork, input: Input) => Promise<Output>) =>
    guarded((input: Input) => {
      const { cancellationSignal: signal, info } = Context.current();
      // Pulls, probes, drains and hooks bound themselves.
      return withHeartbeat((pulse) => work({ ...deps, pulse, signal }, input), info.startToCloseTimeoutMs);
    });
}

/** For work inside an activity whose heart beats already, and too short to tell how far it is. */
export const withinActivity = (deps: ContainerDeps): ContainerWork => ({
  ...deps,
  pulse: { note: () => undefined },
  signal: Context.current().cancellationSignal,
});
