/** How a named condition may be called: 1 to 100 characters that read the same everywhere. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9 _.-]{0,99}$/;

export function isConditionName(name: unknown): name is string {
  return typeof name === 'string' && NAME.test(name);
}
