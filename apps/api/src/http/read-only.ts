import type { RequestProblem } from '../problem/api-error.js';
import { jsonPointer } from './json-pointer.js';

/**
 * Takes the properties that only we set out of what a client sends back, so that what was read can be changed and written.
 * One that differs from what is stored is a problem; what is no object is passed on for others to refuse.
 */
export function withoutReadOnly(
  body: unknown,
  stored: Readonly<Record<string, unknown>>,
  names: readonly string[],
): { readonly rest: unknown; readonly problems: readonly RequestProblem[] } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { rest: body, problems: [] };
  const entries = Object.entries(body);
  const problems = entries
    .filter(([name, value]) => names.includes(name) && value !== stored[name])
    .map(([name]) => ({ pointer: jsonPointer(name), code: 'ERR_PROPERTY_READ_ONLY', message: 'cannot be changed' }));
  return { rest: Object.fromEntries(entries.filter(([name]) => !names.includes(name))), problems };
}
