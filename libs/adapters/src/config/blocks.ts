import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import type { Secret } from '#lib/core';
import {
  IsApiKeyText,
  IsDomainList,
  IsFileUrl,
  IsMailAddress,
  IsNetworkList,
  IsPort,
  IsRelayUrl,
  IsUrlOf,
} from './constraints.js';
import { asBaseUrl, asInteger, asList, asSecret, Setting } from './setting.js';

export class DataConfig {
  @Setting('SEALFLOW_DATA_DIR', { meaning: 'Folder of the embedded data (standalone).', defaultText: '`.sealflow`' })
  @IsString()
  dataDir = '.sealflow';
}

export class DatabaseConfig {
  @Setting('SEALFLOW_DATABASE_URL', {
    meaning: 'PostgreSQL 15 or newer, as the application role, which is no superuser and owns nothing.',
    defaultText: 'standalone: the embedded server',
    read: asSecret,
  })
  @IsUrlOf('postgres', 'postgresql')
  databaseUrl!: Secret;
}

export class DatabaseOwnerConfig {
  @Setting('SEALFLOW_DATABASE_OWNER_URL', {
    meaning: 'The same database as the owner role; for `npm run migrate` only.',
    defaultText: 'none',
    read: asSecret,
  })
  @IsUrlOf('postgres', 'postgresql')
  databaseOwnerUrl!: Secret;
}

export class QueueConfig {
  @Setting('SEALFLOW_REDIS_URL', {
    meaning: 'Redis for the queues.',
    defaultText: 'the queues run on the PostgreSQL above',
    read: asSecret,
  })
  @IsOptional()
  @IsUrlOf('redis', 'rediss')
  redisUrl?: Secret;
}

export class StorageConfig {
  @Setting('SEALFLOW_BLOB_URL', {
    meaning: 'Where messages lie, encrypted: a `file:` folder.',
    defaultText: 'standalone: under the data folder',
  })
  @IsFileUrl()
  blobUrl!: string;

  @Setting('SEALFLOW_KMS_URL', {
    meaning: 'Key-encryption keys: a `file:` folder. Back it up: without it no stored message can be read.',
    defaultText: 'standalone: made at first start',
  })
  @IsFileUrl()
  kmsUrl!: string;

  @Setting('SEALFLOW_RETENTION_DAYS', {
    meaning: 'Days after which the content of a finished message is destroyed (its key is); the record stays.',
    defaultText: '30',
    read: asInteger,
  })
  @IsInt()
  @Min(0)
  @Max(36_500)
  retentionDays = 30;
}

export class RelayConfig {
  @Setting('SEALFLOW_RELAY_URL', {
    meaning:
      'Where mail leaves: `smtp://host:port` or `smtps://`, with credentials, and `?tls=none|opportunistic|required|verified`. Without it mail waits.',
    defaultText: 'none: mail waits as `deferred`',
    read: asSecret,
  })
  @IsOptional()
  @IsRelayUrl()
  relayUrl?: Secret;
}

export class PublicConfig {
  @Setting('SEALFLOW_PUBLIC_URL', {
    meaning: 'The API as people reach it.',
    defaultText: '`http://localhost:3000`',
    read: asBaseUrl,
  })
  @IsUrlOf('http', 'https')
  publicUrl = 'http://localhost:3000';

  @Setting('SEALFLOW_PORTAL_URL', {
    meaning: 'The portal as people reach it.',
    defaultText: '`http://localhost:3001`',
    read: asBaseUrl,
  })
  @IsUrlOf('http', 'https')
  portalUrl = 'http://localhost:3001';

  @Setting('SEALFLOW_TRUSTED_PROXIES', {
    meaning: 'Networks whose `X-Forwarded-*` is believed.',
    defaultText: 'none',
    read: asList,
  })
  @IsNetworkList()
  trustedProxies: string[] = [];
}

export class ListenConfig {
  @Setting('SEALFLOW_HOST', { meaning: 'Address that everything listens on.', defaultText: '127.0.0.1' })
  @IsString()
  host = '127.0.0.1';

  @Setting('SEALFLOW_HTTP_PORT', { meaning: 'Port of the API.', defaultText: '3000', read: asInteger })
  @IsPort()
  httpPort = 3000;

