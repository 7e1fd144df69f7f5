import fc from 'fast-check';
import { gather, inPieces } from '../../../../test/support/streams.js';
import { applyEdits } from './apply-edits.js';
import { HeaderBlock } from './header-block.js';
import { splitMessage } from './split-message.js';

/** Bytes in which line ends, colons and white space are frequent. */
const anyBytes = fc
  .array(
    fc.oneof(
      fc.constantFrom('\r\n', '\n', '\r', ': ', ':', ' ', '\t', '\r\n\r\n', 'Bcc: x\r\n', 'Subject'),
      fc.string(),
    ),
    {
      maxLength: 40,
    },
  )
  .map((pieces) => Buffer.from(pieces.join('')))
  .chain((text) =>
    fc.oneof(
      fc.constant(text),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    ),
  );
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 120 }),
);

describe('HeaderBlock', () => {
  it('guarantees that a message cut at its header and joined again is the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, fc.integer({ min: 1, max: 50 }), async (bytes, size) => {
        const { header, body } = await splitMessage(inPieces(bytes, size));
        expect(Buffer.concat([header.toBytes(), await gather(body)]).equals(bytes)).toBe(true);
      }),
    );
  });

  it('guarantees that the cut does not depend on the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, async (bytes) => {
        const whole = await splitMessage(inPieces(bytes));
        const single = await splitMessage(inPieces(bytes, 1));
        expect(single.header.toBytes().equals(whole.header.toBytes())).toBe(true);
      }),
    );
  });

  it('guarantees that a value never adds a header line, and reads back as it was given', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const header = HeaderBlock.parse(Buffer.from('From: a@b.example\r\nTo: c@d.example\r\n\r\n'));
        const edited = applyEdits(header, [
          { type: 'setHeader', name: 'X-Note', value },
          { type: 'setSubject', text: value },
        ]);
        const again = HeaderBlock.parse(edited.toBytes());
        expect(again.fields.map(({ name }) => name)).toEqual(['From', 'To', 'X-Note', 'Subject']);
        expect(again.end.length).toBe(2);

        const expected = value
          .toWellFormed()
          .replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')
          .trim();
        expect(again.get('Subject')).toEqual([expected]);
        expect(again.get('X-Note')).toEqual([expected]);
        for (const line of edited.toBytes().toString('latin1').split('\r\n'))
          expect(line.length).toBeLessThanOrEqual(998);
      }),
    );
  });

  it('guarantees that an address is never more than an address, whatever the field held', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const bare = value.replace(/[\r\n]/g, ' ');
        const header = HeaderBlock.parse(Buffer.from(`To: ${bare}\r\nX: y\r\n\r\n`));
        const edited = applyEdits(header, [{ type: 'addAddress', field: 'to', address: 'new@d.example' }]);
        expect(
          HeaderBlock.parse(edited.toBytes())
            .fields.map(({ name }) => name)
            .filter((name) => name !== 'To'),
        ).toEqual(['X']);
      }),
    );
  });
});
