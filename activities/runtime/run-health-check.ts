import type { HealthCheck, HttpHealthCheck, MqttHealthCheck } from '#domain/plan/health-check.ts';
import { askHttp, type HttpLook } from '../adapters/http-check/ask-http.ts';
import { askMqtt } from '../adapters/mqtt-check/ask-mqtt.ts';
import { resolveSecret, type SecretSource } from '../adapters/secrets/resolve-secret.ts';
import { head, redact } from './redact.ts';
import { resolveTexts } from './resolve-texts.ts';

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

async function lookHttp(check: HttpHealthCheck, tools: CheckTools): Promise<Look> {
  const { url, method, timeoutMs, expectedStatus } = check;
  const { texts: headers, secrets } = await resolveTexts(check.headers, tools);
  const followsRedirects = expectedStatus < 300 || expectedStatus > 399;
  const look = await askHttp({ url, method, headers, timeoutMs, followsRedirects, signal: tools.signal });
  const clean = (text: string): string => redact(text, secrets);
  const seen = { asked: clean(`${method} ${url}`), ...mapTexts(look, (text) => head(clean(text))) };
  const healthy = look.kind === 'answered' && look.status === expectedStatus;
  return { healthy, summary: `${check.name}: ${clean(describe(look, check))}`, seen };
}

function describe(look: HttpLook, { url, expectedStatus }: HttpHealthCheck): string {
  switch (look.kind) {
    case 'unanswered':
      return look.why;
    case 'led-elsewhere':
      return `${look.status} leads to another origin, ${new URL(look.to).origin}, instead of ${expectedStatus}`;
    case 'answered': {
      const by = look.answeredBy === new URL(url).href ? '' : ` of ${look.answeredBy}`;
      return look.status === expectedStatus
        ? `${look.status}${by}`
        : `${look.status}${by} instead of ${expectedStatus}`;
    }
  }
}

const mapTexts = (look: HttpLook, change: (text: string) => string): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(look).map(([key, value]) => [key, typeof value === 'string' ? change(value) : value]),
  );

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
