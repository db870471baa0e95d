import { hash } from 'node:crypto';
import { join } from 'node:path';
import { deviceUser, GATEWAY_USER } from './credentials.ts';

/** Names in the broker's folder. */
export const BROKER_FILES = {
  configuration: 'mosquitto.conf',
  acl: 'acl',
  passwords: 'passwd',
  pid: 'mosquitto.pid',
} as const;

export interface BrokerPlace {
  /** The folder with the broker's files. */
  readonly folder: string;
  readonly port: number;
  /** Address that it listens on. */
  readonly host: string;
}

const MEBIBYTE = 1024 * 1024;

/**
 * mosquitto.conf for the broker of one shard.
 * Its defaults drop the gateway's input silently in a burst (20 in flight, 1,000 queued): both limits off, bytes bound instead.
 * Nothing is persisted, because devices repeat what was not answered and the gateway announces again from the database.
 */
export function mosquittoConfig({ folder, port, host }: BrokerPlace): string {
  const lines = [
    `listener ${port} ${host}`,
    'protocol mqtt',
    'allow_anonymous false',
    // A device must not take another one's session by its client id.
    'use_username_as_clientid true',
    `password_file ${join(folder, BROKER_FILES.passwords)}`,
    `acl_file ${join(folder, BROKER_FILES.acl)}`,
    `pid_file ${join(folder, BROKER_FILES.pid)}`,
    'persistence false',
    'max_inflight_messages 0',
    'max_queued_messages 0',
    `max_queued_bytes ${256 * MEBIBYTE}`,
    // Ends the connection of who sends more; what is too large for the protocol but below this gets the protocol's error.
    `max_packet_size ${MEBIBYTE}`,
    'retain_available false',
    'set_tcp_nodelay true',
    'sys_interval 0',
    'connection_messages false',
    'log_dest stderr',
    'log_type error',
    'log_type warning',
    'log_type notice',
    // Started as root it would become user mosquitto, who cannot read this folder; otherwise the line has no effect.
    'user root',
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * What a device may do below its own name, as the broker's rules say it. It publishes its requests and shadow and nothing
 * else, so that it cannot forge answers or notices, not even to itself; it reads only what is sent to it.
 * The broker tries them in this order for each message: the most frequent first.
 */
const DEVICE_RULES = [
  ['write', 'jobs/+/update'],
  ['read', 'jobs/+/+/+'],
  ['write', 'jobs/start-next'],
  ['read', 'jobs/start-next/+'],
  ['read', 'jobs/notify-next'],
  ['write', 'shadow/update'],
  ['read', 'shadow/update/+'],
  ['read', 'jobs/notify'],
  ['write', 'jobs/+/get'],
  ['write', 'jobs/get'],
  ['read', 'jobs/get/+'],
] as const;

/**
 * Who may do what. `%u` is the device's user, which is its thing name. `renamed` are the things whose user is spelt
 * otherwise (`isRenamed`): the pattern does not name their topics, so each has rules of its own.
 * The broker reads those in quadratic time: 1,000 such things in 40 ms, 10,000 in seconds in which nobody is served.
 */
export function aclText(renamed: readonly string[] = []): string {
  const lines = [
    `user ${GATEWAY_USER}`,
    'topic readwrite $aws/things/#',
    ...renamed.flatMap((thing) => [
      '',
      `user ${deviceUser(thing)}`,
      ...DEVICE_RULES.map(([access, topic]) => `topic ${access} $aws/things/${thing}/${topic}`),
    ]),
    '',
    ...DEVICE_RULES.map(([access, topic]) => `pattern ${access} $aws/things/%u/${topic}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** True when the thing's user at the broker is not its name. */
export const isRenamed = (thing: string): boolean => deviceUser(thing) !== thing;

/**
 * The password file's line of one user: salted SHA-512, one round. A slow hash guards passwords that people choose; these
 * are 192 bits of a keyed hash, and 100,000 lines have to be made while an import waits.
 * The salt comes from the name, which no other line has, so that the same input gives the same file.
 */
export function passwordLine(user: string, password: string): string {
  const salt = hash('sha256', user, 'buffer').subarray(0, 12);
  const salted = hash('sha512', Buffer.concat([Buffer.from(password), salt]), 'base64');
  return `${user}:$6$${salt.toString('base64')}$${salted}`;
}
