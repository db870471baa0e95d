import { stringify } from 'yaml';
import { createPlan } from '../../engine/plans/create-plan.ts';
import { findPlanChoices } from '../../engine/plans/plan-choices.ts';
import { createdDocument } from '../../engine/plans/plan-document.ts';
import { askForPlan } from '../../engine/plans/plan-questions.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { CliContext } from '../context.ts';
import { EXIT_INTERRUPTED } from '../interruption.ts';
import { Dialogue, Interrupted } from '../interactive/dialogue.ts';
import { renderCreated } from '../render/plan.ts';

const FILE_NAME = 'plan.yaml';

/**
 * Makes the plan that a person describes by answers, and prints the file that would do the same. Throws USAGE where
 * nobody can be asked, NOTHING_TO_CHOOSE, and as `createPlan`, after printing the file that was refused.
 */
export async function createPlanByAnswers(cli: CliContext, acceptNoWayBack: string | null): Promise<void> {
  const answers = await answersOf(cli);
  if (answers === null) return;
  const content = stringify(answers);
  const author = (await cli.person()).name;
  const file = { content, name: FILE_NAME };
  const created = await createPlan(cli.deps(), { file, author, acceptNoWayBack }).catch((error: unknown) => {
    cli.note(`\n${fileText(content)}`);
    throw error;
  });
  cli.print({ ...createdDocument(created), file: answers }, `${renderCreated(created)}\n\n${fileText(content)}`);
}

/** The plan file; null when the person went away. */
async function answersOf(cli: CliContext): Promise<object | null> {
  const streams = cli.dialogue();
  if (streams === null) {
    const hint = 'sluice plan create --config FILE   ·   examples/canary-plan.yaml of a clone is one';
    throw sluiceError('USAGE', { why: '--interactive asks in a terminal, and this is none' }, { hint });
  }
  const choices = await findPlanChoices(cli.deps());
  const dialogue = new Dialogue(streams);
  try {
    return await askForPlan(choices, (question) => dialogue.ask(question));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    cli.note('\nstopped; no plan was made');
    cli.exitWith(EXIT_INTERRUPTED);
    return null;
  } finally {
    dialogue.close();
  }
}

const fileText = (content: string): string =>
  `the same by file: sluice plan create --config ${FILE_NAME}, with\n\n${content.trimEnd()}`;
