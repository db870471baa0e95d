import type {
  CommandHealthCheck,
  DatabaseHealthCheck,
  HealthCheck,
  HttpHealthCheck,
  MqttHealthCheck,
  TcpHealthCheck,
} from '#domain/plan/health-check.ts';
import { askDatabase } from '../adapters/database-check/ask-database.ts';
import { askMqtt } from '../adapters/mqtt-check/ask-mqtt.ts';
import { resolveSecret } from '../adapters/secrets/resolve-secret.ts';
import { askTcp } from '../adapters/tcp-check/ask-tcp.ts';
import { head, redact } from './redact.ts';
import { runToldCommand, type CommandTools } from './told-command.ts';
import { runToldRequest } from './told-request.ts';

/** What one try of a health check found. */
export interface Look {
  readonly healthy: boolean;
  readonly summary: string;
  readonly seen: Readonly<Record<string, unknown>>;
}

/** Tries the check once. Throws SECRET_UNRESOLVED, and when it was cancelled. */
export async function lookAtCheck(check: HealthCheck, tools: CommandTools): Promise<Look> {
  switch (check.type) {
    case 'http':
      return lookHttp(check, tools);
    case 'mqtt':
      return lookMqtt(check, tools);
    case 'tcp':
      return lookTcp(check, tools);
    case 'command':
      return lookCommand(check, tools);
    case 'database':
      return lookDatabase(check, tools);
  }
}

async function lookHttp(check: HttpHealthCheck, tools: CommandTools): Promise<Look> {
  const { succeeded, how, seen } = await runToldRequest({ ...check, body: null }, {}, tools);
  return { healthy: succeeded, summary: `${check.name}: ${how}`, seen };
}

async function lookMqtt(check: MqttHealthCheck, tools: CommandTools): Promise<Look> {
  const { broker, topic, timeoutMs } = check;
  const password = check.credentials && (await resolveSecret(check.credentials.password, tools));
  const credentials = check.credentials &&
    password && { username: check.credentials.username, password: password.reveal() };
  const look = await askMqtt({ broker, topic, timeoutMs, credentials, signal: tools.signal });
  const healthy = look.kind === 'heard';
  const summary = healthy ? `${check.name}: a message in ${look.tookMs} ms` : `${check.name}: ${look.why}`;
  return { healthy, summary, seen: { asked: `${redact(broker)} ${topic}`, ...look } };
}

async function lookTcp({ name, host, port, timeoutMs }: TcpHealthCheck, { signal }: CommandTools): Promise<Look> {
  const look = await askTcp({ host, port, timeoutMs, signal });
  const healthy = look.kind === 'open';
  const summary = `${name}: ${healthy ? `open after ${look.tookMs} ms` : look.why}`;
  return { healthy, summary, seen: { asked: `${host} port ${port}`, ...look } };
}

async function lookCommand(check: CommandHealthCheck, tools: CommandTools): Promise<Look> {
  const { kind, how, seen } = await runToldCommand(check, { SLUICE_HEALTH_CHECK: check.name }, tools);
  return { healthy: kind === 'succeeded', summary: `${check.name}: ${how}`, seen };
}

async function lookDatabase(check: DatabaseHealthCheck, tools: CommandTools): Promise<Look> {
  const { name, query, timeoutMs } = check;
  const connectionString = (await resolveSecret(check.connectionString, tools)).reveal();
  const look = await askDatabase({ connectionString, query, timeoutMs, signal: tools.signal });
  const asked = head(redact(query));
  if (look.kind === 'answered') {
    const summary = `${name}: the query succeeded in ${look.tookMs} ms`;
    return { healthy: true, summary, seen: { asked, ...look } };
  }
  const why = redact(look.why, secretsIn(connectionString));
  return { healthy: false, summary: `${name}: ${why}`, seen: { asked, ...look, why } };
}

/** All of a connection string that an error may quote. */
function secretsIn(connectionString: string): string[] {
  if (!URL.canParse(connectionString)) return [connectionString];
  const { password } = new URL(connectionString);
  return [connectionString, password, unescapedOf(password)];
}

function unescapedOf(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
