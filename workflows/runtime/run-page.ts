import { approvalOf } from '#domain/approvals/approval.ts';
import { failures, pending } from '#domain/fleet/counts.ts';
import { describeCriteria } from '#domain/fleet/accept-breach.ts';
import type { RunPlan } from '#domain/plan/run-plan.ts';
import { describeStep } from '#domain/plan/describe-step.ts';
import { startsNow } from '#domain/run/refuse-start-now.ts';
import { isClosed, type RunState } from '#domain/run/run-state.ts';
import { describeInterrupt } from '#domain/run/refusal.ts';
import type { MemberView, RunView, WaitingGate, WaveView } from '#domain/run/run-view.ts';

/** The six answers of a run. Nothing in them was not observed when the page was written: it stands until the next event. */
interface Answers {
  readonly doing: string;
  readonly next: string;
  readonly whoCanAct: string;
  readonly wayBack: string;
}

/** A run on one Markdown page: what it does, why, since when, what comes next, who can act and how to go back. */
export function runPage(view: RunView, plan: RunPlan): string {
  const { doing, next, whoCanAct, wayBack } = answers(view, plan);
  const { state, subject } = view;
  const lines = [
    `## ${oneLine(view.name)}: ${subject.name} ${subject.version} → ${view.environment}`,
    `**${state.phase}** since ${state.since}${view.pausing ? ' (pausing)' : ''}`,
    '',
    `- **doing**: ${oneLine(doing)}`,
    `- **why**: ${oneLine(why(view))}`,
    `- **next**: ${oneLine(next)}`,
    `- **who can act**: ${oneLine(whoCanAct)}`,
    `- **way back**: ${oneLine(wayBack)}`,
    '',
    ...waveTable(view),
    ...trafficTable(view),
    ...memberTable(view),
  ];
  return lines.join('\n');
}

function answers(view: RunView, plan: RunPlan): Answers {
  if (isClosed(view.state.phase)) return closed(view.state);
  if (view.state.phase === 'rolling-back') return rollingBack(view, view.state.since);
  if (view.interrupt) return stopping(view);
  const wayBack = command(view, 'rollback --reason "…"');
  if (view.state.phase === 'paused') return { ...paused(view, view.state, plan), wayBack };
  if (view.waiting) return { ...waiting(view, view.waiting, plan), wayBack };
  if (view.state.phase === 'queued') return { ...inLine(view, plan), wayBack };
  if (view.state.phase === 'waiting-for-window') return { ...parked(view, view.state, plan), wayBack };
  const anybody = `anybody: ${command(view, 'pause|cancel|rollback')}`;
  return { doing: underWay(view, plan), next: nextStep(view, plan), whoCanAct: anybody, wayBack };
}

const command = ({ run }: RunView, verb: string): string => {
  const [name = '', ...options] = verb.split(' ');
  return ['sluice deploy', name, `--execution-id ${run}`, ...options].join(' ');
};

function underWay(view: RunView, plan: RunPlan): string {
  if (!view.step) return 'choosing its first step';
  const { index, summary, since } = view.step;
  const watched = describeCriteria(view.criteria, plan.watch.healthChecks.length);
  const hasEffect = view.waves.some(({ state }) => state !== 'waiting') || (view.traffic?.instances.ready ?? 0) > 0;
  const watching = hasEffect ? `; watching ${watched}` : '';
  const pausing = view.pausing ? '; pauses when it can be held' : '';
  return `${summary} (step ${index + 1} of ${view.steps}) since ${since}${watching}${pausing}`;
}

function nextStep(view: RunView, plan: RunPlan): string {
  const following = plan.steps[view.step ? view.step.index + 1 : 0];
  return following ? describeStep(following) : 'the last look at the criteria, then completed';
}

function waiting(view: RunView, gate: WaitingGate, plan: RunPlan): Omit<Answers, 'wayBack'> {
  const expires = gate.expiresAt === null ? 'never expires' : `expires ${gate.expiresAt}`;
  return {
    doing: `waiting for the ${approvalOf(gate.opens)}: ${missing(gate)} of role ${gate.policy.role}, asked ${gate.since}${reminders(gate)}, ${expires}`,
    next: `when decided: ${nextStep(view, plan)}`,
    whoCanAct: `role ${gate.policy.role}: sluice approve ${view.run} (or reject), not ${view.author}; anybody: ${command(view, 'pause|cancel|rollback')}`,
  };
}

const reminders = ({ reminded }: WaitingGate): string =>
  reminded ? `, reminded ${reminded.times} times (last ${reminded.lastAt})` : '';

function missing({ policy, decisions }: WaitingGate): string {
  const count = policy.quorum - new Set(decisions.map((one) => one.by)).size;
  return `${count} more ${count === 1 ? 'approval' : 'approvals'}`;
}

function inLine(view: RunView, plan: RunPlan): Omit<Answers, 'wayBack'> {
  return {
    doing: `waiting for its turn in ${view.environment}; nothing new begins`,
    next: `then: ${nextStep(view, plan)}`,
    whoCanAct: `anybody: sluice env queue ${view.environment} (who is before it); ${command(view, 'pause|cancel|rollback')}`,
  };
}

type Parked = Extract<RunState, { phase: 'waiting-for-window' }>;

function parked(view: RunView, { opensAt, heldBy }: Parked, plan: RunPlan): Omit<Answers, 'wayBack'> {
  const until = opensAt === null ? 'it does not open by itself' : `opens ${opensAt}`;
  const who = heldBy === 'window' ? `role ${startsNow(view).join(' or ')}` : 'anybody';
  return {
    doing: `waiting for its ${heldBy}: ${until}; nothing new begins`,
    next: `then: ${nextStep(view, plan)}`,
    whoCanAct: `${who}: sluice deploy start-now ${view.run} --reason "…"; anybody: ${command(view, 'pause|cancel|rollback')}`,
  };
}

