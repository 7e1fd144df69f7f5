import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Where a program is, by the PATH and the folders of system programs; `undefined` if this machine has none. */
export function findTool(name: string): string | undefined {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS]) {
    if (folder === '') continue;
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/**
 * A `describe` whose tests need programs from outside. Where one is missing the tests are skipped under a name that
 * says which; with TEST_REQUIRE_TOOLS=1 (continuous integration) that is a failure instead.
 */
export function describeWith(tools: readonly string[], name: string, define: () => void): void {
  const missing = tools.filter((tool) => findTool(tool) === undefined);
  if (missing.length === 0) {
    describe(name, define);
    return;
  }
  const reason = `${missing.join(', ')} not found on this machine`;
  if (process.env['TEST_REQUIRE_TOOLS'] === '1') {
    describe(name, () => {
      it(`needs a tool: ${reason}`, () => {
        throw new Error(`TEST_REQUIRE_TOOLS is set and ${reason}`);
      });
    });
    return;
  }
  describe.skip(`${name} (skipped: ${reason})`, define);
}
