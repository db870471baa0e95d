// The proxy's runtime API, as a script would speak it.
import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { askHaproxy } from '../../../support/servers/haproxy.ts';
import { adminSocket, mapFile, SERVICE, type Arm } from './proxy-configuration.ts';

const UP_POLL_MS = 25;
const IDLE_POLL_MS = 50;
const DELETE_POLL_MS = 10;
const TIMEOUT_MS = 30_000;
// Both words of the pool, or no connection to the member is used twice.
const MEMBER = 'check inter 500ms fall 3 rise 1 weight 100 pool-max-conn 200 pool-purge-delay 5s';

export interface Member {
  /** Of its container and of its server in the proxy. */
  readonly name: string;
  /** Address and port. */
  readonly address: string;
}

interface Row {
  readonly svname: string;
  readonly status: string;
  readonly check_status: string;
  /** Sessions at this moment. */
  readonly scur: string;
}

type MapName = 'stable_be' | 'canary_be' | 'canary' | 'hold';

export class Routing {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The file first: a proxy that starts anew reads it. */
  async setMap(name: MapName, value: string | number): Promise<void> {
    const file = mapFile(this.#folder, name);
    writeFileSync(`${file}.tmp`, `${SERVICE} ${value}\n`);
    renameSync(`${file}.tmp`, file);
    await this.#say(`set map ${file} ${SERVICE} ${value}`);
  }

  /** They are given requests at once, so they have to serve already. */
  async add(arm: Arm, members: readonly Member[]): Promise<void> {
    for (const { name, address } of members) {
      await this.#say(`add server ${arm}/${name} ${address} ${MEMBER}`, /^New server registered\.$/);
      await this.#say(`enable health ${arm}/${name}`);
      await this.#say(`enable server ${arm}/${name}`);
    }
  }

  /** Until the proxy itself has seen each of them healthy. */
  async waitUp(arm: Arm, members: readonly Member[]): Promise<void> {
    await this.#until(arm, members, UP_POLL_MS, (row) => /^UP/.test(row.status) && row.check_status.includes('L7OK'));
  }

  /** No new requests for them. */
  async drain(arm: Arm, members: readonly Member[]): Promise<void> {
    for (const { name } of members) await this.#say(`set server ${arm}/${name} state drain`);
  }

  /** Until they answer nothing any more. */
  async waitIdle(arm: Arm, members: readonly Member[]): Promise<void> {
    await this.#until(arm, members, IDLE_POLL_MS, (row) => row.scur === '0');
  }

  async park(arm: Arm, members: readonly Member[]): Promise<void> {
    for (const { name } of members) await this.#say(`set server ${arm}/${name} state maint`);
  }

  /** After their containers have stopped: a connection that is left would hold them. */
  async remove(arm: Arm, members: readonly Member[]): Promise<void> {
    for (const { name } of members) {
      const deadline = Date.now() + TIMEOUT_MS;
      for (;;) {
        const answer = await this.#ask(`del server ${arm}/${name}`);
        if (answer === 'Server deleted.') break;
        if (!answer.includes('still has connections') || Date.now() > deadline) throw new Error(`${name}: ${answer}`);
        await pause(DELETE_POLL_MS);
      }
    }
  }

  async #until(arm: Arm, members: readonly Member[], pollMs: number, isTrue: (row: Row) => boolean): Promise<void> {
    const deadline = Date.now() + TIMEOUT_MS;
    for (;;) {
      const rows = await this.#statistics(arm);
      if (members.every(({ name }) => rows.some((row) => row.svname === name && isTrue(row)))) return;
      if (Date.now() > deadline) throw new Error(`the proxy's members are not there: ${JSON.stringify(rows)}`);
      await pause(pollMs);
    }
  }

  async #statistics(arm: Arm): Promise<Row[]> {
    const [names = '', ...lines] = (await this.#ask(`show stat ${arm} 4 -1`)).split('\n');
    const columns = names.replace('# ', '').split(',');
    return lines.map((line) => {
      const values = line.split(',');
      const valueOf = (column: string) => values[columns.indexOf(column)] ?? '';
      return {
        svname: valueOf('svname'),
        status: valueOf('status'),
        check_status: valueOf('check_status'),
        scur: valueOf('scur'),
      };
    });
  }

  async #say(command: string, expected = /^$/): Promise<void> {
    const answer = await this.#ask(command);
    if (!expected.test(answer)) throw new Error(`${command}: ${answer}`);
  }

  async #ask(command: string): Promise<string> {
    return (await askHaproxy(adminSocket(this.#folder), command)).trim();
  }
}
