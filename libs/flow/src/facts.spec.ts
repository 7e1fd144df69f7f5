import { defaultMailLimits, parseMail } from '#lib/mail';
import { inPieces } from '../../../test/support/streams.js';
import { factsOf } from './facts.js';
import { acceptedOf } from './fakes/samples.js';

describe('factsOf', () => {
  const mail = parseMail(inPieces(Buffer.from('From: Sue <Sue@Example.com>\r\n\r\nx\r\n')), defaultMailLimits);

  it('gives rules the envelope sender in the one form in which addresses are compared', async () => {
    const given = acceptedOf({ envelope: { mailFrom: 'Bounce+AbC@mailer.example' } });
    expect(factsOf(given, await mail, []).envelopeFrom).toEqual({
      address: 'bounce+abc@mailer.example',
      domain: 'mailer.example',
      displayName: '',
    });
  });

  it('has no envelope sender for the null sender', async () => {
    expect(factsOf(acceptedOf({ envelope: { mailFrom: '' } }), await mail, []).envelopeFrom).toBeNull();
  });

  it('says of recipients of the envelope, and of added ones, after which rule their judging goes on', async () => {
    const given = acceptedOf({
      rcptTo: [
        { address: 'ann@customer.example', resumeAfterRule: 'park' },
        { address: '__proto__@example.com', origin: 'added', resumeAfterRule: 'park' },
        { address: 'more@example.com', origin: 'added' },
      ],
    });
    const facts = factsOf(given, await mail, []);
    expect(facts.recipients).toMatchObject([{ address: 'ann@customer.example', resumeAfterRule: 'park' }]);
    expect(Object.entries(facts.resumeOfAdded ?? {})).toEqual([['__proto__@example.com', 'park']]);
  });
});
