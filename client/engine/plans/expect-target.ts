import type { Environment } from '#domain/environments/environment.ts';
import type { Target } from '#domain/environments/environment.schema.ts';
import { sluiceError } from '#domain/errors/failure.ts';

/** Throws PLAN_TARGET_MISMATCH when the environment is for something else; `where` names the place that chose it. */
export function expectTarget({ name, target }: Environment, wanted: Target, where: string): void {
  if (target !== wanted) throw sluiceError('PLAN_TARGET_MISMATCH', { environment: name, target, wanted }, { where });
}
