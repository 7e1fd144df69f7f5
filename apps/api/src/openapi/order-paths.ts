const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/** Of interest to machines rather than to who learns the API. */
const LAST = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * The same paths in the order in which one learns them: each resource with its list and what makes one, then one of them
 * (read, replaced, changed, removed), then what is done besides. Resources stay in their order, the state comes last.
 */
export function orderPaths<T extends object>(paths: Readonly<Record<string, T>>): Record<string, T> {
  const names = Object.keys(paths);
  const resources = [...new Set(names.map(resourceOf))];
  const rankOf = (path: string): readonly number[] => [
    LAST.has(path) ? 1 : 0,
    resources.indexOf(resourceOf(path)),
    path.split('/').length,
    path.endsWith('}') ? 0 : 1,
    names.indexOf(path),
  ];
  const ordered = names.toSorted((a, b) => compare(rankOf(a), rankOf(b)));
  return Object.fromEntries(
    ordered.flatMap((path) => {
      const operations = paths[path];
      return operations === undefined ? [] : [[path, orderMethods(operations)]];
    }),
  );
}

function orderMethods<T extends object>(operations: T): T {
  const rank = ([name]: [string, unknown]): number => METHODS.indexOf(name);
  return Object.fromEntries<unknown>(Object.entries(operations).toSorted((a, b) => rank(a) - rank(b))) as T;
}

/** `/v1/rules` of `/v1/rules/{id}/versions`. */
function resourceOf(path: string): string {
  return path.split('/').slice(0, 3).join('/');
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((one, n) => one !== b[n]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
