import type { Provider } from '#lib/adapters';

const PROVIDERS: readonly Provider[] = [];

/** Providers by their names in `/v1/ingest/<name>/…`. */
export function knownProviders(): ReadonlyMap<string, Provider> {
  return new Map(PROVIDERS.map((provider) => [provider.name, provider]));
}
