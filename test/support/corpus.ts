import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the whole test corpus: TEST_CORPUS_DIR, else beside the repository; `undefined` where it is not. */
function corpusDir(): string | undefined {
  const folder = process.env['TEST_CORPUS_DIR'] ?? join(import.meta.dirname, '../../../shared/corpus');
  return existsSync(join(folder, 'messages')) ? folder : undefined;
}

/** A `describe` over the whole corpus; without it the tests are left out under a name that says so. */
export function describeWithCorpus(name: string, define: (folder: string) => void): void {
  const folder = corpusDir();
  if (folder === undefined) {
    describe.skip(`${name} (corpus left out: TEST_CORPUS_DIR names no corpus)`, () => {
      it('needs the corpus', () => undefined);
    });
    return;
  }
  describe(name, () => {
    define(folder);
  });
}
