import { receivedLine } from './received-line.js';
import { acceptedOf } from './fakes/samples.js';

describe('the Received line', () => {
  it('says from where, by whom, how, under which id and when', () => {
    expect(receivedLine(acceptedOf({ id: 'the-id' }), 'mx.example.com')).toBe(
      'from client.example.com ([192.0.2.1]) by mx.example.com (Sealflow) with ESMTPS id the-id; Tue, 24 Nov 2026 12:00:00 +0000',
    );
  });

  it.each([
    ['an IPv6 client', { ip: '2001:db8::1' }, 'from client.example.com ([IPv6:2001:db8::1]) by'],
    ['a HELO name that could break the line', { helo: 'a\r\nBcc: x' }, 'from unknown ([192.0.2.1]) by'],
    ['plain SMTP', { isTls: false }, 'with ESMTP id'],
    ['SMTP with authentication', { apiKeyId: 'key' }, 'with ESMTPSA id'],
    ['REST', { source: 'rest', helo: null, ip: null } as const, /^by mx\.example\.com \(Sealflow\) with HTTPS id/],
    ['a notice of ours', { source: 'system', helo: null, ip: null } as const, 'with local id'],
  ])('is right for %s', (_name, connection, expected) => {
    const line = receivedLine(acceptedOf({ connection }), 'mx.example.com');
    if (typeof expected === 'string') expect(line).toContain(expected);
    else expect(line).toMatch(expected);
    expect(line).not.toMatch(/[\r\n]/);
  });

  it('is the same whenever it is made, and names no recipient', () => {
    const accepted = acceptedOf({ rcptTo: ['ann@customer.example'] });
    expect(receivedLine(accepted, 'a.example')).toBe(receivedLine(accepted, 'a.example'));
    expect(receivedLine(accepted, 'a.example')).not.toContain('ann@');
  });
});
