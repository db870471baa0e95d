import { sluiceError } from '#domain/errors/failure.ts';

const SHORTEST = 8;

/**
 * The digest that a person means by `given`: people copy the short form that lists show, so eight or more leading characters
 * of `shown` mean it whole. Anything else stays as it is, for the refusal to show. Throws USAGE when it is too short to tell.
 */
export function meantDigest(shown: string, given: string): string {
  const written = given.trim().replace(/…$/, '').toLowerCase();
  if (written.length < SHORTEST) {
    const hint = `give the whole digest, or at least its first ${SHORTEST} characters`;
    throw sluiceError('USAGE', { why: `--digest ${JSON.stringify(given)} is too short` }, { where: '--digest', hint });
  }
  return shown.startsWith(written) ? shown : written;
}
