/** A gateway small enough to be read at a glance: AWS IoT Jobs in memory, with a record of all it was asked. */
import { connectAsync } from 'mqtt';
import type { MqttClient } from 'mqtt';
import { Happenings } from './deadline.ts';
import type { TestDocument } from './firmware.ts';

interface Body {
  readonly clientToken: string;
  readonly status?: string;
  readonly statusDetails?: Record<string, string>;
  readonly expectedVersion?: number;
}

export interface Asked {
  readonly thing: string;
  readonly request: 'start-next' | 'get' | 'update' | 'shadow';
  readonly jobId?: string;
  readonly body: Body;
  /** `accepted`, a rejection code, or `lost` when the script swallowed the answer. */
  outcome: string;
}

interface Execution {
  readonly jobId: string;
  readonly thing: string;
  readonly document: TestDocument;
  status: string;
  versionNumber: number;
  starts: number;
}

type Answer = { readonly ok: boolean; readonly body: Record<string, unknown> };

export class JobServer {
  readonly asked = new Happenings<Asked>();
  readonly #client: MqttClient;
  readonly #executions: Execution[] = [];
  readonly #answers = new Map<string, Answer>();
  /** Answers to matching requests are swallowed, after they took effect. */
  loses: (asked: Asked) => boolean = () => false;
  #reaction: { readonly matches: (asked: Asked) => boolean; readonly react: () => void } | undefined;
  /** Starts of an execution in progress that make it a boot loop. */
  startsOfABootLoop = 3;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on('message', (topic, payload) => this.#receive(topic, payload.toString()));
  }

  static async start(url: string): Promise<JobServer> {
    const client = await connectAsync(url, {
      protocolVersion: 4,
      reconnectPeriod: 50,
      clientId: `gateway-${process.pid}`,
    });
    const server = new JobServer(client);
    const jobs = '$aws/things/+/jobs';
    const filters = [`${jobs}/start-next`, `${jobs}/+/get`, `${jobs}/+/update`, '$aws/things/+/shadow/update'];
    await client.subscribeAsync(filters, { qos: 1 });
    return server;
  }

  /** Queues the job and announces it. */
  offer(thing: string, jobId: string, document: TestDocument): void {
    const execution: Execution = { jobId, thing, document, status: 'QUEUED', versionNumber: 1, starts: 0 };
    this.#executions.push(execution);
    const payload = { timestamp: 0, execution: describe(execution) };
    this.#client.publish(`$aws/things/${thing}/jobs/notify-next`, JSON.stringify(payload), { qos: 1 });
  }

  /** Calls `react` once, in the moment in which the first matching request is answered: before the device hears of it. */
  reactTo(matches: (asked: Asked) => boolean, react: () => void): void {
    this.#reaction = { matches, react };
  }

  cancel(jobId: string): void {
    const execution = this.execution(jobId);
    execution.status = 'CANCELED';
    execution.versionNumber++;
  }

  /** Another writer touches the execution: the device's idea of its version is stale now. */
  bumpVersion(jobId: string): void {
    this.execution(jobId).versionNumber++;
  }

  execution(jobId: string): Execution {
    const found = this.#executions.find((execution) => execution.jobId === jobId);
    if (found === undefined) throw new Error(`no job ${jobId}`);
    return found;
  }

  /** The first update that matches, of those asked since request number `from`. */
  update(jobId: string, matches: (asked: Asked) => boolean, from = 0): Promise<Asked> {
    const isIt = (asked: Asked): boolean => asked.request === 'update' && asked.jobId === jobId && matches(asked);
    return this.asked.first(`update of ${jobId}`, isIt, from);
  }

  /** As `update`, with the number of requests up to and with it. */
  async updateAt(jobId: string, matches: (asked: Asked) => boolean): Promise<{ at: number }> {
    return { at: this.asked.all.indexOf(await this.update(jobId, matches)) + 1 };
  }

  async stop(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #receive(topic: string, payload: string): void {
    const [, , thing = '', kind, ...rest] = topic.split('/');
    const body = JSON.parse(payload) as Body;
    if (kind === 'shadow') return this.asked.add({ thing, request: 'shadow', body, outcome: 'accepted' });
    const request = rest.at(-1) as Asked['request'];
    const asked: Asked = { thing, request, body, outcome: '', ...(rest.length === 2 && { jobId: rest[0] ?? '' }) };
    const answer = this.#answers.get(body.clientToken) ?? this.#apply(asked);
    this.#answers.set(body.clientToken, answer);
    asked.outcome = answer.ok ? 'accepted' : String(answer.body.code);
    const isLost = this.loses(asked);
    if (isLost) asked.outcome = 'lost';
    else
      this.#client.publish(`${topic}/${answer.ok ? 'accepted' : 'rejected'}`, JSON.stringify(answer.body), { qos: 1 });
    if (this.#reaction?.matches(asked)) {
      this.#reaction.react();
      this.#reaction = undefined;
    }
    this.asked.add(asked);
  }

  #apply({ thing, request, jobId, body }: Asked): Answer {
    const { clientToken } = body;
    if (request === 'update') return this.#update(jobId ?? '', body);
    const open = this.#executions.filter((execution) => execution.thing === thing && isOpen(execution));
    const next = open.find((execution) => execution.status === 'IN_PROGRESS') ?? open[0];
    if (next === undefined) return { ok: true, body: { timestamp: 0, clientToken } };
    if (request === 'start-next' && !this.#begin(next)) return this.#apply({ thing, request, body, outcome: '' });
    return { ok: true, body: { timestamp: 0, clientToken, execution: describe(next) } };
  }

  /** False when this start makes the boot loop certain; the execution has failed then. */
  #begin(execution: Execution): boolean {
    if (execution.status === 'IN_PROGRESS') execution.starts++;
    else execution.versionNumber++;
    execution.status = execution.starts >= this.startsOfABootLoop ? 'FAILED' : 'IN_PROGRESS';
    return execution.status === 'IN_PROGRESS';
  }

  #update(jobId: string, { clientToken, status = '', expectedVersion }: Body): Answer {
    const execution = this.#executions.find((one) => one.jobId === jobId);
    const refuse = (code: string): Answer => {
      const executionState = execution && { status: execution.status, versionNumber: execution.versionNumber };
      return { ok: false, body: { code, message: code, timestamp: 0, clientToken, executionState } };
    };
    if (execution === undefined) return refuse('ResourceNotFound');
    if (!isOpen(execution)) return refuse('InvalidStateTransition');
    if (expectedVersion !== undefined && expectedVersion !== execution.versionNumber) return refuse('VersionMismatch');
    execution.status = status;
    execution.versionNumber++;
    return { ok: true, body: { timestamp: 0, clientToken } };
  }
}

function isOpen({ status }: Execution): boolean {
  return status === 'QUEUED' || status === 'IN_PROGRESS';
}

function describe({ jobId, thing, document, status, versionNumber }: Execution): Record<string, unknown> {
  return { jobId, thingName: thing, jobDocument: document, status, versionNumber, executionNumber: 1 };
}
