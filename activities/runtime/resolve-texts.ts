import type { TextsOrSecrets } from '#domain/plan/health-check.ts';
import { resolveSecret, type SecretSource } from '../adapters/secrets/resolve-secret.ts';

export interface ResolvedTexts {
  readonly texts: Readonly<Record<string, string>>;
  /** Those of them that must not be seen anywhere. */
  readonly secrets: readonly string[];
}

/** The texts of a plan with its references to secrets resolved. Throws SECRET_UNRESOLVED. */
export async function resolveTexts(given: TextsOrSecrets | undefined, source: SecretSource): Promise<ResolvedTexts> {
  const texts: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(given ?? {})) {
    if (typeof value === 'string') texts[name] = value;
    else {
      const secret = (await resolveSecret(value, source)).reveal();
      texts[name] = secret;
      secrets.push(secret);
    }
  }
  return { texts, secrets };
}
