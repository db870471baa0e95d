/** One application in one environment: its port, its latest release, its desired route. Table `application_places`. */
import type { Route } from '#domain/containers/route.ts';
import { jsonText } from './json-text.ts';
import type { Connection, Pool } from './pool.ts';

export interface ApplicationPlace {
  readonly environment: string;
  readonly application: string;
  readonly listenPort: number;
  readonly lastRelease: number;
  readonly generation: number;
  /** Null before its first release. */
  readonly route: Route | null;
}

const SELECT = `select environment, application, listen_port as "listenPort", last_release as "lastRelease",
    generation::float8 as generation, route from application_places`;

export async function readPlace(
  database: Connection | Pool,
  environment: string,
  application: string,
): Promise<ApplicationPlace | null> {
  const { rows } = await database.query<ApplicationPlace>(`${SELECT} where environment = $1 and application = $2`, [
    environment,
    application,
  ]);
  return rows[0] ?? null;
}

/** The same, held against other changes until the transaction ends. */
export async function lockPlace(
  connection: Connection,
  environment: string,
  application: string,
): Promise<ApplicationPlace | null> {
  const { rows } = await connection.query<ApplicationPlace>(
    `${SELECT} where environment = $1 and application = $2 for update`,
    [environment, application],
  );
  return rows[0] ?? null;
}

/** The highest release of an application in any environment; nobody gives it another one until the transaction ends. */
export async function lockLastRelease(connection: Connection, application: string): Promise<number> {
  await connection.query('select pg_advisory_xact_lock(hashtext($1))', [`sluice.releases.${application}`]);
  const { rows } = await connection.query<{ last: number | null }>(
    'select max(last_release) as last from application_places where application = $1',
    [application],
  );
  return rows[0]?.last ?? 0;
}

/** Places with a route whose rows nobody changes at the moment; held until the transaction ends. */
export async function lockQuietRoutes(connection: Connection): Promise<Route[]> {
  const { rows } = await connection.query<{ route: Route }>(
    'select route from application_places where route is not null order by environment, application for update skip locked',
  );
  return rows.map(({ route }) => route);
}

export async function listPlaces(database: Connection | Pool, environment: string): Promise<ApplicationPlace[]> {
  const { rows } = await database.query<ApplicationPlace>(`${SELECT} where environment = $1 order by application`, [
    environment,
  ]);
  return rows;
}

export async function takenPorts(database: Connection | Pool): Promise<number[]> {
  const { rows } = await database.query<{ port: number }>('select listen_port as port from application_places');
  return rows.map(({ port }) => port);
}

/** The application whose port it is, or null. */
export async function holderOfPort(
  database: Connection | Pool,
  port: number,
): Promise<Pick<ApplicationPlace, 'environment' | 'application'> | null> {
  const { rows } = await database.query<Pick<ApplicationPlace, 'environment' | 'application'>>(
    'select environment, application from application_places where listen_port = $1',
    [port],
  );
  return rows[0] ?? null;
}

/** Makes the row; one that is there already stays as it is. No row comes about when another application has the port. */
export async function insertPlace(
  connection: Connection,
  place: Pick<ApplicationPlace, 'environment' | 'application' | 'listenPort'>,
): Promise<void> {
  await connection.query(
    `insert into application_places (environment, application, listen_port) values ($1, $2, $3)
     on conflict do nothing`,
    [place.environment, place.application, place.listenPort],
  );
}

export async function updatePlace(connection: Connection, place: ApplicationPlace): Promise<void> {
  await connection.query(
    `update application_places set listen_port = $3, last_release = $4, generation = $5, route = $6,
       route_revision = route_revision + 1
     where environment = $1 and application = $2`,
    [
      place.environment,
      place.application,
      place.listenPort,
      place.lastRelease,
      place.generation,
      place.route === null ? null : jsonText(place.route),
    ],
  );
}
