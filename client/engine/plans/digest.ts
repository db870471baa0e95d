import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Plan } from '#domain/plan/plan.ts';

/** SHA-256, in hex, over the plan's RFC 8785 form: what approvals and runs bind to. */
export function planDigest(plan: Plan): string {
  const text = canonicalize(plan);
  if (text === undefined) throw new Error('a plan always has a canonical form');
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