type Paused = Extract<RunState, { phase: 'paused' }>;

/** A gate may be decided while its run is paused. */
function paused(view: RunView, state: Paused, plan: RunPlan): Omit<Answers, 'wayBack'> {
  const resume = `anybody: ${command(view, 'resume')} (or cancel, rollback)`;
  const asked = view.waiting ? waiting(view, view.waiting, plan) : null;
  const step = view.step ? ` at ${view.step.summary} (step ${view.step.index + 1} of ${view.steps})` : '';
  return {
    doing: `paused by ${state.by}${step}; nothing new begins${asked ? `; ${asked.doing}` : ''}`,
    next: `after resume: ${view.step?.summary ?? nextStep(view, plan)}`,
    whoCanAct: asked
      ? `${resume}; role ${view.waiting?.policy.role}: sluice approve ${view.run} (or reject), not ${view.author}`
      : resume,
  };
}

const NOBODY = 'nobody: it ends by itself; commands are refused meanwhile';

function rollingBack(view: RunView, since: string): Answers {
  return {
    doing: `${wayBackOf(view)} since ${since}; how far it is: sluice run show ${view.run}`,
    next: view.members
      ? 'rolled-back when every application runs what it ran before, else rollback-incomplete with those left'
      : view.traffic
        ? 'rolled-back when the version before serves alone, else rollback-incomplete with what is left'
        : 'rolled-back when every device confirmed, else rollback-incomplete with those left',
    whoCanAct: NOBODY,
    wayBack: 'under way',
  };
}

function wayBackOf({ traffic, subject, members }: RunView): string {
  if (members) return 'taking its applications back, the last first';
  if (!traffic) return `taking every device that may be on ${subject.version} back to its own previous firmware`;
  const back = traffic.before ? `${traffic.before.version} serves again` : 'nothing of it is left';
  return `taking ${subject.version} out of traffic and removing it, so that ${back}`;
}

function stopping(view: RunView): Answers {
  const isCancel = view.interrupt?.why === 'cancel';
  return {
    doing: `stopping: ${describeInterrupt(view)}; nothing more begins`,
    next: isCancel ? afterCancel(view) : 'what was begun is ended, then the way back',
    whoCanAct: NOBODY,
    wayBack:
      isCancel && !view.traffic && !view.members
        ? 'a plan with the earlier version: a cancelled run takes nothing back'
        : 'about to begin',
  };
}

const afterCancel = ({ traffic, members }: RunView): string =>
  members
    ? 'cancelled, its applications run what they ran before'
    : traffic
      ? 'cancelled, the version before serves again'
      : 'cancelled, what is installed stays';

function closed({ phase }: RunState): Answers {
  const isInstalled = phase === 'completed' || phase === 'cancelled';
  return {
    doing: `nothing: ${phase}`,
    next: 'nothing: the run is over',
    whoCanAct: 'nobody needs to',
    wayBack: isInstalled ? 'a plan with the earlier version: sluice plan create' : 'the run is over',
  };
}

function why(view: RunView): string {
  const reason = 'reason' in view.state ? `${view.state.reason}; ` : '';
  return `${reason}plan ${view.planId} by ${view.author}, digest ${view.digest.slice(0, 12)}`;
}

function waveTable({ waves, run, state: { phase } }: RunView): string[] {
  if (waves.length === 0) return [];
  const rows = waves.map((wave) => `| ${wave.wave} | ${cell(wave.label)} | ${wave.state} | ${numbers(wave)} |`);
  const isOffering = waves.some(({ state }) => state === 'offering');
  const heartbeat = phase === 'running' ? 'the heartbeat of the pending activity `offerWave`, and in ' : '';
  return [
    '| wave | size | state | offered | succeeded | failed | pending | skipped |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
    ...(isOffering ? ['', `… stands for numbers that change: see ${heartbeat}\`sluice run show ${run}\``] : []),
  ];
}

function trafficTable({ traffic, subject }: RunView): string[] {
  if (!traffic) return [];
  const { before, weightBasisPoints, instances, address } = traffic;
  const percent = weightBasisPoints / 100;
  return [
    '| version | traffic | instances |',
    '|---|---|---|',
    ...(before ? [`| ${cell(before.version)} | ${100 - percent} % | ${before.instances} |`] : []),
    `| ${cell(subject.version)} | ${percent} % | ${instances.ready} ready of ${instances.wanted} |`,
    ...(address === null ? [] : ['', `clients reach it at ${address}${traffic.isHolding ? '; requests wait' : ''}`]),
  ];
}

function memberTable({ members = [] }: RunView): string[] {
  if (members.length === 0) return [];
  const row = ({ wave, application, version, state, run, back }: MemberView): string =>
    `| ${wave} | ${cell(application)} | ${cell(version)} | ${state} | ${back ?? run ?? '–'} |`;
  return ['| wave | application | version | state | run |', '|---|---|---|---|---|', ...members.map(row)];
}

/** A wave under way has numbers that change all the time: none is better than an old one, and much better than 0. */
function numbers({ state, counts }: WaveView): string {
  if (state === 'offering') return Array.from({ length: 5 }, () => '…').join(' | ');
  if (!counts) return Array.from({ length: 5 }, () => '–').join(' | ');
  return [counts.offered, counts.succeeded, failures(counts), pending(counts), counts.skipped].join(' | ');
}

/** Filters and reasons are people's text: none of it may end a line, or a cell of the table. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
const cell = (text: string): string => oneLine(text).replaceAll('|', '\\|');
