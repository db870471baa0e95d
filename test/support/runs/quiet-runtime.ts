import { DefaultLogger, Runtime } from '@temporalio/worker';

// What a worker says of its own start and stop would bury a failing test.
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });
