import type { TextsOrSecrets } from '#domain/plan/health-check.ts';
import { askHttp, type HttpLook } from '../adapters/http-check/ask-http.ts';
import { head, redact } from './redact.ts';
import { resolveTexts } from './resolve-texts.ts';
import type { CommandTools } from './told-command.ts';

/** A request of a plan: of a gate, a hook or a health check. */
export interface PlannedRequest {
  readonly url: string;
  readonly method: string;
  readonly expectedStatus: number;
  readonly timeoutMs: number;
  readonly headers?: TextsOrSecrets;
  readonly body: string | null;
}

/** How a request came out: `how` in words (`503 instead of 200`), `seen` as evidence without secrets. */
export interface RequestOutcome {
  readonly succeeded: boolean;
  readonly how: string;
  readonly seen: Readonly<Record<string, unknown>>;
}

/** Sends a plan's request once, with its own headers and those it is `told` (these win). Throws SECRET_UNRESOLVED. */
export async function runToldRequest(
  request: PlannedRequest,
  told: Readonly<Record<string, string>>,
  tools: CommandTools,
): Promise<RequestOutcome> {
  const { url, method, body, timeoutMs, expectedStatus } = request;
  const { texts, secrets } = await resolveTexts(request.headers, tools);
  const followsRedirects = expectedStatus < 300 || expectedStatus > 399;
  const headers = withTold(texts, told);
  const look = await askHttp({ url, method, headers, body, timeoutMs, followsRedirects, signal: tools.signal });
  const clean = (text: string): string => redact(text, secrets);
  const seen = { asked: clean(`${method} ${url}`), ...mapTexts(look, (text) => head(clean(text))) };
  const succeeded = look.kind === 'answered' && look.status === expectedStatus;
  return { succeeded, how: clean(describe(look, request)), seen };
}

/** Names of headers are the same however they are written: two of one name would be sent as one list. */
function withTold(texts: Readonly<Record<string, string>>, told: Readonly<Record<string, string>>) {
  const taken = new Set(Object.keys(told).map((name) => name.toLowerCase()));
  const own = Object.entries(texts).filter(([name]) => !taken.has(name.toLowerCase()));
  return { ...Object.fromEntries(own), ...told };
}

function describe(look: HttpLook, { url, expectedStatus }: PlannedRequest): string {
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
