import { existsSync, readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import { knownVariables } from '#lib/adapters';

interface Service {
  readonly image?: string;
  readonly user?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly deploy?: { readonly replicas?: number };
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const ours = services.filter(([, service]) => service.image?.startsWith('sealflow:'));

describe('docker-compose.yml', () => {
  it('has the production shape', () => {
    expect(Object.keys(compose.services)).toEqual(['postgres', 'redis', 'migrate', 'api', 'smtp', 'worker']);
    expect(compose.services['worker']?.deploy?.replicas).toBe(2);
  });

  it.each(ours)('%s sets only variables that the code knows', (_, service) => {
    const names = Object.keys(service.environment ?? {});
    expect(names).not.toHaveLength(0);
    expect(names.filter((name) => name.startsWith('SEALFLOW_') && !knownVariables().has(name))).toEqual([]);
  });

  it.each(ours)('%s names a secret file that it is given, and only such', (_, service) => {
    const files = Object.entries(service.environment ?? {}).filter(([name]) => name.endsWith('_FILE'));
    const given = (service.secrets ?? []).map((name) => `/run/secrets/${name}`);
    expect(files.map(([, file]) => file).sort()).toEqual(given.sort());
  });

  it('guarantees that no secret stands in the file', () => {
    const secret = /PASSWORD|API_KEY|DATABASE_URL|REDIS_URL|RELAY_URL|OWNER_URL/;
    for (const [, service] of services) {
      for (const name of Object.keys(service.environment ?? {})) if (secret.test(name)) expect(name).toMatch(/_FILE$/);
    }
    for (const [, { file }] of Object.entries(compose.secrets)) expect(file).toMatch(/^\.\/deploy\/secrets\//);
    expect(readFileSync('.gitignore', 'utf8')).toMatch(/^deploy\/secrets\/$/m);
    expect(readFileSync('.dockerignore', 'utf8')).toMatch(/^deploy\/secrets$/m);
  });

  it.each(services)('%s uses volumes and secrets that are declared', (_, service) => {
    for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(secret);
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':');
      if (source.startsWith('./')) expect(existsSync(source)).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
  });

  it.each(services)('%s runs as an ordinary user', (_, service) => {
    expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it.each(ours)('%s can write nothing but its volumes, and has no capability', (_, service) => {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
  });

  it.each(services.filter(([name]) => name !== 'migrate'))('%s has a health check', (_, service) => {
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
  });

  it.each(services.filter(([, service]) => service.image?.startsWith('sealflow:') !== true))(
    '%s is pinned to a version',
    (_, service) => {
      expect(service.image).toMatch(/:\d+\.\d+/);
    },
  );

  it.each(ours)('%s starts a main that there is', (_, service) => {
    const [node, main = ''] = service.command ?? [];
    expect(node).toBe('node');
    expect(existsSync(main.replace(/^dist\//, '').replace(/\.js$/, '.ts'))).toBe(true);
  });

  it('waits for the database to be migrated before anything of ours starts', () => {
    for (const name of ['api', 'smtp', 'worker']) {
      const after = compose.services[name]?.depends_on;
      expect(after).toMatchObject({ migrate: { condition: 'service_completed_successfully' } });
    }
  });

  it('puts into the image what the processes read', () => {
    const dockerfile = readFileSync('deploy/Dockerfile', 'utf8');
    for (const [, from] of dockerfile.matchAll(/^COPY ([a-z]\S*) \S+$/gm)) expect(existsSync(from ?? '')).toBe(true);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(statSync('deploy/postgres-init.sh').mode & 0o111).not.toBe(0);
  });
});
