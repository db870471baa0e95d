import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isThingName } from '#domain/ids.ts';
import { writeAccess, writeBrokerFiles } from '../../../activities/adapters/mqtt/broker-access.ts';
import {
  credentialsKeyFile,
  devicePassword,
  deviceUser,
  GATEWAY_USER,
  gatewayPassword,
  readOrCreateCredentialsKey,
  thingOfUser,
} from '../../../activities/adapters/mqtt/credentials.ts';
import { aclText, mosquittoConfig, passwordLine } from '../../../activities/adapters/mqtt/mosquitto-config.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';

const temp = makeTempFolder('broker-access');
afterAll(() => temp.remove());
const key = Buffer.alloc(32, 7);

describe('credentials', () => {
  it('follow from the key and the name', () => {
    expect(devicePassword(key, 'a')).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(devicePassword(key, 'a')).toBe(devicePassword(key, 'a'));
    expect(devicePassword(key, 'a')).not.toBe(devicePassword(key, 'b'));
    expect(devicePassword(Buffer.alloc(32, 8), 'a')).not.toBe(devicePassword(key, 'a'));
    expect(gatewayPassword(key)).not.toBe(devicePassword(key, '0'));
    expect(isThingName(GATEWAY_USER)).toBe(false);
  });

  it('come from one key, made once, readable by its owner only', () => {
    const made = readOrCreateCredentialsKey(temp.path);
    expect(made).toHaveLength(32);
    expect(readOrCreateCredentialsKey(temp.path)).toEqual(made);
    expect(statSync(credentialsKeyFile(temp.path)).mode & 0o777).toBe(0o600);
  });
});

describe('the password file', () => {
  it('holds salted SHA-512 as mosquitto writes it', () => {
    const [user, , kind, salt = '', hash] = passwordLine('ab', 'secret').replace('ab:', 'ab$').split('$');
    expect([user, kind]).toEqual(['ab', '6']);
    const expected = createHash('sha512').update('secret').update(Buffer.from(salt, 'base64')).digest('base64');
    expect(hash).toBe(expected);
  });

  it('has no colon in a user, and the rules have the topics of those it is missing from', async () => {
    const place = { folder: join(temp.path, 'colons'), port: 1883, host: '127.0.0.1' };
    const text = (file: string) => readFileSync(join(place.folder, file), 'utf8');
    writeBrokerFiles(place, key);
    await writeAccess(
      place.folder,
      key,
      (async function* () {
        yield* ['plain', 'site:a:1'];
      })(),
    );
    expect(
      text('passwd')
        .split('\n')
        .map((line) => line.split(':')[0]),
    ).toEqual([GATEWAY_USER, 'plain', 'site=a=1', '']);
    const rules = text('acl');
    expect(rules).toContain('user site=a=1\ntopic write $aws/things/site:a:1/jobs/+/update\n');
    expect(rules).not.toContain('plain');
    writeBrokerFiles(place, key);
    expect(text('acl')).toBe(rules);
    expect(thingOfUser(deviceUser('site:a:1'))).toBe('site:a:1');
    expect(isThingName(deviceUser('site:a:1'))).toBe(false);
  });

  it('is made with the gateway alone, and left alone when it is there', () => {
    const place = { folder: join(temp.path, 'mosquitto'), port: 1883, host: '127.0.0.1' };
    writeBrokerFiles(place, key);
    writeFileSync(join(place.folder, 'passwd'), 'kept');
    writeBrokerFiles(place, key);
    expect(statSync(join(place.folder, 'passwd')).size).toBe(4);
    expect(statSync(join(place.folder, 'mosquitto.conf')).mode & 0o777).toBe(0o600);
  });
});

describe('the broker', () => {
  it('drops nothing silently, keeps nothing, and takes the user for the client id', () => {
    const lines = mosquittoConfig({ folder: '/b', port: 1999, host: '127.0.0.1' }).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'listener 1999 127.0.0.1',
        'allow_anonymous false',
        'use_username_as_clientid true',
        'max_inflight_messages 0',
        'max_queued_messages 0',
        'persistence false',
        'password_file /b/passwd',
      ]),
    );
  });

  it('lets devices publish nothing but requests', () => {
    const writes = aclText()
      .split('\n')
      .filter((line) => line.startsWith('pattern write'));
    expect(writes.map((line) => line.replace('pattern write $aws/things/%u/', '')).sort()).toEqual([
      'jobs/+/get',
      'jobs/+/update',
      'jobs/get',
      'jobs/start-next',
      'shadow/update',
    ]);
  });
});
