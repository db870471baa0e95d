import type { RegistryCredentials } from '#domain/containers/container-spec.ts';
import type { ResolvedCredentials } from '#domain/ports/container-engine.port.ts';
import { resolveSecret, type SecretSource } from '../adapters/secrets/resolve-secret.ts';

/** Credentials with their password read; null signs in nowhere. Throws SECRET_UNRESOLVED. */
export async function readCredentials(
  given: RegistryCredentials | null,
  source: SecretSource,
): Promise<ResolvedCredentials | null> {
  if (given === null) return null;
  return { username: given.username, password: (await resolveSecret(given.password, source)).reveal() };
}
