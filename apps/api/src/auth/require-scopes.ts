import type { ApiKey, Scope } from '#lib/adapters';
import { ApiError } from '../problem/api-error.js';

/** Error: `ERR_SCOPE_MISSING` (403) naming each scope that is missing. */
export function requireScopes(apiKey: ApiKey, scopes: readonly Scope[]): void {
  const missing = scopes.filter((scope) => !apiKey.scopes.includes(scope));
  if (missing.length === 0) return;
  throw new ApiError('ERR_SCOPE_MISSING', {
    problems: missing.map((scope) => ({ pointer: '', code: 'ERR_SCOPE_MISSING', message: `needs the scope ${scope}` })),
  });
}

/** Error: `ERR_SCOPE_MISSING` (403) naming all of them, if the key has none. */
export function requireAnyScope(apiKey: ApiKey, scopes: readonly Scope[]): void {
  if (!scopes.some((scope) => apiKey.scopes.includes(scope))) requireScopes(apiKey, scopes);
}