  @Setting('SEALFLOW_PORTAL_PORT', { meaning: 'Port of the portal.', defaultText: '3001', read: asInteger })
  @IsPort()
  portalPort = 3001;

  @Setting('SEALFLOW_SMTP_PORT', { meaning: 'Port of the SMTP door.', defaultText: '2525', read: asInteger })
  @IsPort()
  smtpPort = 2525;
}

export class OrganizationConfig {
  @Setting('SEALFLOW_BOOTSTRAP_API_KEY', {
    meaning: 'First start only: the first administrator key, 32 printable characters or more.',
    defaultText: 'standalone: made and printed once',
    read: asSecret,
  })
  @IsOptional()
  @IsApiKeyText()
  bootstrapApiKey?: Secret;

  @Setting('SEALFLOW_ORG_DOMAINS', {
    meaning: 'The accepted domains of the first organization, read as long as it has none.',
    defaultText: 'none',
    read: asList,
  })
  @IsDomainList()
  orgDomains: string[] = [];

  @Setting('SEALFLOW_POSTMASTER', {
    meaning: 'Who is told about held and undeliverable mail.',
    defaultText: "`postmaster@` the organization's first domain",
  })
  @IsOptional()
  @IsMailAddress()
  postmaster?: string;
}

export class SmtpConfig {
  @Setting('SEALFLOW_TRUSTED_NETWORKS', {
    meaning: 'Who may submit by SMTP without authentication.',
    defaultText: '`127.0.0.0/8,::1/128`',
    read: asList,
  })
  @IsNetworkList()
  trustedNetworks: string[] = ['127.0.0.0/8', '::1/128'];

  @Setting('SEALFLOW_SMTP_TLS_CERT_FILE', {
    meaning: "The SMTP door's certificate, PEM.",
    defaultText: 'made at first start',
  })
  @IsOptional()
  @IsString()
  smtpTlsCertFile?: string;

  @Setting('SEALFLOW_SMTP_TLS_KEY_FILE', { meaning: 'Its key, PEM.', defaultText: 'made at first start' })
  @IsOptional()
  @IsString()
  smtpTlsKeyFile?: string;
}

export class SmimeConfig {
  @Setting('SEALFLOW_SMIME_TRUST_DIR', {
    meaning: 'Folder of trust anchors, PEM. Without it chains are not checked, and the trace says so.',
    defaultText: 'none',
  })
  @IsOptional()
  @IsString()
  smimeTrustDir?: string;
}

export class LimitsConfig {
  @Setting('SEALFLOW_MESSAGE_SIZE_MAX', {
    meaning: 'Largest message, bytes.',
    defaultText: '52428800',
    read: asInteger,
  })
  @IsInt()
  @Min(1024)
  @Max(2_147_483_648)
  messageSizeBytesMax = 52_428_800;
}

export class MetricsConfig {
  @Setting('SEALFLOW_METRICS_TOKEN', {
    meaning: 'Bearer token for `/metrics`.',
    defaultText: 'none: only loopback may read it',
    read: asSecret,
  })
  @IsOptional()
  metricsToken?: Secret;
}

export class WorkerConfig {
  @Setting('SEALFLOW_WORKER_CONCURRENCY', {
    meaning: 'Messages that a worker process has in hand at once.',
    defaultText: '16 for each core, at most 64',
    read: asInteger,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1024)
  workerConcurrency?: number;

  @Setting('SEALFLOW_WORKER_PROCESSES', {
    meaning: 'Worker processes.',
    defaultText: 'standalone: one for each two cores; `start:worker`: 1',
    read: asInteger,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(64)
  workerProcesses?: number;
}

/** Every block: the whole table of settings, in the order of docs/config.md. */
export const ALL_BLOCKS: readonly (new () => object)[] = [
  DataConfig,
  DatabaseConfig,
  DatabaseOwnerConfig,
  QueueConfig,
  StorageConfig,
  RelayConfig,
  PublicConfig,
  ListenConfig,
  OrganizationConfig,
  SmtpConfig,
  SmimeConfig,
  LimitsConfig,
  MetricsConfig,
  WorkerConfig,
];
