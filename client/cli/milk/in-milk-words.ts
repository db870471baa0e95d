import { SluiceError } from '#domain/errors/failure.ts';
import type { MilkWish } from './milk-wish.ts';

/** The result of `work`; what it throws tells the way out that somebody with MilkBottle's file has. */
export async function inMilkWords<T>(wish: MilkWish, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const words = wordsFor(error, wish);
    throw words === null ? error : new SluiceError({ ...error.report, ...words }, error);
  }
}

interface Words {
  readonly where: string;
  readonly hint: string;
}

function wordsFor({ code }: SluiceError, { file, environment }: MilkWish): Words | null {
  switch (code) {
    case 'APPLICATION_UNKNOWN':
    case 'APPLICATION_NOT_DEPLOYED':
      return { where: `${file}: deployment.docker.image_name`, hint: `milk deployment deploy --config ${file}` };
    case 'ENVIRONMENT_UNKNOWN':
      return {
        where: `${file}: deployment.environment`,
        hint: `echo 'environments: { ${environment}: { target: docker } }' > environments.yaml && sluice env apply -f environments.yaml`,
      };
    case 'PLAN_TARGET_MISMATCH':
      return {
        where: `${file}: deployment.environment`,
        hint: 'name an environment with target docker: sluice env list',
      };
    default:
      return null;
  }
}
