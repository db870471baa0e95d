// All devices of the bench in one process of their own.
import type { CrowdOrder, CrowdReport } from './crowd-messages.ts';
import { ThinDevice, type DeviceEvents } from './thin-device.ts';

const CONNECTING_AT_ONCE = 200;
const REPEAT_LOOK_MS = 500;

class Crowd {
  #devices: ThinDevice[] = [];
  #connected = 0;
  #waiting: (() => void)[] = [];
  #done = 0;
  #repeats = 0;
  #firstJobAt = 0;
  readonly #latencies: number[] = [];

  async connect(order: Extract<CrowdOrder, { kind: 'connect' }>): Promise<void> {
    const key = Buffer.from(order.key, 'base64');
    const events: DeviceEvents = {
      onConnected: () => {
        this.#connected += 1;
        this.#waiting.shift()?.();
      },
      onJob: () => (this.#firstJobAt ||= performance.now()),
      onAnswer: (latencyMs) => this.#latencies.push(latencyMs),
      onDone: () => this.#finish(),
    };
    for (const thing of order.things) {
      this.#devices.push(new ThinDevice(order.url, thing, key, events));
      if (this.#devices.length - this.#connected >= CONNECTING_AT_ONCE) await this.#oneMore();
    }
    while (this.#connected < this.#devices.length) await this.#oneMore();
    setInterval(() => this.#repeat(), REPEAT_LOOK_MS);
    report({ kind: 'connected' });
  }

  measure(): void {
    this.#done = 0;
    this.#repeats = 0;
    this.#firstJobAt = 0;
    this.#latencies.length = 0;
    report({ kind: 'measuring' });
  }

  #oneMore(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #repeat(): void {
    const now = performance.now();
    for (const device of this.#devices) if (device.repeat(now)) this.#repeats += 1;
  }

  #finish(): void {
    this.#done += 1;
    if (this.#done !== this.#devices.length) return;
    const durationMs = performance.now() - this.#firstJobAt;
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    const at = (share: number): number => Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;
    const answerLatencyMs = { p50: at(0.5), p99: at(0.99) };
    report({ kind: 'done', durationMs, answerLatencyMs, repeats: this.#repeats });
  }
}

const report = (message: CrowdReport): void => void process.send?.(message);

const crowd = new Crowd();
process.on('message', (order: CrowdOrder) => {
  if (order.kind === 'connect') void crowd.connect(order);
  else crowd.measure();
});
process.on('disconnect', () => process.exit(0));
