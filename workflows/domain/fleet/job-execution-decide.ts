import { assertNever } from '../assert-never.ts';
import { accepted, executionData, executionSummary, rejected } from './job-execution-answer.ts';
import { unchanged, type Decision, type ThingState } from './job-execution-decision.ts';
import { decideExpire } from './job-execution-expire.ts';
import { NEXT_JOB, type DescribeRequest, type GetPendingRequest, type StoreRequest } from './job-execution-request.ts';
import { decideShadowReport } from './job-execution-shadow.ts';
import { decideStartNext } from './job-execution-start-next.ts';
import { decideUpdate } from './job-execution-update.ts';
import { inHandOutOrder, STATUS } from './job-execution.ts';

/** What `request` changes and what is answered, by what is known of its thing. Pure: every store asks this function. */
export function decide(state: ThingState, request: StoreRequest, nowMs: number): Decision {
  switch (request.kind) {
    case 'get':
      return listPending(state, request, nowMs);
    case 'describe':
      return describe(state, request, nowMs);
    case 'start-next':
      return decideStartNext(state, request, nowMs);
    case 'update':
      return decideUpdate(state, request, nowMs);
    case 'shadow-report':
      return decideShadowReport(state, request, nowMs);
    case 'expire':
      return decideExpire(state, request, nowMs);
    default:
      return assertNever(request);
  }
}

function listPending(state: ThingState, request: GetPendingRequest, nowMs: number): Decision {
  const pending = inHandOutOrder(state.executions);
  const inProgressJobs = pending.filter(({ row }) => row.status === STATUS.inProgress).map(executionSummary);
  const queuedJobs = pending.filter(({ row }) => row.status === STATUS.queued).map(executionSummary);
  return unchanged(accepted({ inProgressJobs, queuedJobs }, request.clientToken, nowMs));
}

function describe(state: ThingState, request: DescribeRequest, nowMs: number): Decision {
  const isNext = request.jobId === NEXT_JOB;
  const execution = isNext
    ? inHandOutOrder(state.executions)[0]
    : state.executions.find(({ job }) => job.jobId === request.jobId);
  if (execution === undefined && isNext) return unchanged(accepted({}, request.clientToken, nowMs));
  const isOtherNumber = request.executionNumber !== null && request.executionNumber !== execution?.row.executionNumber;
  if (execution === undefined || isOtherNumber) {
    const message = `no execution of job ${request.jobId} for ${request.thing}`;
    return unchanged(rejected({ code: 'ResourceNotFound', message }, request.clientToken, nowMs));
  }
  const data = executionData(execution, request.includeJobDocument);
  return unchanged(accepted({ execution: data }, request.clientToken, nowMs));
}
