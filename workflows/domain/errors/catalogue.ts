import { applicationErrors } from './application.errors.ts';
import { containerErrors } from './container.errors.ts';
import type { Entry } from './entry.ts';
import { fleetErrors } from './fleet.errors.ts';
import { holdErrors } from './hold.errors.ts';
import { milkErrors } from './milk.errors.ts';
import { planErrors } from './plan.errors.ts';
import { platformErrors } from './platform.errors.ts';
import { promotionErrors } from './promotion.errors.ts';
import { releaseErrors } from './release.errors.ts';
import { routerErrors } from './router.errors.ts';
import { runErrors } from './run.errors.ts';

/** Every error a person or a program can meet: code → kind, message, hint. HTTP status and exit code follow from the kind. */
export const catalogue = {
  ...applicationErrors,
  ...containerErrors,
  ...fleetErrors,
  ...holdErrors,
  ...milkErrors,
  ...planErrors,
  ...platformErrors,
  ...promotionErrors,
  ...releaseErrors,
  ...routerErrors,
  ...runErrors,
};

export type Code = keyof typeof catalogue;
export type DataOf<C extends Code> = (typeof catalogue)[C] extends Entry<infer Data> ? Data : never;

export const isCode = (text: string): text is Code => Object.hasOwn(catalogue, text);
