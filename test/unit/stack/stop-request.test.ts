import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { stopOnSignals } from '../../../workers/stack/stop-request.ts';

function listen() {
  const signals = new EventEmitter();
  let nowMs = 0;
  let forced = 0;
  const stop = stopOnSignals(signals, () => nowMs);
  stop.onForce(() => (forced += 1));
  const send = (signal: string, atMs: number): void => {
    nowMs = atMs;
    signals.emit(signal);
  };
  return { stop, send, forced: () => forced };
}

describe('a wish to stop', () => {
  it('is heard at the first signal', async () => {
    const { stop, send } = listen();
    send('SIGHUP', 0);
    await stop.requested;
  });

  it('is not insisted on by the same signal coming twice, from terminal and npx', () => {
    const { send, forced } = listen();
    send('SIGINT', 0);
    send('SIGINT', 40);
    expect(forced()).toBe(0);
  });

  it('is insisted on by a second Ctrl-C of the same person', () => {
    const { send, forced } = listen();
    send('SIGINT', 0);
    send('SIGINT', 2_500);
    expect(forced()).toBe(1);
  });

  it('is never insisted on by a terminal that hangs up', () => {
    const { send, forced } = listen();
    send('SIGINT', 0);
    send('SIGHUP', 2_500);
    expect(forced()).toBe(0);
  });
});
