import type { HealthCheck } from '#domain/plan/health-check.ts';
import { lookAtCheck, type Look } from './look-at-check.ts';
import type { CommandTools } from './told-command.ts';

/** What a health check found in its last try; `seen` is evidence: without secrets, of limited size. */
export interface CheckResult extends Look {
  readonly name: string;
  readonly tries: number;
}

export interface CheckTools extends CommandTools {
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
    const look = await lookAtCheck({ ...check, timeoutMs }, tools);
    const isLast = tries > check.retryCount || performance.now() + PAUSE_BETWEEN_TRIES_MS >= endsAt;
    if (look.healthy || isLast) return { name: check.name, tries, ...look };
    await tools.wait(PAUSE_BETWEEN_TRIES_MS);
  }
}
