import { Context } from '@temporalio/activity';
import type { GateCheck } from '#domain/plan/steps.ts';
import type { EvaluateGateInput } from '#domain/ports/gates.port.ts';
import { approvedContainerPlan } from '../runtime/approved-plan.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import type { Finding, GateWork } from './deps.ts';
import { runLoadTest } from './run-load-test.ts';
import { validateImage } from './validate-image.ts';

type ContainerCheck = Extract<GateCheck, { run: 'image_validation' | 'load_test' | 'canary_analysis' }>;

/** Checks that ask engines; inconclusive on a worker that reaches none, and for a plan that is not for containers. */
export async function checkContainers(
  work: GateWork,
  input: EvaluateGateInput,
  check: ContainerCheck,
): Promise<Finding> {
  const { containers } = work;
  if (containers === null) {
    return { kind: 'inconclusive', summary: 'this worker reaches no container engine', evidence: null };
  }
  const { cancellationSignal: signal } = Context.current();
  const plan = await ridingOut(work, () => approvedContainerPlan(work.pool, input));
  switch (check.run) {
    case 'image_validation':
      return validateImage(plan, await containers.imageOf(input), check.requires, { ...work, signal });
    case 'load_test':
      return runLoadTest(work, check.load, await containers.instancesOf(input), signal);
    case 'canary_analysis':
      return containers.judge(input);
  }
}
