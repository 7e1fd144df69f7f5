import { readFileSync } from 'node:fs';

interface Media {
  readonly examples?: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

interface Route {
  readonly pattern: RegExp;
  readonly operation: Operation;
}

let routes: readonly Route[] | undefined;

/**
 * Throws if a documented route gave an answer that openapi.json does not have: a status, or a code under it. Integration
 * tests show each answer, so that whatever they meet is documented.
 */
export function checkDeclared(method: string, path: string, status: number, code: unknown): void {
  routes ??= readRoutes();
  const asked = `${method} ${path}`;
  const route = routes.find(({ pattern }) => pattern.test(asked));
  if (route === undefined) return;
  const response = route.operation.responses[status];
  if (response === undefined) throw new Error(`${asked} answered ${status} ${String(code)}: not in openapi.json`);
  if (status < 400 || typeof code !== 'string') return;
  const names = Object.keys(response.content?.['application/problem+json']?.examples ?? {});
  if (names.includes(code) || names.includes(`${code}_${status}`)) return;
  throw new Error(`${asked} answered ${status} with ${code}: openapi.json has ${names.join(', ')}`);
}

/** Paths without parameters first: `/v1/rules/reorder` is no rule. */
function readRoutes(): readonly Route[] {
  const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
    paths: Record<string, Record<string, Operation>>;
  };
  return Object.entries(paths)
    .toSorted(([a], [b]) => Number(a.includes('{')) - Number(b.includes('{')))
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        pattern: new RegExp(`^${method.toUpperCase()} ${patternOf(path)}$`),
        operation,
      })),
    );
}

function patternOf(path: string): string {
  const below = path.startsWith('/v1/ingest/') ? '(?:/.*)?' : '';
  return path.replaceAll(/\{[^}]+\}/g, '[^/]+') + below;
}
