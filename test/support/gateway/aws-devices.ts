// The unmodified AWS IoT device SDK as a device of ours, over MQTT 3.1.1 and 5. Its metrics have to be off: they go into
// the user name (`thing?SDK=…`), which AWS cuts off and a plain broker takes for another user.
import { once } from 'node:events';
import { io, iotjobs, mqtt, mqtt5 } from 'aws-iot-device-sdk-v2';

export type AwsJobs = Pick<
  iotjobs.IotJobsClientv2,
  | 'getPendingJobExecutions'
  | 'describeJobExecution'
  | 'startNextPendingJobExecution'
  | 'updateJobExecution'
  | 'createNextJobExecutionChangedStream'
  | 'createJobExecutionsChangedStream'
>;

export interface AwsDevice {
  readonly jobs: AwsJobs;
  close(): Promise<void>;
}

export interface AwsDeviceOptions {
  readonly port: number;
  readonly thing: string;
  readonly password: string;
  /** How long a request waits for its answer. */
  readonly operationTimeoutInSeconds?: number;
}

const requests = ({ operationTimeoutInSeconds = 20 }: AwsDeviceOptions) => ({
  maxRequestResponseSubscriptions: 6,
  maxStreamingSubscriptions: 2,
  operationTimeoutInSeconds,
});

export async function awsDeviceMqtt311(options: AwsDeviceOptions): Promise<AwsDevice> {
  const { port, thing, password } = options;
  const connection = new mqtt.MqttClient(new io.ClientBootstrap()).new_connection({
    client_id: thing,
    host_name: '127.0.0.1',
    port,
    username: thing,
    password,
    disable_metrics: true,
    clean_session: true,
    keep_alive: 30,
    socket_options: new io.SocketOptions(),
    use_websocket: false,
  });
  await connection.connect();
  const jobs = iotjobs.IotJobsClientv2.newFromMqtt311(connection, requests(options));
  return {
    jobs,
    close: async () => {
      jobs.close();
      await connection.disconnect();
    },
  };
}

export async function awsDeviceMqtt5(options: AwsDeviceOptions): Promise<AwsDevice> {
  const { port, thing, password } = options;
  const client = new mqtt5.Mqtt5Client({
    hostName: '127.0.0.1',
    port,
    disableMetrics: true,
    connectProperties: {
      clientId: thing,
      username: thing,
      password: Buffer.from(password),
      keepAliveIntervalSeconds: 30,
    },
  });
  const connected = once(client, 'connectionSuccess');
  client.start();
  await connected;
  const jobs = iotjobs.IotJobsClientv2.newFromMqtt5(client, requests(options));
  return {
    jobs,
    close: async () => {
      jobs.close();
      const stopped = once(client, 'stopped');
      client.stop();
      await stopped;
      client.close();
    },
  };
}
