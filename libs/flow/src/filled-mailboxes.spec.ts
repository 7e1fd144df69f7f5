import fc from 'fast-check';
import { applyEdits, defaultMailLimits, HeaderBlock, parseMail } from '#lib/mail';
import { compileRuleSet, evaluate } from '#lib/rules';
import { inPieces } from '../../../test/support/streams.js';
import { factsOf } from './facts.js';
import { wholeRule } from './fakes/fake-line.js';
import { acceptedOf } from './fakes/samples.js';

const SETTINGS = { acceptedDomains: ['example.com'], partnerDomains: [], timeZone: 'UTC' };

/** The mailboxes that programs see in Reply-To after a rule has written it with the sender's name; read as To. */
async function replyTo(displayName: string, value: string): Promise<readonly string[]> {
  const name = `=?utf-8?B?${Buffer.from(displayName).toString('base64')}?=`;
  const raw = Buffer.from(`From: ${name} <sue@example.com>\r\n\r\n`);
  const mail = await parseMail(inPieces(raw), defaultMailLimits);
  const rule = wholeRule({ actions: [{ type: 'setHeader', name: 'Reply-To', value }] });
  const verdict = await evaluate(
    compileRuleSet({ rules: [rule], settings: SETTINGS }),
    factsOf(acceptedOf(), mail, []),
  );
  const header = applyEdits(HeaderBlock.parse(raw), verdict.branches[0]?.edits ?? []);
  const written = header.toBytes().toString().replace('Reply-To:', 'To:');
  const { to, headers } = await parseMail(inPieces(Buffer.from(written)), defaultMailLimits);
  expect(headers).toHaveLength(2);
  return to.map((mailbox) => `${mailbox.displayName}|${mailbox.address}`);
}

const TEXTS: readonly (readonly [text: string, nameOf: (name: string) => string])[] = [
  ['{{sender.displayName}} <desk@example.com>', (name) => name],
  ['"{{sender.displayName}} via desk" <desk@example.com>', (name) => `${name} via desk`],
];

describe('a name that a rule fills into a list of mailboxes', () => {
  it.each([
    'a" <evil@x.example>, "b',
    'a\\" <evil@x.example>, \\"b',
    'back\\slash\\',
    'Müller, Jürgen',
    'a <evil@x.example>, ',
    '), evil@x.example (',
    'x'.repeat(490),
  ])('guarantees that it stays the name, whatever it says: %j', async (name) => {
    for (const [text, nameOf] of TEXTS) {
      expect(await replyTo(name, text)).toEqual([`${nameOf(name.trim())}|desk@example.com`]);
    }
  });

  it('guarantees that encoded words in it add no mailbox', async () => {
    for (const [text] of TEXTS) {
      const found = await replyTo('=?utf-8?Q?=22_=3Cevil=40x.example=3E=2C?= =?utf-8?Q?b?=', text);
      expect(found).toEqual([expect.stringMatching(/\|desk@example\.com$/)]);
    }
  });

  it('guarantees one mailbox for any name', async () => {
    const characters = [
      ...Array.from('",<>()\\:;@.=?[] aé\u3000'),
      'evil@x.example',
      '=?utf-8?Q?=2C?=',
      '=?utf-8?B?',
      '?=',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...characters), { maxLength: 12 }),
        fc.constantFrom(...TEXTS),
        async (parts, [text]) => {
          expect(await replyTo(parts.join(''), text)).toEqual([expect.stringMatching(/\|desk@example\.com$/)]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
