import { duration, flag, headers, listOf, oneOf, secret, section, text, whole } from './fields.schema.ts';

// Sections of the specification that nothing acts on yet: checked, stored and reported as "not used yet", so that a whole
// file is accepted and a slip in it is still found.

const GlobalSpec = section({
  organization: text().optional(),
  project: text().optional(),
  notification_channels: listOf('channels', text('a channel')).optional(),
});

const NotificationsSpec = section({
  email: section({
    enabled: flag().optional(),
    smtp_server: text('a host').optional(),
    smtp_port: whole(1, 65_535).optional(),
    use_tls: flag().optional(),
    from_email: text('an address').optional(),
    recipients: listOf('addresses', text('an address')).optional(),
  }).optional(),
  slack: section({
    enabled: flag().optional(),
    webhook_url: secret().optional(),
    channel: text('a channel').optional(),
    username: text().optional(),
    icon_emoji: text().optional(),
  }).optional(),
  webhook: section({
    enabled: flag().optional(),
    url: secret().optional(),
    method: oneOf(['POST', 'PUT', 'PATCH', 'GET']).optional(),
    headers: headers().optional(),
  }).optional(),
});

const SecuritySpec = section({
  api_key_auth: flag().optional(),
  jwt_secret: secret().optional(),
  rate_limiting: section({
    enabled: flag().optional(),
    max_requests: whole(1).optional(),
    window_seconds: whole(1).optional(),
  }).optional(),
  ip_whitelist: listOf('addresses', text('an address or a network such as 192.168.1.0/24')).optional(),
  encryption: section({
    enabled: flag().optional(),
    algorithm: text('an algorithm').optional(),
    key_rotation_days: whole(1).optional(),
  }).optional(),
});

const LoggingSpec = section({
  audit_logging: flag().optional(),
  log_level: oneOf(['DEBUG', 'INFO', 'WARN', 'WARNING', 'ERROR', 'CRITICAL']).optional(),
  log_file: text('a file').optional(),
  detailed_logging: flag().optional(),
  verbose_output: flag().optional(),
});

const AlertRule = section({
  name: text('a name'),
  condition: text('a condition'),
  severity: text('a severity').optional(),
  message: text().optional(),
});

const CacheSpec = section({
  enabled: flag().optional(),
  cache_type: text('a kind of cache').optional(),
  redis_url: secret().optional(),
  default_ttl: duration().optional(),
});

const DatabaseSpec = section({
  connection_string: secret().optional(),
  pool_size: whole(1).optional(),
  max_overflow: whole(0).optional(),
  pool_timeout: duration().optional(),
});

/** The sections by name, in the specification's order. */
export const recordedSections = {
  global: GlobalSpec.optional(),
  notifications: NotificationsSpec.optional(),
  security: SecuritySpec.optional(),
  logging: LoggingSpec.optional(),
  alerting: section({ rules: listOf('rules', AlertRule).optional() }).optional(),
  cache: CacheSpec.optional(),
  database: DatabaseSpec.optional(),
};
