import type { HealthCheck, HttpHealthCheck, MqttHealthCheck } from '#domain/plan/health-check.ts';
import { askHttp } from '../adapters/http-check/ask-http.ts';
import { askMqtt } from '../adapters/mqtt-check/ask-mqtt.ts';
import { resolveSecret, type SecretSource } from '../adapters/secrets/resolve-secret.ts';
import { head, redact } from './redact.ts';

/** What a health check found in its last try; `seen` is evidence: without secrets, of limited size. */
export interface CheckResult {
  readonly name: string;
  readonly healthy: boolean;
  readonly summary: string;
  readonly tries: number;
  readonly seen: Readonly<Record<string, unknown>>;
}

export interface CheckTools extends SecretSource {
  /** Aborted when the activity is cancelled. */
  readonly signal: AbortSignal;
  /** Between two tries. */
  readonly wait: (waitMs: number) => Promise<void>;
  /** All tries together; who asks may have less time than the check would take. */
  readonly budgetMs: number;
}

const PAUSE_BETWEEN_TRIES_MS = 500;
const MINIMUM_TRY_MS = 100;

/** Tries the check up to `1 + retryCount` times; the first good try decides. Throws SECRET_UNRESOLVED. */
export async function runHealthCheck(check: HealthCheck, tools: CheckTools): Promise<CheckResult> {
  const endsAt = performance.now() + tools.budgetMs;
  for (let tries = 1; ; tries += 1) {
    const leftMs = Math.max(MINIMUM_TRY_MS, Math.floor(endsAt - performance.now()));
    const timeoutMs = Math.min(check.timeoutMs, leftMs);
    const look =
      check.type === 'http'
        ? await lookHttp({ ...check, timeoutMs }, tools)
        : await lookMqtt({ ...check, timeoutMs }, tools);
    const isLast = tries > check.retryCount || performance.now() + PAUSE_BETWEEN_TRIES_MS >= endsAt;
    if (look.healthy || isLast) return { name: check.name, tries, ...look };
    await tools.wait(PAUSE_BETWEEN_TRIES_MS);
  }
}

type Look = Pick<CheckResult, 'healthy' | 'summary' | 'seen'>;

async function lookHttp(check: HttpHealthCheck, { signal }: CheckTools): Promise<Look> {
  const { url, method, timeoutMs, expectedStatus } = check;
  const asked = redact(`${method} ${url}`);
  const look = await askHttp({ url, method, timeoutMs, signal });
  if (look.kind === 'unanswered') {
    return { healthy: false, summary: `${check.name}: ${look.why}`, seen: { asked, ...look } };
  }
  const healthy = look.status === expectedStatus;
  const summary = healthy
    ? `${check.name}: ${look.status}`
    : `${check.name}: ${look.status} instead of ${expectedStatus}`;
  return { healthy, summary, seen: { asked, ...look, answer: head(redact(look.answer)) } };
}

async function lookMqtt(check: MqttHealthCheck, tools: CheckTools): Promise<Look> {
  const { broker, topic, timeoutMs } = check;
  const password = check.credentials && (await resolveSecret(check.credentials.password, tools));
  const credentials = check.credentials &&
    password && { username: check.credentials.username, password: password.reveal() };
  const look = await askMqtt({ broker, topic, timeoutMs, credentials, signal: tools.signal });
  const healthy = look.kind === 'heard';
  const summary = healthy ? `${check.name}: a message in ${look.tookMs} ms` : `${check.name}: ${look.why}`;
  return { healthy, summary, seen: { asked: `${redact(broker)} ${topic}`, ...look } };
}
