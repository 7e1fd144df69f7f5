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
});
