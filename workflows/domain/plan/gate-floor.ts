import type { QualityGatesSpec } from '../environments/gate.schema.ts';
import { formatDuration } from '../time.ts';
import { gateStep, isAlwaysFirst, listedIn, type GateRules } from './gate-steps.ts';
import type { TextsOrSecrets } from './health-check.ts';
import { weaknesses } from './policy-floor.ts';
import type { GateCheck, GateStep } from './steps.ts';

/** One way in which a plan's gate asks for less than the required one. */
export interface GateWeakness {
  /** Below the gate's own section: `manual.quorum`, `required`; empty for the gate itself. */
  readonly at: string;
  readonly expected: string;
  readonly got: string;
}

/** The gates that a configuration requires of every run; the built-in first two are every plan's anyway. */
export function requiredGates(rules: GateRules, listed: QualityGatesSpec): GateStep[] {
  const of = (phase: GateStep['phase']) =>
    listedIn(listed, phase).map((one) => gateStep(rules, one, phase, `gate-${one.name}`));
  return [...of('pre'), ...of('post')].filter(({ gate, required }) => required && !isAlwaysFirst(gate));
}

/** Where a plan's `gate` falls below the required one of the same name and phase; null is a gate that is not there. */
export function gateWeaknesses(gate: GateStep | null, floor: GateStep): GateWeakness[] {
  const what = `${floor.gate}, required ${whenOf(floor)}`;
  if (gate === null) return [{ at: '', expected: what, got: 'no such gate' }];
  const checks = checkWeaknesses(gate.check, floor.check);
  if (checks.length > 0 || gate.required) return checks;
  return [{ at: 'required', expected: what, got: 'required: false' }];
}

export const whenOf = ({ phase }: GateStep): string =>
  phase === 'pre' ? 'before the first wave' : 'after the last wave';

/** What runs must be the same; of people, time and tries a plan may ask for what is harder to pass. */
function checkWeaknesses(check: GateCheck, floor: GateCheck): GateWeakness[] {
  switch (floor.run) {
    case 'manual':
      if (check.run !== 'manual') return [{ at: 'manual', expected: 'people to decide', got: describe(check) }];
      return weaknesses(check.policy, floor.policy).map(({ field, ...rest }) => ({ at: `manual.${field}`, ...rest }));
    case 'command':
      if (check.run !== 'command' || check.command.join('\0') !== floor.command.join('\0')) {
        return [{ at: 'command', expected: describe(floor), got: describe(check) }];
      }
      return [...others(check.env, floor.env, 'env'), ...longer(check.timeoutMs, floor.timeoutMs, 'timeout')];
    case 'http':
      return httpWeaknesses(check, floor);
    case 'health_check':
      return check.run === 'health_check' ? [] : [{ at: '', expected: 'a health check', got: describe(check) }];
    case 'load_test':
      return check.run === 'load_test' ? [] : [{ at: 'load', expected: 'a load test', got: describe(check) }];
    case 'firmware_validation':
    case 'device_compatibility_check':
    case 'image_validation':
    case 'canary_analysis':
    case 'none':
      return [];
  }
}

type HttpGate = Extract<GateCheck, { run: 'http' }>;

function httpWeaknesses(check: GateCheck, floor: HttpGate): GateWeakness[] {
  if (check.run !== 'http' || describe(check) !== describe(floor)) {
    return [{ at: 'http', expected: describe(floor), got: describe(check) }];
  }
  const most = floor.check.retryCount;
  const [asked, wanted] = [check.check, floor.check].map((one) => (one.type === 'http' ? one.headers : undefined));
  const tries = { at: 'http.retry_count', expected: `at most ${most}`, got: String(check.check.retryCount) };
  return [
    ...others(asked, wanted, 'http.headers'),
    ...longer(check.check.timeoutMs, floor.check.timeoutMs, 'http.timeout'),
    ...(check.check.retryCount > most ? [tries] : []),
  ];
}

type Texts = TextsOrSecrets | undefined;

/** Variables and headers decide what a command or an address does: a plan neither adds nor leaves out any. */
function others(given: Texts, wanted: Texts, at: string): GateWeakness[] {
  if (textsOf(given) === textsOf(wanted)) return [];
  return [{ at, expected: namesOf(wanted), got: namesOf(given) === namesOf(wanted) ? 'other values' : namesOf(given) }];
}

const textsOf = (texts: Texts = {}): string =>
  JSON.stringify(
    Object.entries(texts)
      .map(([name, value]) => [name, typeof value === 'string' ? value : [value.secretRef]] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Without their values, which may be secret. */
const namesOf = (texts: Texts = {}): string => Object.keys(texts).sort().join(', ') || 'none';

function longer(ms: number, mostMs: number, at: string): GateWeakness[] {
  return ms <= mostMs ? [] : [{ at, expected: `at most ${formatDuration(mostMs)}`, got: formatDuration(ms) }];
}

/** What a gate runs, without what may be asked for more strictly. */
function describe(check: GateCheck): string {
  switch (check.run) {
    case 'command':
      return `the command ${JSON.stringify(check.command.join(' ').replace(/^sh -c /, ''))}`;
    case 'http':
      return check.check.type === 'http'
        ? `${check.check.method} ${check.check.url} to answer ${check.check.expectedStatus}`
        : check.check.name;
    case 'manual':
      return 'people to decide';
    case 'none':
      return 'nothing to run';
    default:
      return check.run;
  }
}
