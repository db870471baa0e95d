// The reserved topics of AWS IoT Jobs and of the device shadow, as the gateway uses them.

/** All that the gateway subscribes to. Not `jobs/#`: it would get its own answers back. */
export const REQUEST_FILTERS = [
  '$aws/things/+/jobs/start-next',
  '$aws/things/+/jobs/get',
  '$aws/things/+/jobs/+/get',
  '$aws/things/+/jobs/+/update',
  '$aws/things/+/shadow/update',
] as const;

export const jobsTopic = (thing: string, rest: string): string => `$aws/things/${thing}/jobs/${rest}`;

export const shadowTopic = (thing: string): string => `$aws/things/${thing}/shadow/update`;
