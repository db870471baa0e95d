import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KillPoints } from '../../support/crash/kill-point.ts';
import { KillSwitch } from '../../support/crash/kill-switch.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';

let folder: TempFolder;
let points: KillPoints;
let killSwitch: KillSwitch;
const kill = vi.spyOn(process, 'kill');

beforeEach(() => {
  folder = makeTempFolder('points');
  points = new KillPoints(folder.path);
  killSwitch = new KillSwitch(folder.path);
  kill.mockReset().mockReturnValue(true);
});
afterEach(() => folder.remove());

describe('a point at which a process is to die', () => {
  it('kills the process that reaches it, once, and says who it was', async () => {
    const armed = points.arm('here');
    killSwitch.reached('elsewhere');
    expect(kill).not.toHaveBeenCalled();
    killSwitch.reached('here');
    killSwitch.reached('here');
    expect(kill.mock.calls).toEqual([[process.pid, 'SIGKILL']]);
    expect(await armed.fired(1_000)).toMatchObject({ point: 'here', pid: process.pid });
  });

  it('kills at the hit that was asked for', () => {
    const armed = points.arm('here', { hits: 3 });
    killSwitch.reached('here');
    killSwitch.reached('here');
    expect(armed.look()).toBeNull();
    killSwitch.reached('here');
    expect(armed.look()).not.toBeNull();
  });

  it('is not forgotten for another one', () => {
    const [first, second] = [points.arm('first'), points.arm('second')];
    killSwitch.reached('second');
    killSwitch.reached('first');
    expect([first.look(), second.look()]).not.toContain(null);
  });

  it('cannot be armed again before somebody reached it', () => {
    points.arm('here');
    expect(() => points.arm('here')).toThrow('here is armed already');
    killSwitch.reached('here');
    expect(() => points.arm('here')).not.toThrow();
  });

  it('is named at the end when nobody reached it', () => {
    points.arm('reached');
    points.arm('missed');
    killSwitch.reached('reached');
    expect(points.clear()).toEqual(['missed']);
    killSwitch.reached('missed');
    expect(kill).toHaveBeenCalledTimes(1);
  });
});

describe('a point at which a process is to stand still', () => {
  it('holds it, beating, until it is let go', async () => {
    const armed = points.arm('here', { then: 'hold' });
    const beat = vi.fn();
    const passed = vi.fn();
    const passing = killSwitch.passed('here', beat).then(passed);
    await armed.fired(1_000);
    await vi.waitFor(() => expect(beat.mock.calls.length).toBeGreaterThan(1));
    expect(passed).not.toHaveBeenCalled();
    armed.release();
    await passing;
    expect(kill).not.toHaveBeenCalled();
  });

  it('lets go of everybody at the end', async () => {
    const armed = points.arm('here', { then: 'hold' });
    const passing = killSwitch.passed('here');
    await armed.fired(1_000);
    points.clear();
    await passing;
  });
});
