// What the engine itself wrote down of a place's containers: effects counted where they happened.
import type { ContainerStack, Place } from '../../containers/container-stack.ts';

type Kind = 'create' | 'start' | 'destroy';

interface EngineEvent {
  readonly Action: string;
  readonly timeNano: number;
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
}

/** How often each container of a version was created, started and destroyed, one number a container. */
export interface EventCounts {
  of(version: string): Readonly<Record<Kind, readonly number[]>>;
}

/** The events since `sinceMs`; an engine that was restarted has forgotten those before. */
export async function containerEvents(
  { docker }: ContainerStack,
  { environment, application }: Place,
  sinceMs: number,
): Promise<EventCounts> {
  const label = [`sluice.environment=${environment}`, `sluice.application=${application}`];
  const stream = await docker.getEvents({
    since: Math.floor(sinceMs / 1000),
    until: Math.ceil(Date.now() / 1000),
    filters: { type: ['container'], label },
  });
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  const all = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as EngineEvent]));
  // The engine takes whole seconds: what came before in the first of them is not meant.
  const events = all.filter(({ timeNano }) => timeNano / 1e6 >= sinceMs);
  const countsOf = (version: string, kind: string): number[] => {
    const own = events.filter(({ Action, Actor }) => Action === kind && Actor.Attributes['sluice.version'] === version);
    const names = new Set(own.map(({ Actor }) => Actor.Attributes['name']));
    return [...names].map((name) => own.filter(({ Actor }) => Actor.Attributes['name'] === name).length);
  };
  return {
    of: (version) => ({
      create: countsOf(version, 'create'),
      start: countsOf(version, 'start'),
      destroy: countsOf(version, 'destroy'),
    }),
  };
}
