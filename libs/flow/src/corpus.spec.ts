import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMessage } from '#lib/crypto';
import { canonicalizeLineEnds } from '#lib/mail';
import { describeWithCorpus } from '../../../test/support/corpus.js';
import { hasStrayLines } from '../../../test/support/entity.js';
import { testKey } from '../../../test/support/smime-keys.js';
import { collect, concat } from './byte-streams.js';
import { evaluateDryRun } from './dry-run.js';
import { FakeLine, ORGANIZATION } from './fakes/fake-line.js';

const ANN = 'ann@customer.example';
const BOB = 'bob@customer.example';
const ENCRYPT = {
  conditions: { all: [{ fact: 'recipient.scope', operator: 'equal', value: 'external' }] },
  actions: [
    { type: 'encrypt', method: 'auto', template: 'encrypt-only', onMissingKey: 'hold', subject: 'keep' } as const,
  ],
};
const SUBJECT_OF_BOB = {
  conditions: {
    all: [
      { fact: 'recipient.address', operator: 'equal', value: BOB },
      { fact: 'body', operator: 'containsWords', value: ['test', 'the', 'message'] },
    ],
  },
  actions: [{ type: 'quarantine' } as const],
};

/** The content lines in their order and the body, cut with no code of ours. */
function entityOf(message: Buffer): Buffer {
  const text = message.toString('latin1');
  const end = text.startsWith('\r\n') ? -2 : text.indexOf('\r\n\r\n');
  const isAllHeader = end === -1;
  const header = isAllHeader ? text.replace(/\r\n$/, '') : text.slice(0, Math.max(end, 0));
  const body = isAllHeader ? '' : text.slice(end + 4);
  const fields = header.split(/\r\n(?![ \t])/);
  const content = fields.filter((field) => /^content-[^\s:]*[ \t]*:/i.test(field));
  if (!content.some((field) => /^content-type[ \t]*:/i.test(field))) content.push('Content-Type: text/plain');
  return Buffer.from(`${content.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

describeWithCorpus('the line over the whole corpus', (folder) => {
  const messages = join(folder, 'messages');
  const names = readdirSync(messages, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.eml'));

  it('guarantees that each message is delivered sealed, and opens to its entity, or is held with a named reason', async () => {
    const line = new FakeLine([ENCRYPT]);
    line.keys.add(ANN, testKey('ann').certificate);
    expect(names.length).toBeGreaterThan(300);
    const held: string[] = [];
    const withText: string[] = [];
    for (const name of names) {
      const raw = await collect(canonicalizeLineEnds(concat(readFileSync(join(messages, name)))));
      const id = await line.send(raw, { rcptTo: [ANN], connection: { isTrustedNetwork: false } });
      const { state, code } = line.record.recipient(id, ANN);
      const sent = line.relay.sent.splice(0).filter(({ outgoing }) => outgoing.messageId === id);
      // Text among the fields of the header would leave above the ciphertext.
      if (hasStrayLines(raw)) {
        withText.push(name);
        expect([name, code]).toEqual([name, 'ERR_MAIL_STRAY_LINES']);
      }
      if (state === 'held') {
        if (code !== 'ERR_MAIL_STRAY_LINES') held.push(`${name} ${code ?? ''}`);
        else expect(withText).toContain(name);
        expect([name, sent.length]).toEqual([name, 0]);
        expect([name, code]).toEqual([name, expect.stringMatching(/^ERR_[A-Z_]+$/)]);
        continue;
      }
      expect([name, state, sent.length]).toEqual([name, 'delivered', 1]);
      expect([name, sent[0]?.outgoing.protection]).toEqual([name, 'smime']);
      const entity = openMessage(concat(sent[0]!.bytes), [testKey('ann')], { random: randomBytes });
      const opened = await collect(entity);
      if (!opened.equals(entityOf(raw)))
        expect([name, opened.toString('latin1')]).toEqual([name, entityOf(raw).toString('latin1')]);
    }
    // Test messages with a comment on top, most of them; of the others a few are hostile, most are ordinary mail.
    expect(withText.length).toBeLessThan(names.length / 12);
    expect(held.length).toBeLessThan(names.length / 50);
  });

  it('guarantees that what a dry run says is what the line then does', async () => {
    const line = new FakeLine([SUBJECT_OF_BOB, { ...ENCRYPT, id: 'encrypt' }]);
    line.keys.add(ANN, testKey('ann').certificate);
    const ruleSet = { hash: line.ruleSet, content: await line.ruleSets.load(ORGANIZATION, line.ruleSet) };
    const rcptTo = [ANN, BOB];
    for (const name of names) {
      const raw = await collect(canonicalizeLineEnds(concat(readFileSync(join(messages, name)))));
      const said = await evaluateDryRun(line.ports, {
        organizationId: ORGANIZATION,
        raw,
        mailFrom: 'sue@example.com',
        rcptTo,
        ruleSet,
        isTrusted: true,
      });
      const id = await line.send(raw, { rcptTo });
      line.relay.sent.length = 0;
      for (const { address, rules, protection, wouldHold } of said.recipients) {
        const done = line.record.recipient(id, address);
        expect([
          name,
          address,
          done.rules,
          done.protection ?? 'none',
          done.state === 'held' ? done.code : null,
        ]).toEqual([name, address, rules, protection, wouldHold]);
      }
    }
  });
});
