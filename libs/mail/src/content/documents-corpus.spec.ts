import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithCorpus } from '../../../../test/support/corpus.js';
import { inPieces } from '../../../../test/support/streams.js';
import { parseMail } from '../parse-mail.js';
import { defaultMailLimits, EVERYTHING } from '../parsed-mail.js';

interface Expected {
  readonly file: string;
  readonly sha256: string;
  readonly encrypted: boolean;
  readonly executable?: boolean;
}

/** An old form of Apple's, whose encrypted index has the name of the plain one. */
const NOT_SEEN = ['apache-tika/testPagesPwdProtected.pages'];

describeWithCorpus('documents and archives of the corpus', (folder) => {
  const root = join(folder, 'documents');
  const lines = readFileSync(join(root, 'expected.jsonl'), 'utf8').trim().split('\n');

  it.each(lines.map((line) => JSON.parse(line) as Expected).map((one) => [one.file, one] as const))(
    '%s is protected, or a program, as it should be, and has its hash',
    async (file, { sha256, encrypted, executable = false }) => {
      const name = file.split('/').at(-1) ?? '';
      const header = `Content-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n`;
      const body = readFileSync(join(root, file)).toString('base64');
      const mail = await parseMail(inPieces(Buffer.from(header + body), 65_536), defaultMailLimits, EVERYTHING);
      expect(mail.attachments[0]).toMatchObject({
        contents: {
          isPasswordProtected: encrypted && !NOT_SEEN.includes(file),
          isExecutable: executable,
          limitExceeded: false,
        },
      });
      expect(mail.attachments[0]?.hashes[0]).toBe(sha256);
    },
  );
});
